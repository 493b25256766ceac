//! The prompts that come with the daemon, and those that an operator has put in their place.

use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use blacklist_model::words;

use super::sound::{Sound, SoundError};

/// Endings of the files of an operator, the first that exists is taken.
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

/// The one of all that has a word.
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
    /// Something that is said or played.
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
        /// The call goes on.
        Connecting = "connecting",
        /// The call cannot go on.
        Error = "error",
        /// Keeps a caller talking; this one begins.
        Torment1 = "torment-1",
        /// Keeps a caller talking.
        Torment2 = "torment-2",
        /// Keeps a caller talking.
        Torment3 = "torment-3",
        /// Keeps a caller talking.
        Torment4 = "torment-4",
        /// Keeps a caller talking; somebody goes away.
        Torment5 = "torment-5",
        /// Keeps a caller talking; somebody comes back.
        Torment6 = "torment-6",
        /// Music that can be repeated without a gap, the same in all languages.
        Hold = "hold",
    }
}

impl Prompt {
    /// The phrases that keep a caller talking, in their order.
    pub const TORMENT: [Self; 6] = [
        Self::Torment1,
        Self::Torment2,
        Self::Torment3,
        Self::Torment4,
        Self::Torment5,
        Self::Torment6,
    ];

    /// The file that comes with the daemon.
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

/// All prompts, each decoded when it is asked for and then kept.
#[derive(Debug)]
pub struct Prompts {
    /// Where an operator's prompts are.
    folder: Option<PathBuf>,
    decoded: Mutex<HashMap<(Prompt, Language), Sound>>,
    /// Those that only the operator has, by name.
    own: Mutex<HashMap<(String, Language), Sound>>,
}

impl Prompts {
    /// With a folder whose files LANGUAGE/PROMPT.wav (.ogg, .mp3, .flac) go before those that come
    /// with the daemon.
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
    /// The operator's file for it is no sound.
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

    /// A prompt by name: one of those that come with the daemon, or one that only the operator has.
    /// None if there is none of this name.
    ///
    /// # Errors
    /// The operator's file for it is no sound.
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

    /// The operator's file of a name, of a language or of all.
    fn own_named(&self, name: &str, language: Language) -> Option<PathBuf> {
        let folder = self.folder.as_deref()?;
        in_folder(&folder.join(language.as_str()), name).or_else(|| in_folder(folder, name))
    }

    /// Reads all prompts of a language, so that a mistake is told before a call needs one.
    ///
    /// # Errors
    /// A file of the operator is no sound.
    pub fn check(&self, language: Language) -> Result<(), SoundError> {
        Prompt::ALL
            .into_iter()
            .try_for_each(|prompt| self.get(prompt, language).map(drop))
    }

    /// Forgets what was decoded, so that files that have changed are read again.
    pub fn forget(&self) {
        self.kept().clear();
        self.kept_own().clear();
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<(Prompt, Language), Sound>> {
        self.decoded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The operator's file for a prompt; music may also be beside the languages.
    fn own_file(&self, prompt: Prompt, language: Language) -> Option<PathBuf> {
        let folder = self.folder.as_deref()?;
        in_folder(&folder.join(language.as_str()), prompt.as_str()).or_else(|| {
            (prompt == Prompt::Hold)
                .then(|| in_folder(folder, prompt.as_str()))
                .flatten()
        })
    }
}

/// The first file of a name that there is in a folder.
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
