//! Shapes of wildcards: which digits of a number are compared, whatever they are. All wildcards of
//! one shape are found by one lookup.

use crate::number::{NIBBLE_FILL, Number, Party};
use crate::pattern::{NIBBLE_ANY, NIBBLE_GAP};

/// Shapes of a generation; the first sixteen numbers are prefixes of as many digits.
pub const MAXIMUM_SHAPES: u32 = 256;
/// The first number of a shape that is no prefix.
pub const FIRST_WILDCARD_SHAPE: u32 = 16;

/// A wildcard without its digits: `head`, then a gap if there is a `*`, then `tail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[repr(C)]
pub struct Shape {
    /// Bits of the number that are compared, counted from the left; with those of the kind if the
    /// pattern names it.
    pub head: u64,
    /// The same of the digits moved to the right: what follows the `*`.
    pub tail: u64,
    /// What the key has in all other places.
    pub fill: u64,
    /// Fewest digits of a number that it can match.
    pub minimum: u8,
    /// Most digits.
    pub maximum: u8,
    /// Digits that are compared: the more, the more specific.
    pub literals: u8,
    /// 1 if what follows does not matter: a `*` at the end.
    pub open: u8,
    /// Zero.
    pub padding: u32,
}

/// One character of a wildcard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A digit, as its nibble.
    Digit(u8),
    /// `?`: one digit.
    Any,
    /// `*`: digits or none, at most once.
    Gap,
}

/// The bits of the kind.
const KIND: u64 = 0xF << 60;

impl Shape {
    /// Shape and key of a wildcard. `kind` is that of the numbers it matches, none for any. None
    /// if it has two gaps or more than 15 other pieces.
    pub fn of(kind: Option<crate::number::NumberKind>, pieces: &[Piece]) -> Option<(Self, Number)> {
        let gap = pieces.iter().position(|piece| *piece == Piece::Gap);
        let (front, back) = match gap {
            Some(at) => (pieces.get(..at)?, pieces.get(at + 1..)?),
            None => (pieces, [].as_slice()),
        };
        let length = front.len() + back.len();
        if length > 15 || back.contains(&Piece::Gap) {
            return None;
        }
        let mut shape = Self {
            minimum: length as u8,
            maximum: if gap.is_some() { 15 } else { length as u8 },
            open: u8::from(gap.is_some() && back.is_empty()),
            ..Self::default()
        };
        let mut key = 0_u64;
        match kind {
            Some(kind) => {
                shape.head |= KIND;
                key |= (kind as u64) << 60;
            }
            None => key |= u64::from(NIBBLE_GAP) << 60,
        }
        for place in 0..15_usize {
            let shift = 56 - 4 * place;
            let from_back = (place + back.len()).checked_sub(15);
            let nibble = if let Some(piece) = front.get(place) {
                shape.put(*piece, shift, true)
            } else if let Some(piece) = from_back.and_then(|index| back.get(index)) {
                shape.put(*piece, shift, false)
            } else if gap.is_some() {
                NIBBLE_GAP
            } else {
                NIBBLE_FILL
            };
            key |= u64::from(nibble) << shift;
        }
        shape.fill = key & !(shape.head | shape.tail);
        Some((shape, Number(key)))
    }

    fn put(&mut self, piece: Piece, shift: usize, front: bool) -> u8 {
        let Piece::Digit(digit) = piece else {
            return NIBBLE_ANY;
        };
        self.literals += 1;
        let bits = 0xF << shift;
        if front {
            self.head |= bits;
        } else {
            self.tail |= bits;
        }
        digit
    }

    /// The key of wildcards of this shape that match a number; `None` if none can.
    /// `digits` are those of `party.leading`.
    #[inline(always)]
    pub fn key(&self, party: &Party, digits: u32) -> Option<Number> {
        if digits < self.minimum as u32 || digits > self.maximum as u32 {
            return None;
        }
        if self.open == 0 && party.number.0 != party.leading.0 {
            // Of a number of more than 15 digits the end is not known.
            return None;
        }
        let left = party.leading.0;
        let right = (left & !KIND) >> ((60 - 4 * digits) & 63);
        Some(Number(left & self.head | right & self.tail | self.fill))
    }
}

/// Digits of a number that consists of digits: 15 less what fills it.
#[inline(always)]
pub const fn count_digits(number: Number) -> u32 {
    let mut rest = !number.0 & !KIND;
    if rest == 0 {
        return 0;
    }
    let mut filled = 0;
    if rest & 0xFFFF_FFFF == 0 {
        filled += 8;
        rest >>= 32;
    }
    if rest & 0xFFFF == 0 {
        filled += 4;
        rest >>= 16;
    }
    if rest & 0xFF == 0 {
        filled += 2;
        rest >>= 8;
    }
    if rest & 0xF == 0 {
        filled += 1;
    }
    15 - filled
}

const _: () = assert!(size_of::<Shape>() == 32);

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::number::NumberKind;
    use std::string::String;
    use std::vec::Vec;

    fn number(text: &str) -> Number {
        let (kind, digits) = match text.strip_prefix('+') {
            Some(digits) => (NumberKind::E164, digits),
            None => (NumberKind::Local, text),
        };
        let nibbles = digits
            .bytes()
            .zip((0..16).rev())
            .map(|(digit, place)| u64::from(digit - b'0') << (4 * place))
            .sum();
        Number::from_nibbles(kind, nibbles, digits.len() as u32)
    }

    fn pieces(text: &str) -> (Option<NumberKind>, Vec<Piece>) {
        let (kind, rest) = match text.strip_prefix('+') {
            Some(rest) => (Some(NumberKind::E164), rest),
            None if text.starts_with(['*', '?']) => (None, text),
            None => (Some(NumberKind::Local), text),
        };
        let list = rest.bytes().map(|byte| match byte {
            b'*' => Piece::Gap,
            b'?' => Piece::Any,
            digit => Piece::Digit(digit - b'0'),
        });
        (kind, list.collect())
    }

    fn matches_slowly(pattern: &[u8], text: &[u8]) -> bool {
        match (pattern.first(), text.first()) {
            (None, None) => true,
            (Some(b'*'), _) => {
                matches_slowly(&pattern[1..], text)
                    || (!text.is_empty() && matches_slowly(pattern, &text[1..]))
            }
            (Some(b'?'), Some(_)) => matches_slowly(&pattern[1..], &text[1..]),
            (Some(a), Some(b)) => a == b && matches_slowly(&pattern[1..], &text[1..]),
            _ => false,
        }
    }

    #[test]
    fn digits_are_counted() {
        let mut text = String::from("+");
        for count in 0..=15 {
            assert_eq!(count_digits(number(&text)), count);
            text.push(if count % 2 == 0 { '0' } else { '7' });
        }
    }

    #[test]
    fn keys_match_as_written() {
        let patterns = [
            "+49?0*",
            "+*123",
            "*123",
            "*0",
            "+4940????",
            "+49*12",
            "+49*1?",
            "?????",
            "*",
            "+1?1*1",
            "12?4",
            "+123456789012*34",
            "+12345678901234?",
            "*?",
            "?*1",
        ];
        let mut numbers = Vec::new();
        for base in [
            "4940123",
            "49012",
            "4901",
            "123",
            "0123",
            "12345",
            "1214",
            "121",
            "111",
            "1111",
            "12345678901234",
            "123456789012345",
            "123456789012934",
            "1",
            "10",
            "494012",
            "49401234",
        ] {
            numbers.push(String::from(base));
            numbers.push(std::format!("+{base}"));
        }
        for pattern in patterns {
            let (kind, list) = pieces(pattern);
            let (shape, key) = Shape::of(kind, &list).unwrap();
            for text in &numbers {
                let party = Party::of(number(text));
                let digits = count_digits(party.leading);
                let body = text.strip_prefix('+').unwrap_or(text);
                let kind_fits = kind.is_none_or(|kind| kind == party.number.kind());
                let expected = kind_fits
                    && matches_slowly(
                        pattern.strip_prefix('+').unwrap_or(pattern).as_bytes(),
                        body.as_bytes(),
                    );
                assert_eq!(
                    shape.key(&party, digits) == Some(key),
                    expected,
                    "{pattern} {text}"
                );
            }
        }
    }

    #[test]
    fn what_does_not_fit_has_no_shape() {
        assert!(Shape::of(None, &[Piece::Gap, Piece::Digit(1), Piece::Gap]).is_none());
        assert!(Shape::of(None, &[Piece::Any; 16]).is_none());
    }
}
