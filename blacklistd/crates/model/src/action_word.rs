//! Words of actions that contain a name or a length of time. Each word is interned once, for the
//! life of the process, so that an action stays as small as an integer however many rules have it.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// Maximum number of different words; only operators make them.
const MOST: usize = 16_384;
/// Maximum length of a name, in characters.
const LONGEST_NAME: usize = 64;

#[derive(Default)]
struct Kept {
    words: Vec<&'static str>,
    places: HashMap<&'static str, u16>,
}

static KEPT: LazyLock<RwLock<Kept>> = LazyLock::new(RwLock::default);

/// An interned action word with a name or value after the colon, such as `redirect:operator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ActionWord(u16);

impl ActionWord {
    /// Interns a word; `None` if there are too many already.
    pub(super) fn keep(word: &str) -> Option<Self> {
        let kept = KEPT.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = kept.places.get(word) {
            return Some(Self(*place));
        }
        drop(kept);
        let mut kept = KEPT.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = kept.places.get(word) {
            return Some(Self(*place));
        }
        let place = u16::try_from(kept.words.len()).ok()?;
        if usize::from(place) >= MOST {
            return None;
        }
        let word: &'static str = Box::leak(word.into());
        kept.words.push(word);
        kept.places.insert(word, place);
        Some(Self(place))
    }

    /// Interns a word whose part after the colon is a name: letters, digits, `-`, `_` and `.`.
    pub(super) fn keep_named(word: &str) -> Option<Self> {
        let (_, name) = word.split_once(':')?;
        is_name(name).then(|| Self::keep(word)).flatten()
    }

    /// The whole word.
    pub fn as_str(self) -> &'static str {
        let kept = KEPT.read().unwrap_or_else(PoisonError::into_inner);
        kept.words
            .get(usize::from(self.0))
            .copied()
            .unwrap_or_default()
    }

    /// The part after the colon.
    pub fn name(self) -> &'static str {
        let word = self.as_str();
        word.split_once(':').map_or("", |(_, name)| name)
    }
}

/// Whether a text can name a prompt or a target. A name cannot leave its folder.
pub fn is_name(text: &str) -> bool {
    (1..=LONGEST_NAME).contains(&text.len())
        && !text.starts_with('.')
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_once() {
        let first = ActionWord::keep_named("redirect:operator").unwrap();
        assert_eq!(ActionWord::keep_named("redirect:operator"), Some(first));
        assert_eq!(first.as_str(), "redirect:operator");
        assert_eq!(first.name(), "operator");
        assert_ne!(ActionWord::keep_named("redirect:other"), Some(first));
    }

    #[test]
    fn names_lead_nowhere() {
        for word in [
            "announce:",
            "announce:..",
            "announce:../x",
            "announce:a/b",
            "announce:a b",
            "announce",
        ] {
            assert_eq!(ActionWord::keep_named(word), None, "{word}");
        }
    }
}
