//! The built-in prompts, and an operator's replacements.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use blacklist_model::words;

use super::sound::{Sound, SoundError};

/// File extensions of an operator's prompts, in order of preference.
const EXTENSIONS: [&str; 4] = ["wav", "ogg", "mp3", "flac"];

words! {
    /// A language of prompts.
    pub enum Language {
        /// English.
        English = "en",
        /// German.
        German = "de",
    }
}

/// There is no such prompt or language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} \"{word}\": it is one of {all}")]
pub struct UnknownWord {
    what: &'static str,
    word: String,
    all: String,
}

/// The value whose word this is.
fn named<T: Copy, const COUNT: usize>(
    all: [T; COUNT],
    as_str: fn(T) -> &'static str,
    word: &str,
    what: &'static str,
) -> Result<T, UnknownWord> {
    let found = all.into_iter().find(|one| as_str(*one) == word);
    found.ok_or_else(|| UnknownWord {
        what,
        word: word.to_owned(),
        all: all.map(as_str).join(", "),
    })
}

impl FromStr for Language {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        named(Self::ALL, Self::as_str, word, "language of prompts")
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

words! {
    /// A prompt or music.
    pub enum Prompt {
        /// Calls from this number are not accepted.
        Rejected = "rejected",
        /// Calls without a number are not accepted.
        Anonymous = "anonymous",
        /// Asks for the PIN.
        Pin = "pin",
        /// The PIN was wrong.
        PinWrong = "pin-wrong",
        /// Too many PINs were wrong.
        PinLocked = "pin-locked",
        /// The call is connected.
        Connecting = "connecting",
        /// The call cannot be connected.
        Error = "error",
        /// Keeps a caller talking; the first phrase.
        Torment1 = "torment-1",
        /// Keeps a caller talking.
        Torment2 = "torment-2",
        /// Keeps a caller talking.
        Torment3 = "torment-3",
        /// Keeps a caller talking.
        Torment4 = "torment-4",
        /// Keeps a caller talking; somebody leaves.
        Torment5 = "torment-5",
        /// Keeps a caller talking; somebody returns.
        Torment6 = "torment-6",
        /// Music that loops without a gap, the same in all languages.
        Hold = "hold",
    }
}

impl Prompt {
    /// The phrases that keep a caller talking, in order.
    pub const TORMENT: [Self; 6] = [
        Self::Torment1,
        Self::Torment2,
        Self::Torment3,
        Self::Torment4,
        Self::Torment5,
        Self::Torment6,
    ];

    /// The built-in file.
    fn built_in(self, language: Language) -> &'static [u8] {
        macro_rules! spoken {
            ($name:literal) => {
                match language {
                    Language::English => {
                        include_bytes!(concat!("../../prompts/en/", $name, ".ogg")).as_slice()
                    }
                    Language::German => {
                        include_bytes!(concat!("../../prompts/de/", $name, ".ogg")).as_slice()
                    }
                }
            };
        }
        match self {
            Self::Rejected => spoken!("rejected"),
            Self::Anonymous => spoken!("anonymous"),
            Self::Pin => spoken!("pin"),
            Self::PinWrong => spoken!("pin-wrong"),
            Self::PinLocked => spoken!("pin-locked"),
            Self::Connecting => spoken!("connecting"),
            Self::Error => spoken!("error"),
            Self::Torment1 => spoken!("torment-1"),
            Self::Torment2 => spoken!("torment-2"),
            Self::Torment3 => spoken!("torment-3"),
            Self::Torment4 => spoken!("torment-4"),
            Self::Torment5 => spoken!("torment-5"),
            Self::Torment6 => spoken!("torment-6"),
            Self::Hold => include_bytes!("../../prompts/hold.ogg"),
        }
    }
}

impl FromStr for Prompt {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        named(Self::ALL, Self::as_str, word, "prompt")
    }
}

impl fmt::Display for Prompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// All prompts; each is decoded when it is first requested.
#[derive(Debug)]
pub struct Prompts {
    /// The folder of the operator's prompts.
    folder: Option<PathBuf>,
    decoded: Mutex<HashMap<(Prompt, Language), Sound>>,
    /// Prompts that only the operator has, by name.
    own: Mutex<HashMap<(String, Language), Sound>>,
}

impl Prompts {
    /// Files in `folder`, LANGUAGE/PROMPT.wav (.ogg, .mp3, .flac), take precedence over the
    /// built-in prompts.
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder,
            decoded: Mutex::default(),
            own: Mutex::default(),
        }
    }

    /// A prompt in a language.
    ///
    /// # Errors
    /// The operator's file is not a sound.
    pub fn get(&self, prompt: Prompt, language: Language) -> Result<Sound, SoundError> {
        let key = (prompt, language);
        if let Some(sound) = self.kept().get(&key) {
            return Ok(sound.clone());
        }
        let sound = match self.own_file(prompt, language) {
            Some(path) => Sound::read(&path)?,
            None => built_in(prompt, language)?,
        };
        self.kept().insert(key, sound.clone());
        Ok(sound)
    }

    /// A built-in or operator's prompt by name; `None` if there is none of this name.
    ///
    /// # Errors
    /// The operator's file is not a sound.
    pub fn named(&self, name: &str, language: Language) -> Result<Option<Sound>, SoundError> {
        if let Ok(prompt) = name.parse() {
            return self.get(prompt, language).map(Some);
        }
        let key = (name.to_owned(), language);
        if let Some(sound) = self.kept_own().get(&key) {
            return Ok(Some(sound.clone()));
        }
        let Some(path) = self.own_named(name, language) else {
            return Ok(None);
        };
        let sound = Sound::read(&path)?;
        self.kept_own().insert(key, sound.clone());
        Ok(Some(sound))
    }

    /// Whether there is a prompt of this name.
    pub fn has(&self, name: &str, language: Language) -> bool {
        name.parse::<Prompt>().is_ok() || self.own_named(name, language).is_some()
    }

    fn kept_own(&self) -> std::sync::MutexGuard<'_, HashMap<(String, Language), Sound>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The operator's file with a name, for a language or for all.
    fn own_named(&self, name: &str, language: Language) -> Option<PathBuf> {
        let folder = self.folder.as_deref()?;
        in_folder(&folder.join(language.as_str()), name).or_else(|| in_folder(folder, name))
    }

    /// Reads all prompts of a language, so that mistakes are reported before a call needs one.
    ///
    /// # Errors
    /// One of the operator's files is not a sound.
    pub fn check(&self, language: Language) -> Result<(), SoundError> {
        Prompt::ALL
            .into_iter()
            .try_for_each(|prompt| self.get(prompt, language).map(drop))
    }

    /// Drops decoded prompts, so that changed files are read again.
    pub fn forget(&self) {
        self.kept().clear();
        self.kept_own().clear();
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<(Prompt, Language), Sound>> {
        self.decoded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The operator's file for a prompt; music may also be outside of the language folders.
    fn own_file(&self, prompt: Prompt, language: Language) -> Option<PathBuf> {
        let folder = self.folder.as_deref()?;
        in_folder(&folder.join(language.as_str()), prompt.as_str()).or_else(|| {
            (prompt == Prompt::Hold)
                .then(|| in_folder(folder, prompt.as_str()))
                .flatten()
        })
    }
}

/// The first existing file with a name in a folder.
fn in_folder(folder: &Path, name: &str) -> Option<PathBuf> {
    EXTENSIONS
        .into_iter()
        .map(|extension| folder.join(format!("{name}.{extension}")))
        .find(|path| path.exists())
}

fn built_in(prompt: Prompt, language: Language) -> Result<Sound, SoundError> {
    let name = format!("{language}/{prompt}.ogg");
    Sound::from_bytes(Path::new(&name), prompt.built_in(language))
}
