//! The user part of an address as a number: separators and parameters off, escapes decoded once,
//! then the trunk's dial plan. Rules are read by the same code as packets.
//!
//! RFC 3261, 19.1.1 (user, password), RFC 3966, 3 (visual separators, `phone-context`).

use crate::dial_plan::{DialPlan, Dialled, Digits};
use crate::find::{Find, find};
use crate::flaw::Flaw;
use crate::hash;
use crate::number::{MAXIMUM_DIGITS, NIBBLE_HASH, NIBBLE_STAR, Number, Party};
use crate::outcome::Outcome;
use crate::repeat::{PlainLoop, Repeat, Step};
use crate::scan::Span;
use crate::text::{Marks, Text, equal, named};
use crate::zeroed::Zeroed;

/// Bytes of a user part that are read; a longer one is ambiguous.
pub const MAXIMUM_USER: u32 = 512;

/// A reading of a user part. Lives in memory that the verifier does not follow.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(8))]
pub struct UserPart {
    find: Find,
    dialled: Dialled,
    hash: u64,
    /// Characters that are not separators.
    characters: u32,
    /// 1 if one of them is not of a number.
    text: u32,
    /// 1 if one of them is NUL.
    nul: u32,
    /// 1 if there are digits, and all of them are zeros.
    pub zeros: u32,
    /// The digits of `phone-context`.
    context: Digits,
    /// How much of `(0)` was read: 1 after the bracket, 2 after the zero.
    bracket: u32,
    /// 1 if a zero in brackets is that of the plan's national prefix.
    drops_zero: u32,
}

// SAFETY: integers only; the size is checked where it is cleared.
unsafe impl Zeroed for UserPart {}

/// Value of a hexadecimal digit; 16 for anything else.
#[inline(always)]
const fn hexadecimal(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => byte - b'0',
        b'a'..=b'f' => byte - b'a' + 10,
        b'A'..=b'F' => byte - b'A' + 10,
        _ => 16,
    }
}

/// The first of `left` bytes of a user part, an escape decoded, and how many bytes it took; none at
/// the end, or where parameters or a password begin.
#[inline(always)]
fn character(left: u32, byte_at: impl Fn(u32) -> u8) -> Option<(u8, u32)> {
    if left == 0 {
        return None;
    }
    let byte = byte_at(0);
    if byte == b';' || byte == b':' {
        return None;
    }
    if byte == b'%' && left > 2 {
        let high = hexadecimal(byte_at(1));
        let low = hexadecimal(byte_at(2));
        if high < 16 && low < 16 {
            return Some((high << 4 | low, 3));
        }
    }
    Some((byte, 1))
}

/// The characters of a user part up to its parameters or password, escapes decoded once.
pub fn characters(user: &[u8]) -> impl Iterator<Item = u8> {
    let mut rest = user;
    core::iter::from_fn(move || {
        let byte_at = |at: u32| rest.get(at as usize).copied().unwrap_or_default();
        let (byte, length) = character(rest.len() as u32, byte_at)?;
        rest = rest.get(length as usize..)?;
        Some(byte)
    })
}

impl UserPart {
    /// Adds a decoded character.
    #[inline(always)]
    fn push(&mut self, byte: u8) {
        self.hash = hash::add(self.hash, byte.to_ascii_lowercase());
        // `+49 (0)30 ..`: dialled within the country alone.
        self.bracket = match (self.bracket, byte) {
            (_, b'(') if self.dialled.count > 0 => 1,
            (1, b'0') => 2,
            (2, b')') if self.drops_zero != 0 => {
                self.dialled.pop();
                self.characters = self.characters.wrapping_sub(1);
                0
            }
            _ => 0,
        };
        match byte {
            b'0'..=b'9' => self.dialled.push(byte - b'0'),
            b'*' => self.dialled.push(NIBBLE_STAR),
            b'#' => self.dialled.push(NIBBLE_HASH),
            b'+' if self.characters == 0 => self.dialled.plus = 1,
            b'-' | b'.' | b'(' | b')' | b' ' => return,
            0 => self.nul = 1,
            _ => self.text = 1,
        }
        self.characters = self.characters.wrapping_add(1);
    }
}

/// Where a parameter of the user part begins.
pub(crate) struct Semicolon;

impl Marks for Semicolon {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        equal(word, b';')
    }
}

/// Searches the parameters of a user part for `phone-context`, and reads the digits of one that is the
/// beginning of international numbers. Another one, such as a domain, says nothing of the number.
#[inline(always)]
fn context<R: Repeat, const N: usize>(text: &Text<N>, part: &mut UserPart) -> Step {
    find::<R, Semicolon, N>(text, &mut part.find);
    let at = part.find.at;
    if at >= part.find.limit {
        return Step::Stop;
    }
    part.find.at = at.wrapping_add(1);
    if named!(text.word(at.wrapping_add(1)), b"phone-co")
        && named!(text.word(at.wrapping_add(9)), b"ntext=")
        && text.byte(at.wrapping_add(15)) == b'+'
    {
        part.find.at = at.wrapping_add(16);
        R::repeat(MAXIMUM_CONTEXT, move |_| {
            let byte = text.byte(part.find.at);
            if part.find.at >= part.find.limit || byte == b';' {
                return Step::Stop;
            }
            match byte {
                b'0'..=b'9' if part.context.count < MAXIMUM_DIGITS => {
                    let digit = u64::from(byte - b'0');
                    part.context.packed |= digit << (60 - 4 * (part.context.count & 15));
                    part.context.count = part.context.count.wrapping_add(1);
                }
                b'-' | b'.' | b'(' | b')' => {}
                _ => {
                    part.context.count = 0;
                    return Step::Stop;
                }
            }
            part.find.at = part.find.at.wrapping_add(1);
            Step::Again
        });
        return Step::Stop;
    }
    Step::Again
}

/// Characters of a context that are read.
const MAXIMUM_CONTEXT: u32 = 32;

/// Parameters of a user part that are looked through.
pub(crate) const MAXIMUM_PARAMETERS: u32 = 64;

/// Digits as a word's bytes, `count` of them: as nibbles from the left. None if one is no digit.
#[inline(always)]
fn nibbles_of(word: u64, count: u32) -> Option<u64> {
    // The bytes after them become '0': in little-endian order they are the high ones.
    let count = if count > 8 { 8 } else { count };
    let kept = if count == 8 {
        u64::MAX
    } else {
        (1_u64 << (8 * (count & 7))) - 1
    };
    let digits = (word & kept) | (0x3030_3030_3030_3030 & !kept);
    let values = digits ^ 0x3030_3030_3030_3030;
    if (values | values.wrapping_add(0x0606_0606_0606_0606)) & 0xF0F0_F0F0_F0F0_F0F0 != 0 {
        return None;
    }
    let mut packed = values.swap_bytes();
    packed = (packed | packed >> 4) & 0x00FF_00FF_00FF_00FF;
    packed = (packed | packed >> 8) & 0x0000_FFFF_0000_FFFF;
    packed = (packed | packed >> 16) & 0x0000_0000_FFFF_FFFF;
    Some(packed << 32)
}

/// The usual spelling, up to 15 digits with or without a `+`, at once. `None` for every other.
#[inline(always)]
fn plain_digits<const N: usize>(text: &Text<N>, user: Span) -> Option<Dialled> {
    let plus = u32::from(text.byte(user.start) == b'+');
    let start = user.start.wrapping_add(plus);
    let count = user.end.wrapping_sub(start);
    if count == 0 || count > MAXIMUM_DIGITS {
        return None;
    }
    let first = nibbles_of(text.word(start), count)?;
    let mut second = 0;
    if count > 8 {
        second = nibbles_of(text.word(start.wrapping_add(8)), count - 8)? >> 32;
    }
    Some(Dialled {
        high: first | second,
        low: 0,
        count,
        plus,
        ..Dialled::default()
    })
}

/// Reads the user part in `user` by a dial plan. An empty one is not a number.
#[inline(always)]
pub fn read<R: Repeat, const N: usize>(
    text: &Text<N>,
    part: &mut UserPart,
    user: Span,
    plan: &DialPlan,
) -> Result<Party, Flaw> {
    if let Some(dialled) = plain_digits(text, user)
        && let Some(party) = plan.canonical(&dialled)
    {
        part.zeros = u32::from(dialled.high == 0);
        return Ok(party);
    }
    if user.length() > MAXIMUM_USER {
        return Err(Flaw::TooLong);
    }
    part.clear();
    part.hash = hash::START;
    part.drops_zero = plan.national_prefix.count;
    part.find.at = user.start;
    part.find.limit = user.end;
    let reading = &mut *part;
    R::repeat(MAXIMUM_USER, move |_| {
        let at = reading.find.at;
        let left = reading.find.limit.saturating_sub(at);
        let byte_at = |offset| text.byte(at.wrapping_add(offset));
        let Some((byte, length)) = character(left, byte_at) else {
            return Step::Stop;
        };
        reading.find.at = at.wrapping_add(length);
        reading.push(byte);
        Step::Again
    });
    if part.find.at < part.find.limit
        && text.byte(part.find.at) == b';'
        && part.dialled.plus == 0
        && part.dialled.count != 0
    {
        let reading = &mut *part;
        R::repeat(MAXIMUM_PARAMETERS, move |_| context::<R, N>(text, reading));
    }
    if part.nul != 0 {
        return Err(Flaw::NulInUser);
    }
    if part.characters == 0 {
        return Ok(Party::NONE);
    }
    let hash = hash::finish(part.hash);
    if part.text != 0 || part.dialled.count == 0 {
        return Ok(Party::of(Number::from_text_hash(hash)));
    }
    if let Some(party) = DialPlan::in_context(&part.dialled, &part.context) {
        return Ok(party);
    }
    part.zeros = u32::from(part.dialled.high | part.dialled.low == 0);
    Ok(plan.canonical_long(&part.dialled, hash))
}

/// The number of a spelling outside of a message: what a rule names, what a command asks about.
///
/// # Errors
/// [`Outcome::NulInUser`] and [`Outcome::TooLong`], as for a packet.
pub fn canonical(spelling: &[u8], plan: &DialPlan) -> Result<Party, Outcome> {
    if spelling.len() > MAXIMUM_USER as usize {
        return Err(Outcome::TooLong);
    }
    // One that is as short as a user part, not as a message: millions of rules are read.
    let mut text = Text::<{ 2 * MAXIMUM_USER as usize }>::ZERO;
    let end = text.fill(spelling);
    let user = Span { start: 0, end };
    read::<PlainLoop, _>(&text, &mut UserPart::default(), user, plan)
        .map_err(|flaw| flaw.outcome().unwrap_or(Outcome::Internal))
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use crate::dial_plan::Digits;
    use std::string::ToString;
    use std::vec::Vec;

    fn plan() -> DialPlan {
        DialPlan {
            country_code: Digits::parse(b"1").unwrap(),
            national_prefix: Digits::parse(b"1").unwrap(),
            international_prefixes: [
                Digits::parse(b"011").unwrap(),
                Digits::parse(b"00").unwrap(),
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

    #[test]
    fn spellings_of_one_number() {
        for spelling in [
            "+14155551234",
            "14155551234",
            "0014155551234",
            "01114155551234",
            "4155551234",
            "+1-415-555-1234",
            "+1.415.555.1234",
            "(415)555-1234",
            "%2B14155551234",
            "+1415555%31234",
            "+14155551234;npdi=yes;rn=+1415555000",
            "+14155551234;phone-context=example.com",
            "+14155551234:secret",
            "+14155551234:pass;word",
            "4155551234;tgrp=trunk;trunk-context=example.com",
            "4155551234;phone-context=example.com",
            "4155551234;phone-context=+1",
            "4155551234;phone-context=+",
            "415-555-1234;isub=7;Phone-Context=+1;x",
            "5551234;phone-context=+1-415",
            "+01114155551234",
            "+1%20415%20555%201234",
        ] {
            let party = canonical(spelling.as_bytes(), &plan()).unwrap();
            assert_eq!(party.number.to_string(), "+14155551234", "{spelling}");
            assert_eq!(party.leading, party.number, "{spelling}");
        }
    }

    #[test]
    fn what_is_not_that_number() {
        let listed = canonical(b"+14155551234", &plan()).unwrap();
        for spelling in [
            "+14155551235",
            "+141555512345",
            "+1415555%2531234",
            "+1415555123%",
            "x14155551234",
            "14155551234x",
            "1+4155551234",
            "++14155551234",
            "+1415555\u{661}234",
            "*14155551234",
            "%zz4155551234",
            "4155551234;phone-context=+44",
            "5551234;phone-context=+1-41x",
        ] {
            let party = canonical(spelling.as_bytes(), &plan()).unwrap();
            assert_ne!(party.number, listed.number, "{spelling}");
        }
    }

    #[test]
    fn an_emergency_number_in_ten_thousand_spellings() {
        let expected = canonical(b"112", &plan()).unwrap().number;
        let mut state = 1_u32;
        let mut draw = |count: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as usize % count
        };
        let between = ["", "", "-", ".", "(", ")", "%20", "%2d", "%2E"];
        let parameters = [
            "",
            ";phone-context=+1",
            ";phone-context=+49-30",
            ";phone-context=example.com",
            ";isub=1",
            ";user=phone",
            ";x=+1;phone-context=+1",
            ";PHONE-CONTEXT=+44",
            ":secret",
            ";phone-context=+1;npdi",
        ];
        for _ in 0..10_000 {
            let mut text = std::string::String::new();
            for digit in ["1", "1", "2"] {
                text.push_str(between[draw(between.len())]);
                if draw(4) == 0 {
                    text.push_str("%3");
                }
                text.push_str(digit);
            }
            text.push_str(between[draw(between.len())]);
            text.push_str(parameters[draw(parameters.len())]);
            let party = canonical(text.as_bytes(), &plan()).unwrap();
            assert_eq!(party.number, expected, "{text}");
        }
    }

    #[test]
    fn texts() {
        let of = |text: &[u8]| canonical(text, &plan()).unwrap().number;
        assert_eq!(of(b"anonymous"), Number::from_text(b"anonymous"));
        assert_eq!(of(b"Anonymous;x=y"), Number::from_text(b"anonymous"));
        assert_eq!(of(b"%61nonymous"), Number::from_text(b"anonymous"));
        assert_ne!(of(b"anonymou"), Number::from_text(b"anonymous"));
        assert_eq!(of(b""), Number::NONE);
        assert_eq!(of(b"--"), Number::NONE);
        assert_eq!(of(b"7042;phone-context=example.com"), of(b"7042"));
        assert_eq!(of(b"911;phone-context=+1"), of(b"911"), "a short code");
        assert_eq!(canonical(b"a%00b", &plan()), Err(Outcome::NulInUser));
        assert_eq!(canonical(b"+1415\x00555", &plan()), Err(Outcome::NulInUser));
    }

    #[test]
    fn more_than_fifteen_digits_keep_their_prefix() {
        let party = canonical(b"+1415555123412345", &plan()).unwrap();
        assert_eq!(party.leading.to_string(), "+141555512341234");
        assert_eq!(party.number, Number::from_text(b"+1415555123412345"));
    }

    #[test]
    fn digits_at_once_and_one_by_one_agree() {
        for length in 1..=15_usize {
            for change in 0..length {
                for byte in [b'0', b'9', b'/', b':', b'a', 0xb5, b' '] {
                    let mut digits: Vec<u8> = (0..length).map(|i| b'1' + (i % 9) as u8).collect();
                    digits[change] = byte;
                    let mut text = Text::<64>::ZERO;
                    text.fill(&[&digits[..], b"7777777777777777"].concat());
                    let span = Span {
                        start: 0,
                        end: length as u32,
                    };
                    let all = digits.iter().all(u8::is_ascii_digit);
                    let at_once = plain_digits(&text, span);
                    assert_eq!(at_once.is_some(), all, "{digits:?}");
                    if let Some(dialled) = at_once {
                        let mut one_by_one = Dialled::default();
                        digits.iter().for_each(|d| one_by_one.push(d - b'0'));
                        assert_eq!(dialled, one_by_one);
                    }
                }
            }
        }
    }
}
