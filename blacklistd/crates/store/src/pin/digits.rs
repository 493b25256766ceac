//! PINs as they are chosen or generated.

use blacklist_system::random;
use std::fmt;

/// Minimum number of digits.
pub const MINIMUM_DIGITS: usize = 4;
/// Maximum number of digits.
pub const MAXIMUM_DIGITS: usize = 12;
/// Number of digits of a generated PIN: of the 1,000,000 only a few can be tried.
const GENERATED_DIGITS: usize = 6;

/// Why a text is not an acceptable PIN; the message does not contain the digits.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// It has too few or too many digits, or other characters.
    #[error("a PIN has {MINIMUM_DIGITS} to {MAXIMUM_DIGITS} digits and nothing else")]
    NoDigits,
    /// All digits are equal.
    #[error("all digits of this PIN are the same: choose one that is not tried first")]
    Equal,
    /// Each digit is one more than the one before, or one less.
    #[error("the digits of this PIN follow each other: choose one that is not tried first")]
    Run,
    /// There are no random numbers.
    #[error("no PIN can be made: {0}")]
    Random(#[from] std::io::Error),
}

/// A PIN. Only [`Self::digits`] reveals it.
#[derive(Clone, PartialEq, Eq)]
pub struct Pin(Box<str>);

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin")
    }
}

impl Pin {
    /// Parses a PIN.
    ///
    /// # Errors
    /// It is not a PIN, or is easy to guess.
    pub fn parse(text: &str) -> Result<Self, PinError> {
        let bytes = text.as_bytes();
        let fits = (MINIMUM_DIGITS..=MAXIMUM_DIGITS).contains(&bytes.len());
        if !fits || !bytes.iter().all(u8::is_ascii_digit) {
            return Err(PinError::NoDigits);
        }
        // Differences between digits; 0 follows 9, as on a telephone.
        let mut steps = bytes.iter().zip(bytes.iter().skip(1)).map(|(one, next)| {
            let (one, next) = (i16::from(*one), i16::from(*next));
            (next - one).rem_euclid(10)
        });
        let first = steps.next().unwrap_or_default();
        if steps.all(|step| step == first) {
            match first {
                0 => return Err(PinError::Equal),
                1 | 9 => return Err(PinError::Run),
                _ => {}
            }
        }
        Ok(Self(text.into()))
    }

    /// Generates a random PIN.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn generate() -> Result<Self, PinError> {
        loop {
            let text = random_digits(GENERATED_DIGITS)?;
            if let Ok(pin) = Self::parse(&text) {
                return Ok(pin);
            }
        }
    }

    /// Its digits, which must not be logged.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

/// Uniformly random digits.
fn random_digits(count: usize) -> std::io::Result<String> {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        let bytes: [u8; 16] = random::bytes()?;
        let even = bytes.into_iter().filter(|byte| *byte < 250);
        text.extend(
            even.map(|byte| char::from(b'0' + byte % 10))
                .take(count - text.len()),
        );
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_refused() {
        let rows = [
            ("four digits", "2580", true),
            ("twelve digits", "918273645546", true),
            ("steps of two", "2468", true),
            ("a run with a break", "12346", true),
            ("two pairs", "1122", true),
            ("zeros in front", "0073", true),
            ("three digits", "258", false),
            ("thirteen digits", "9182736455463", false),
            ("empty", "", false),
            ("letters", "25a8", false),
            ("a blank", "2580 ", false),
            ("digits of another script", "٢٥٨٠", false),
            ("equal", "7777", false),
            ("equal, long", "000000000000", false),
            ("the first digits", "1234", false),
            ("up from zero", "0123", false),
            ("up over nine", "78901", false),
            ("down", "4321", false),
            ("down over zero", "2109", false),
            ("all", "1234567890", false),
        ];
        for (name, text, is_pin) in rows {
            assert_eq!(Pin::parse(text).is_ok(), is_pin, "{name}");
        }
    }

    #[test]
    fn errors_and_debug_do_not_show_digits() {
        for text in ["258", "7777", "4321", "not4711"] {
            let error = Pin::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains(text), "{error}");
        }
        let shown = format!("{:?}", Pin::parse("2580").unwrap());
        assert!(!shown.contains("2580"), "{shown}");
    }

    #[test]
    fn made_ones_differ_and_are_good() {
        let made: std::collections::HashSet<String> = (0..200)
            .map(|_| Pin::generate().unwrap().digits().to_owned())
            .collect();
        // Of 1,000,000 PINs, 200 random ones are nearly all different.
        assert!(made.len() > 195, "{}", made.len());
        for digits in &made {
            assert_eq!(digits.len(), GENERATED_DIGITS);
            assert!(Pin::parse(digits).is_ok());
        }
        for digit in '0'..='9' {
            assert!(made.iter().any(|digits| digits.contains(digit)), "{digit}");
        }
    }
}
