//! Words of actions that contain a name or a length of time. Each word is interned once, for the
//! life of the process, so that an action stays as small as an integer however many rules have it.

use std::collections::HashMap;
use std::sync::{LazyLock, PoisonError, RwLock};

/// Maximum number of different words; only operators make them.
const MAXIMUM_WORDS: usize = 16_384;
/// Maximum length of a name, in characters.
const LONGEST_NAME: usize = 64;

#[derive(Default)]
struct Interned {
    words: Vec<&'static str>,
    indexes: HashMap<&'static str, u16>,
}

static INTERNED: LazyLock<RwLock<Interned>> = LazyLock::new(RwLock::default);

/// An interned action word with a name or value after the colon, such as `redirect:operator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ActionWord(u16);

impl ActionWord {
    /// Interns a word; `None` if there are too many already.
    pub(super) fn intern(word: &str) -> Option<Self> {
        let interned = INTERNED.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = interned.indexes.get(word) {
            return Some(Self(*index));
        }
        drop(interned);
        let mut interned = INTERNED.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(index) = interned.indexes.get(word) {
            return Some(Self(*index));
        }
        let index = u16::try_from(interned.words.len()).ok()?;
        if usize::from(index) >= MAXIMUM_WORDS {
            return None;
        }
        let word: &'static str = Box::leak(word.into());
        interned.words.push(word);
        interned.indexes.insert(word, index);
        Some(Self(index))
    }

    /// Interns a word whose part after the colon is a name: letters, digits, `-`, `_` and `.`.
    pub(super) fn intern_named(word: &str) -> Option<Self> {
        let (_, name) = word.split_once(':')?;
        is_name(name).then(|| Self::intern(word)).flatten()
    }

    /// The whole word.
    pub fn as_str(self) -> &'static str {
        let interned = INTERNED.read().unwrap_or_else(PoisonError::into_inner);
        interned
            .words
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
        let first = ActionWord::intern_named("redirect:operator").unwrap();
        assert_eq!(ActionWord::intern_named("redirect:operator"), Some(first));
        assert_eq!(first.as_str(), "redirect:operator");
        assert_eq!(first.name(), "operator");
        assert_ne!(ActionWord::intern_named("redirect:other"), Some(first));
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
            assert_eq!(ActionWord::intern_named(word), None, "{word}");
        }
    }
}
