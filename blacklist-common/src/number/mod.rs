//! Numbers as eight bytes: the form in which callers, called parties and rules are compared.
//!
//! What spelling becomes which number is decided in [`crate::dial_plan`] and
//! [`crate::user_part`]; here is only the packed form.

pub mod dial_plan;

use crate::hash;

/// Digits that fit a [`Number`]: an E.164 number has at most 15 (ITU-T E.164, 6.1).
pub const MAXIMUM_DIGITS: u32 = 15;

/// Nibble of the dialable `*` in a local number.
pub const NIBBLE_STAR: u8 = 0xA;
/// Nibble of the dialable `#` in a local number.
pub const NIBBLE_HASH: u8 = 0xB;
/// Nibble that fills a number after its last digit.
pub const NIBBLE_FILL: u8 = 0xF;

/// What the digits of a [`Number`] mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum NumberKind {
    /// No number at all: a URI without user, an unknown scheme.
    None = 0,
    /// International digits, country code first.
    E164 = 1,
    /// Digits that the dial plan leaves as they are: extensions, short codes, `*67`.
    Local = 2,
    /// Everything else, as 60 bits of a hash: names, numbers of more than 15 digits.
    Text = 3,
}

/// A packed number: the kind in the highest nibble, then up to 15 digits from the left, filled
/// with `0xF`. Text has a 60-bit hash in the place of the digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[repr(transparent)]
pub struct Number(pub u64);

impl Number {
    /// No number.
    pub const NONE: Self = Self(0);

    /// Packs the leftmost digits of `digits` (one nibble each, first digit highest). `count` above
    /// 15 keeps the first 15, which is what prefixes of a longer number are compared with.
    #[inline(always)]
    pub const fn from_nibbles(kind: NumberKind, digits: u64, count: u32) -> Self {
        let kept = if count > MAXIMUM_DIGITS {
            MAXIMUM_DIGITS
        } else {
            count
        };
        let fill = (u64::MAX >> 4) >> (4 * kept);
        Self(((kind as u64) << 60) | ((digits >> 4) & !fill & (u64::MAX >> 4)) | fill)
    }

    /// The key of a text (a user name, an overlong number) from its hash.
    #[inline(always)]
    pub const fn from_text_hash(text: u64) -> Self {
        Self(((NumberKind::Text as u64) << 60) | (text & (u64::MAX >> 4)))
    }

    /// The key of a text; `text` is what [`crate::user_part`] would have hashed.
    pub const fn from_text(text: &[u8]) -> Self {
        let mut state = hash::START;
        let mut rest = text;
        while let [first, others @ ..] = rest {
            state = hash::add(state, *first);
            rest = others;
        }
        Self::from_text_hash(hash::finish(state))
    }

    /// What the number is; [`NumberKind::None`] for a value that was never packed here.
    #[inline(always)]
    pub const fn kind(self) -> NumberKind {
        match self.0 >> 60 {
            1 => NumberKind::E164,
            2 => NumberKind::Local,
            3 => NumberKind::Text,
            _ => NumberKind::None,
        }
    }

    /// Whether there is a number.
    #[inline(always)]
    pub const fn is_some(self) -> bool {
        self.0 != 0
    }

    /// Digits held, 0 for texts.
    pub const fn digits(self) -> u32 {
        match self.kind() {
            NumberKind::E164 | NumberKind::Local => {
                let mut count = 0;
                while count < MAXIMUM_DIGITS && self.nibble(count) != NIBBLE_FILL {
                    count += 1;
                }
                count
            }
            NumberKind::None | NumberKind::Text => 0,
        }
    }

    /// The digit at `index` from the left as its nibble; [`NIBBLE_FILL`] after the last.
    pub const fn nibble(self, index: u32) -> u8 {
        if index >= MAXIMUM_DIGITS {
            NIBBLE_FILL
        } else {
            ((self.0 >> (56 - 4 * index)) & 0xF) as u8
        }
    }

    /// Leading bits that hold the kind and the first `digits` digits: the length of a prefix key.
    pub const fn prefix_bits(digits: u32) -> u32 {
        4 + 4 * digits
    }
}

impl core::fmt::Display for Number {
    /// E.164 numbers with their `+`, local ones as dialled, texts as `text:` and their hash.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        use core::fmt::Write as _;
        match self.kind() {
            NumberKind::None => return f.write_str("none"),
            NumberKind::Text => return write!(f, "text:{:015x}", self.0 & (u64::MAX >> 4)),
            NumberKind::E164 => f.write_char('+')?,
            NumberKind::Local => {}
        }
        for index in 0..self.digits() {
            f.write_char(match self.nibble(index) {
                NIBBLE_STAR => '*',
                NIBBLE_HASH => '#',
                digit => (b'0' + digit) as char,
            })?;
        }
        Ok(())
    }
}

/// One party of a call as the rules see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Party {
    /// The exact key.
    pub number: Number,
    /// The key that prefixes are compared with: the same, but for a number of more than 15 digits
    /// its first 15, so that digits added after a blocked prefix do not lead around it.
    pub leading: Number,
}

impl Party {
    /// No number.
    pub const NONE: Self = Self {
        number: Number::NONE,
        leading: Number::NONE,
    };

    /// A party whose number fits.
    pub const fn of(number: Number) -> Self {
        Self {
            number,
            leading: number,
        }
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn packs_from_the_left_and_fills() {
        let number = Number::from_nibbles(NumberKind::E164, 0x1415_5550_0000_0000, 7);
        assert_eq!(number.0, 0x1141_5555_ffff_ffff);
        assert_eq!(number.to_string(), "+1415555");
        assert_eq!(number.digits(), 7);
        assert_eq!(
            Number::from_nibbles(NumberKind::E164, 0, 0).to_string(),
            "+"
        );
    }

    #[test]
    fn keeps_fifteen_of_sixteen_digits() {
        let number = Number::from_nibbles(NumberKind::Local, 0x1234_5678_9012_3456, 16);
        assert_eq!(number.to_string(), "123456789012345");
        assert_eq!(number.digits(), 15);
    }

    #[test]
    fn prints_star_and_hash() {
        let number = Number::from_nibbles(NumberKind::Local, 0xA67B_0000_0000_0000, 4);
        assert_eq!(number.to_string(), "*67#");
    }
}
