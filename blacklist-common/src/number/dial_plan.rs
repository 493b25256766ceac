//! A trunk's dial plan: how each local spelling of a number becomes one canonical number.
//!
//! Rules are canonicalised by the same code when they are written, so that one rule matches every
//! spelling (`+14155551234`, `14155551234`, `0014155551234`, `tel:+1-415-555-1234`).

use crate::number::{MAXIMUM_DIGITS, NIBBLE_STAR, Number, NumberKind, Party};

/// International prefixes a plan can hold.
pub const INTERNATIONAL_PREFIXES: usize = 4;

/// Fewest digits of a number that is completed by its context: `911` in the context `+1` is 911.
const LEAST_IN_CONTEXT: u32 = 7;

/// A short run of digits, packed from the left, one nibble each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Digits {
    /// The digits, the first in the highest nibble, zero after the last.
    pub packed: u64,
    /// How many, at most 15.
    pub count: u32,
    /// Zero.
    pub padding: u32,
}

impl Digits {
    /// Digits from their spelling; `None` if it is longer than 15 or has anything but `0`..`9`.
    pub fn parse(text: &[u8]) -> Option<Self> {
        if text.len() > MAXIMUM_DIGITS as usize {
            return None;
        }
        let mut digits = Self::default();
        for &byte in text {
            if !byte.is_ascii_digit() {
                return None;
            }
            digits.packed |= u64::from(byte - b'0') << (60 - 4 * digits.count);
            digits.count += 1;
        }
        Some(digits)
    }
}

/// What was dialled or sent, before the plan is applied: nibbles from the left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Dialled {
    /// The first 16 digits.
    pub high: u64,
    /// The next 16 digits.
    pub low: u64,
    /// How many there are in all, also beyond those held.
    pub count: u32,
    /// 1 where a `+` stood in front.
    pub plus: u32,
    /// 1 where a `*` or `#` is among them.
    pub symbols: u32,
    /// Zero.
    pub padding: u32,
}

impl Dialled {
    /// Adds a digit's nibble; those after the 32nd are only counted.
    #[inline(always)]
    pub fn push(&mut self, nibble: u8) {
        let count = self.count;
        let place = u64::from(nibble) << (60 - 4 * (count & 15));
        if count < 16 {
            self.high |= place;
        } else if count < 32 {
            self.low |= place;
        }
        if nibble >= NIBBLE_STAR {
            self.symbols = 1;
        }
        self.count = count + 1;
    }

    /// Takes the last digit back, if it is held.
    #[inline(always)]
    pub fn pop(&mut self) {
        let count = self.count.wrapping_sub(1);
        let mask = !(0xF << (60 - 4 * (count & 15)));
        if count < 16 {
            self.high &= mask;
        } else if count < 32 {
            self.low &= mask;
        }
        self.count = count;
    }

    #[inline(always)]
    fn starts_with(&self, digits: &Digits) -> bool {
        if digits.count == 0 || digits.count > MAXIMUM_DIGITS || self.count <= digits.count {
            return false;
        }
        (self.high ^ digits.packed) >> (64 - 4 * digits.count) == 0
    }

    /// Behind `skip` digits of this, in front of it `lead`: as a number of `kind`.
    #[inline(always)]
    fn number(&self, kind: NumberKind, lead: &Digits, skip: u32) -> Packed {
        let skip = skip & 15;
        let up = 4 * skip;
        let mut rest = self.high;
        if up != 0 {
            rest = (self.high << up) | (self.low >> (64 - up));
        }
        let lead_count = lead.count & 15;
        Packed {
            number: Number::from_nibbles(
                kind,
                lead.packed | (rest >> (4 * lead_count)),
                lead_count + (self.count - skip),
            ),
            count: lead_count + (self.count - skip),
        }
    }
}

/// A number and how many digits it has, which may be more than it holds.
struct Packed {
    number: Number,
    count: u32,
}

/// How a trunk spells numbers. All zero: only `+` makes a number international, everything else
/// stays local.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct DialPlan {
    /// Country code put in front of national numbers.
    pub country_code: Digits,
    /// Trunk prefix of national numbers (`0`, `1`), none if empty.
    pub national_prefix: Digits,
    /// Prefixes of international numbers (`00`, `011`); empty ones are not used.
    pub international_prefixes: [Digits; INTERNATIONAL_PREFIXES],
    /// Fewest and most digits of a national number after the national prefix.
    pub national_minimum: u8,
    /// See [`Self::national_minimum`].
    pub national_maximum: u8,
    /// Fewest and most digits of a national number without any prefix; 0 and 0 for none.
    pub bare_national_minimum: u8,
    /// See [`Self::bare_national_minimum`].
    pub bare_national_maximum: u8,
    /// Fewest digits of a number without any prefix that is international already; 0 for none.
    pub bare_international_minimum: u8,
    /// Zero.
    pub padding: [u8; 7],
}

/// How a spelling was understood; for explanations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// A `+` stood in front.
    Plus,
    /// An international prefix was taken off.
    InternationalPrefix,
    /// The national prefix was taken off, the country code put in front.
    NationalPrefix,
    /// Taken as national by its length.
    BareNational,
    /// Taken as international by its length.
    BareInternational,
    /// Left as it is.
    Local,
}

impl DialPlan {
    /// Which way this plan reads the digits. No country code begins with 0 (ITU-T E.164, annex A): with a `+`
    /// in front, a gateway has put it before an international prefix that was dialled.
    #[inline(always)]
    pub fn spelling(&self, dialled: &Dialled) -> (Spelling, u32) {
        let first = (dialled.high >> 60) as u32;
        if dialled.plus != 0 && (first != 0 || dialled.symbols != 0) {
            return (Spelling::Plus, 0);
        }
        if dialled.symbols != 0 {
            return (Spelling::Local, 0);
        }
        let [first, second, third, fourth] = &self.international_prefixes;
        for prefix in [first, second, third, fourth] {
            if dialled.starts_with(prefix) {
                return (Spelling::InternationalPrefix, prefix.count);
            }
        }
        if dialled.plus != 0 {
            return (Spelling::Plus, 0);
        }
        if dialled.starts_with(&self.national_prefix) {
            let rest = dialled.count - self.national_prefix.count;
            if rest >= u32::from(self.national_minimum) && rest <= u32::from(self.national_maximum)
            {
                return (Spelling::NationalPrefix, self.national_prefix.count);
            }
        }
        if self.bare_national_maximum != 0
            && dialled.count >= u32::from(self.bare_national_minimum)
            && dialled.count <= u32::from(self.bare_national_maximum)
        {
            return (Spelling::BareNational, 0);
        }
        if self.bare_international_minimum != 0
            && dialled.high >> 60 != 0
            && dialled.count >= u32::from(self.bare_international_minimum)
        {
            return (Spelling::BareInternational, 0);
        }
        (Spelling::Local, 0)
    }

    /// Whether the national prefix is a 0, with which no number after a country code begins.
    #[inline(always)]
    pub const fn keeps_no_zero(&self) -> bool {
        self.national_prefix.count == 1
            && self.national_prefix.packed == 0
            && self.country_code.count != 0
    }

    /// Digits of the country code and of the national prefix 0 that follows it though it is dialled within
    /// the country alone (`+44 0 20 ..`); 0 if there is none. No number of such a country begins with 0.
    #[inline(always)]
    fn redundant_prefix(&self, dialled: &Dialled) -> u32 {
        let country = &self.country_code;
        let both = country.count.wrapping_add(1);
        if dialled.plus == 0 || !self.keeps_no_zero() || both > 8 {
            return 0;
        }
        if dialled.count <= both || (dialled.high ^ country.packed) >> (64 - 4 * both) != 0 {
            return 0;
        }
        let rest = dialled.count - both;
        if rest >= u32::from(self.national_minimum) && rest <= u32::from(self.national_maximum) {
            both
        } else {
            0
        }
    }

    #[inline(always)]
    fn apply(&self, dialled: &Dialled) -> Packed {
        let (spelling, skip) = self.spelling(dialled);
        let (kind, lead) = match spelling {
            Spelling::Plus | Spelling::InternationalPrefix | Spelling::BareInternational => {
                let both = self.redundant_prefix(dialled);
                if both != 0 {
                    return dialled.number(NumberKind::E164, &self.country_code, both);
                }
                (NumberKind::E164, Digits::default())
            }
            Spelling::NationalPrefix | Spelling::BareNational => {
                (NumberKind::E164, self.country_code)
            }
            Spelling::Local => (NumberKind::Local, Digits::default()),
        };
        dialled.number(kind, &lead, skip)
    }

    /// The number in a context that is the beginning of international numbers (RFC 3966, 5.1.5): `context`
    /// and what was dialled. None if it would not be one: a short code, or too many digits.
    #[inline(always)]
    pub fn in_context(dialled: &Dialled, context: &Digits) -> Option<Party> {
        let count = context.count + dialled.count;
        if context.count == 0 || dialled.count < LEAST_IN_CONTEXT || count > MAXIMUM_DIGITS {
            return None;
        }
        let packed = dialled.number(NumberKind::E164, context, 0);
        Some(Party::of(packed.number))
    }

    /// The canonical number; `None` if it has more than 15 digits.
    #[inline(always)]
    pub fn canonical(&self, dialled: &Dialled) -> Option<Party> {
        let packed = self.apply(dialled);
        if packed.count > MAXIMUM_DIGITS {
            return None;
        }
        Some(Party::of(packed.number))
    }

    /// As [`Self::canonical`]; a number of more than 15 digits has the hash of its spelling as
    /// exact key.
    #[inline(always)]
    pub fn canonical_long(&self, dialled: &Dialled, hash: u64) -> Party {
        let packed = self.apply(dialled);
        if packed.count > MAXIMUM_DIGITS {
            return Party {
                number: Number::from_text_hash(hash),
                leading: packed.number,
            };
        }
        Party::of(packed.number)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    fn digits(text: &str) -> Digits {
        Digits::parse(text.as_bytes()).unwrap()
    }

    fn dialled(text: &str) -> Dialled {
        let mut dialled = Dialled::default();
        for byte in text.bytes() {
            match byte {
                b'+' => dialled.plus = 1,
                b'*' => dialled.push(NIBBLE_STAR),
                b'#' => dialled.push(crate::number::NIBBLE_HASH),
                digit => dialled.push(digit - b'0'),
            }
        }
        dialled
    }

    fn united_states() -> DialPlan {
        DialPlan {
            country_code: digits("1"),
            national_prefix: digits("1"),
            international_prefixes: [
                digits("011"),
                digits("00"),
                Digits::default(),
                Digits::default(),
            ],
            national_minimum: 10,
            national_maximum: 10,
            bare_national_minimum: 10,
            bare_national_maximum: 10,
            ..DialPlan::default()
        }
    }

    fn germany() -> DialPlan {
        DialPlan {
            country_code: digits("49"),
            national_prefix: digits("0"),
            international_prefixes: [
                digits("00"),
                Digits::default(),
                Digits::default(),
                Digits::default(),
            ],
            national_minimum: 3,
            national_maximum: 13,
            bare_international_minimum: 11,
            ..DialPlan::default()
        }
    }

    #[test]
    fn every_spelling_is_one_number() {
        let rows = [
            ("plus", united_states(), "+14155551234", "+14155551234"),
            (
                "national prefix",
                united_states(),
                "14155551234",
                "+14155551234",
            ),
            (
                "bare national",
                united_states(),
                "4155551234",
                "+14155551234",
            ),
            (
                "international 011",
                united_states(),
                "01114155551234",
                "+14155551234",
            ),
            (
                "international 00",
                united_states(),
                "0014155551234",
                "+14155551234",
            ),
            (
                "abroad",
                united_states(),
                "011493012345678",
                "+493012345678",
            ),
            ("short code stays", united_states(), "112", "112"),
            ("seven digits stay", united_states(), "5551234", "5551234"),
            ("german national", germany(), "03012345678", "+493012345678"),
            (
                "german international",
                germany(),
                "00493012345678",
                "+493012345678",
            ),
            (
                "german bare e164",
                germany(),
                "493012345678",
                "+493012345678",
            ),
            ("extension", germany(), "100", "100"),
            ("the prefix alone", germany(), "00", "00"),
            ("star code", germany(), "*67", "*67"),
            (
                "star code with digits",
                germany(),
                "*6703012345678",
                "*6703012345678",
            ),
            (
                "no plan",
                DialPlan::default(),
                "0014155551234",
                "0014155551234",
            ),
        ];
        for (name, plan, text, expected) in rows {
            let party = plan.canonical_long(&dialled(text), 7);
            assert_eq!(party.number.to_string(), expected, "{name}");
            assert_eq!(party.leading, party.number, "{name}");
        }
    }

    #[test]
    fn digits_behind_a_full_number_keep_its_prefix() {
        let plan = germany();
        for text in [
            "+4930123456789012345678",
            "004930123456789012345678",
            "030123456789012345",
        ] {
            let party = plan.canonical_long(&dialled(text), 7);
            assert_eq!(party.number, Number::from_text_hash(7), "{text}");
            let expected = if text.starts_with("030") {
                "030123456789012"
            } else {
                "+493012345678901"
            };
            assert_eq!(party.leading.to_string(), expected, "{text}");
        }
        let forty = "+49301234567890123456789012345678901234567890";
        let party = plan.canonical_long(&dialled(forty), 7);
        assert_eq!(party.leading.to_string(), "+493012345678901");
    }
}
