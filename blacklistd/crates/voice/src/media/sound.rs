//! Sounds that are ready to send: both encodings are computed once, so that a frame costs a copy.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::decode::{self, Problem};
use super::law::Law;
use super::{FRAME_BYTES, FRAME_TIME};
use blacklist_system::files;

/// Maximum length of a sound.
pub const LONGEST: Duration = Duration::from_secs(600);

/// Maximum size of a file: 10 minutes of CD audio.
pub const LARGEST_FILE: u64 = 128 << 20;

/// Why a file cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// It cannot be read.
    #[error("cannot read the sound {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It is too large.
    #[error(
        "the sound {} has {size} bytes, and {LARGEST_FILE} are allowed: shorten it, or save it as mono with 8000 samples a second",
        path.display()
    )]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        size: u64,
    },
    /// It is too long.
    #[error("the sound {} is longer than {} minutes: shorten it", path.display(), LONGEST.as_secs() / 60)]
    TooLong {
        /// The file.
        path: PathBuf,
    },
    /// It cannot be decoded.
    #[error("the sound {} cannot be used: {reason}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why not, and what to do.
        reason: String,
    },
}

/// A sound encoded by both laws, in whole frames. Copies share the bytes.
#[derive(Clone)]
pub struct Sound {
    mu: Arc<[u8]>,
    a: Arc<[u8]>,
}

impl std::fmt::Debug for Sound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sound({:?})", self.duration())
    }
}

impl Sound {
    /// From samples at 8000 Hz; silence fills the last frame.
    pub fn from_samples(samples: &[i16]) -> Self {
        let whole = samples.len().next_multiple_of(FRAME_BYTES);
        let encoded = |law: Law| {
            let mut bytes = law.encode(samples);
            bytes.resize(whole, law.silence());
            Arc::from(bytes)
        };
        Self {
            mu: encoded(Law::Mu),
            a: encoded(Law::A),
        }
    }

    /// From a WAV, Ogg Vorbis, MP3 or FLAC file.
    ///
    /// # Errors
    /// The file cannot be read, is too large, too long or not a sound.
    pub fn read(path: &Path) -> Result<Self, SoundError> {
        let unreadable = |source| SoundError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let file = files::open(path).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if !metadata.is_file() {
            return Err(SoundError::Unusable {
                path: path.to_owned(),
                reason: "it is not a file".to_owned(),
            });
        }
        if metadata.len() > LARGEST_FILE {
            return Err(SoundError::TooLarge {
                path: path.to_owned(),
                size: metadata.len(),
            });
        }
        let extension = path.extension().and_then(std::ffi::OsStr::to_str);
        Self::decoded(path, decode::samples(Box::new(file), extension, LONGEST))
    }

    /// From the contents of a file; the path is for errors.
    ///
    /// # Errors
    /// The bytes are not a sound, or are too long.
    pub fn from_bytes(path: &Path, bytes: &'static [u8]) -> Result<Self, SoundError> {
        let source = Box::new(std::io::Cursor::new(bytes));
        let extension = path.extension().and_then(std::ffi::OsStr::to_str);
        Self::decoded(path, decode::samples(source, extension, LONGEST))
    }

    fn decoded(path: &Path, samples: Result<Vec<i16>, Problem>) -> Result<Self, SoundError> {
        let path = || path.to_owned();
        match samples {
            Ok(samples) => Ok(Self::from_samples(&samples)),
            Err(Problem::TooLong) => Err(SoundError::TooLong { path: path() }),
            Err(Problem::Input(source)) => Err(SoundError::Unreadable {
                path: path(),
                source,
            }),
            Err(problem) => Err(SoundError::Unusable {
                path: path(),
                reason: problem.to_string(),
            }),
        }
    }

    /// All bytes, encoded by a law.
    pub fn bytes(&self, law: Law) -> &Arc<[u8]> {
        match law {
            Law::Mu => &self.mu,
            Law::A => &self.a,
        }
    }

    /// A frame by its index; `None` past the end.
    pub fn frame(&self, law: Law, place: usize) -> Option<&[u8]> {
        let start = place.checked_mul(FRAME_BYTES)?;
        let end = start.checked_add(FRAME_BYTES)?;
        self.bytes(law).get(start..end)
    }

    /// Number of frames.
    pub fn frames(&self) -> usize {
        self.mu.len() / FRAME_BYTES
    }

    /// Its length.
    pub fn duration(&self) -> Duration {
        FRAME_TIME.saturating_mul(u32::try_from(self.frames()).unwrap_or(u32::MAX))
    }
}
