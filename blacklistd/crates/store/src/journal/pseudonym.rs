//! Pseudonyms: keyed hashes that replace numbers. The same number always gets the same pseudonym;
//! without the key, it cannot be found by trying all numbers.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use blacklist_common::number::Number;
use blacklist_system::{files, random};

/// The key file in the state directory.
const FILE_NAME: &str = "pseudonyms.key";
/// Length of the key in bytes.
const KEY_LENGTH: usize = 32;

/// The key is not available.
#[derive(Debug, thiserror::Error)]
#[error("the key of pseudonyms {} cannot be used: {reason}", path.display())]
pub struct KeyError {
    path: PathBuf,
    reason: String,
}

/// Computes pseudonyms.
#[derive(Clone)]
pub struct Pseudonyms {
    key: [u8; KEY_LENGTH],
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms")
    }
}

impl Pseudonyms {
    /// Uses a key.
    pub const fn new(key: [u8; KEY_LENGTH]) -> Self {
        Self { key }
    }

    /// Uses the key of a state directory; creates it if there is none.
    ///
    /// # Errors
    /// The file cannot be read or created, or is not a key.
    pub fn open(directory: &Path) -> Result<Self, KeyError> {
        let path = directory.join(FILE_NAME);
        let fail = |reason: String| KeyError {
            path: path.clone(),
            reason,
        };
        match files::read(&path) {
            Ok(bytes) => {
                let key = <[u8; KEY_LENGTH]>::try_from(bytes.as_slice()).map_err(|_| {
                    fail(format!("it has {} bytes, not {KEY_LENGTH}; remove it to have another one made (earlier pseudonyms are then other ones)", bytes.len()))
                })?;
                Ok(Self { key })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Self::make(&path).map_err(|error| fail(error.to_string()))
            }
            Err(error) => Err(fail(error.to_string())),
        }
    }

    fn make(path: &Path) -> std::io::Result<Self> {
        let key = random::bytes()?;
        let part = path.with_extension("part");
        let mut options = std::fs::File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = files::open_with(&part, &options)?;
        std::io::Write::write_all(&mut file, &key)?;
        file.sync_all()?;
        files::rename(&part, path)?;
        Ok(Self { key })
    }

    /// The pseudonym of a number, packed like a number.
    pub fn of(&self, number: Number) -> Number {
        let hash = blake3::keyed_hash(&self.key, &number.0.to_be_bytes());
        let mut first = [0; 8];
        for (to, from) in first.iter_mut().zip(hash.as_bytes()) {
            *to = *from;
        }
        Number::from_text_hash(u64::from_be_bytes(first))
    }
}

/// A pseudonym as it is shown.
pub fn shown(pseudonym: Number) -> String {
    format!("~{:015x}", pseudonym.0 & (u64::MAX >> 4))
}

/// Parses a pseudonym as it is shown; `None` for anything else.
pub fn read(text: &str) -> Option<Number> {
    let digits = text.strip_prefix('~')?;
    if digits.len() != 15 {
        return None;
    }
    u64::from_str_radix(digits, 16)
        .ok()
        .map(Number::from_text_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_depend_on_number_and_key() {
        let number = |digits: u64| {
            Number::from_nibbles(
                blacklist_common::number::NumberKind::E164,
                0x4930_1234_5678_0000 | digits,
                15,
            )
        };
        let one = Pseudonyms::new([1; KEY_LENGTH]);
        let other = Pseudonyms::new([2; KEY_LENGTH]);
        assert_eq!(one.of(number(0x10)), one.of(number(0x10)));
        assert_ne!(one.of(number(0x10)), one.of(number(0x20)));
        assert_ne!(one.of(number(0x10)), other.of(number(0x10)));
        let shown = shown(one.of(number(0x10)));
        assert_eq!(read(&shown), Some(one.of(number(0x10))));
        assert_eq!(read("~12"), None);
        assert_eq!(read("+4930"), None);
        assert!(!format!("{one:?}").contains('1'), "the key is a secret");
    }

    #[test]
    fn the_key_stays() {
        let folder = tempfile::tempdir().unwrap();
        let number = Number::from_text(b"alice");
        let one = Pseudonyms::open(folder.path()).unwrap().of(number);
        assert_eq!(Pseudonyms::open(folder.path()).unwrap().of(number), one);
        let path = folder.path().join(FILE_NAME);
        let mode = std::os::unix::fs::PermissionsExt::mode(
            &std::fs::metadata(&path).unwrap().permissions(),
        );
        assert_eq!(mode & 0o777, 0o600);
        std::fs::write(&path, "short").unwrap();
        let error = Pseudonyms::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("it has 5 bytes"), "{error}");
    }
}
