//! How long a caller is held, and by what means.

use super::action_word::ActionWord;

/// Minutes for which a caller can be held.
pub const TORMENT_MINUTES: std::ops::RangeInclusive<u8> = 1..=60;

/// Holds a caller on the line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Torment {
    /// By phrases, each of which waits for the caller to speak and pause; otherwise by music.
    pub is_interactive: bool,
    /// For how many minutes; 0 for the configured time.
    pub minutes: u8,
}

impl Torment {
    const MUSIC: &'static str = "torment";
    const PHRASES: &'static str = "torment-interactive";

    /// The word of the action: `torment`, `torment:10m`, `torment-interactive`, ...
    pub fn action_word(self) -> &'static str {
        let word = if self.is_interactive {
            Self::PHRASES
        } else {
            Self::MUSIC
        };
        if self.minutes == 0 {
            return word;
        }
        let with_length = ActionWord::keep(&format!("{word}:{}m", self.minutes));
        with_length.map_or(word, ActionWord::as_str)
    }

    /// From the word of the action.
    pub(super) fn from_action_word(word: &str) -> Option<Self> {
        let (word, length) = match word.split_once(':') {
            Some((word, length)) => (word, Some(length)),
            None => (word, None),
        };
        let minutes = match length {
            None => 0,
            Some(length) => {
                let digits = length.strip_suffix('m')?;
                let minutes = digits.parse().ok()?;
                (TORMENT_MINUTES.contains(&minutes) && !digits.starts_with(['+', '0']))
                    .then_some(minutes)?
            }
        };
        let is_interactive = match word {
            Self::MUSIC => false,
            Self::PHRASES => true,
            _ => return None,
        };
        Some(Self {
            is_interactive,
            minutes,
        })
    }
}
