//! Stored PINs: argon2id (RFC 9106) with a salt for each, so that each guess costs time and memory.
//! This does not protect a PIN of few digits from an attacker who has the database: there are too
//! few to try.

use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use super::digits::Pin;
use blacklist_system::random;

/// Memory of a comparison, in KiB.
const MEMORY_KIB: u32 = if cfg!(test) { 64 } else { 19 * 1024 };
/// Number of passes: a comparison takes about 25 ms.
const PASSES: u32 = if cfg!(test) { 1 } else { 5 };
/// Length of a salt in bytes.
const SALT_LENGTH: usize = 16;

/// A PIN cannot be hashed.
#[derive(Debug, thiserror::Error)]
#[error("the PIN cannot be hashed: {0}")]
pub struct HashError(String);

fn failed(error: &dyn std::fmt::Display) -> HashError {
    HashError(error.to_string())
}

/// The stored form of a PIN: a text with algorithm, cost and salt.
///
/// # Errors
/// There is no memory, or there are no random numbers.
pub fn hash(pin: &Pin) -> Result<String, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).map_err(|error| failed(&error))?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt: [u8; SALT_LENGTH] = random::bytes().map_err(|error| failed(&error))?;
    let hash = argon2
        .hash_password_with_salt(pin.digits().as_bytes(), &salt)
        .map_err(|error| failed(&error))?;
    Ok(hash.to_string())
}

/// Whether digits are the PIN of a hash. An invalid hash matches nothing.
pub(super) fn is_of(hash: &str, digits: &[u8]) -> bool {
    // Memory and passes are those in the hash.
    Argon2::default().verify_password(digits, hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_pin_alone() {
        let pin = Pin::parse("2580").unwrap();
        let (one, other) = (hash(&pin).unwrap(), hash(&pin).unwrap());
        assert_ne!(one, other, "each has a salt of its own");
        assert!(one.starts_with("$argon2id$v=19$"), "{one}");
        assert!(!one.contains("2580"));
        let rows = [
            ("the digits", one.as_str(), "2580", true),
            ("the digits, another salt", &other, "2580", true),
            ("other digits", &one, "2581", false),
            ("fewer", &one, "258", false),
            ("none", &one, "", false),
            ("no hash", "2580", "2580", false),
            ("nothing", "", "", false),
        ];
        for (name, hash, digits, expected) in rows {
            assert_eq!(is_of(hash, digits.as_bytes()), expected, "{name}");
        }
    }
}
