//! The parameters after an address: whether there is a tag, and whether another address follows
//! (RFC 3261, 19.3 and 20.10).

use crate::address::{Address, Scheme};
use crate::find::{Find, QuoteEnd, WINDOWS, skip_blanks};
use crate::flaw::Flaw;
use crate::repeat::{Repeat, Step};
use crate::text::{Marks, Text, equal, named};

/// What matters among the parameters after an address.
struct ParameterMarks;

impl Marks for ParameterMarks {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        equal(word, b';')
            | equal(word, b'"')
            | equal(word, b',')
            | equal(word, b'<')
            | equal(word, b'@')
    }
}

/// The same where nothing but another address matters: after a bracketed address that is not To.
struct NextMarks;

impl Marks for NextMarks {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        equal(word, b'"') | equal(word, b',') | equal(word, b'<')
    }
}

/// After a `;`: notes a `tag` with a value (RFC 3261, 19.3).
#[inline(always)]
fn parameter<R: Repeat>(text: &Text, find: &mut Find, address: &mut Address) -> Step {
    skip_blanks::<R>(text, find);
    let start = find.at;
    if !named!(text.word(start), b"tag") || start.wrapping_add(3) > find.limit {
        return Step::Again;
    }
    find.at = start.wrapping_add(3);
    skip_blanks::<R>(text, find);
    if find.at >= find.limit || text.byte(find.at) != b'=' {
        // Another parameter that begins with these letters, or a tag without a value.
        return Step::Again;
    }
    find.at = find.at.wrapping_add(1);
    skip_blanks::<R>(text, find);
    let value = text.byte(find.at);
    if find.at < find.limit && value != b';' && value != b',' && value != b'"' {
        address.tag = 1;
    } else {
        // A tag is a token (RFC 3261, 25.1): servers disagree on an empty one, and on a quoted one.
        address.flaw = Flaw::BadAddress;
    }
    Step::Again
}

/// Looks for the next byte of the parameters that matters.
#[inline(always)]
fn step<R: Repeat>(text: &Text, find: &mut Find, address: &mut Address) -> Step {
    let found = if address.quoted != 0 {
        find.advance::<QuoteEnd, _>(text)
    } else if address.ignores_tag != 0 {
        find.advance::<NextMarks, _>(text)
    } else {
        find.advance::<ParameterMarks, _>(text)
    };
    if !found {
        return Step::Again;
    }
    let at = find.at;
    if at >= find.limit {
        if address.quoted != 0 {
            return address.refuse(Flaw::OpenQuote);
        }
        return Step::Stop;
    }
    find.at = at.wrapping_add(1);
    match text.byte(at) {
        b'"' => {
            address.quoted ^= 1;
            Step::Again
        }
        b'\\' => {
            find.at = at.wrapping_add(2);
            Step::Again
        }
        b',' => {
            address.next = at.wrapping_add(1);
            Step::Stop
        }
        b'<' => address.refuse(Flaw::BadAddress),
        // `sip:1;x@host` without brackets: a parameter of the user, or of the header.
        b'@' if address.bracketed == 0 && address.at_sign == 0 && address.scheme == Scheme::Sip => {
            address.refuse(Flaw::BadAddress)
        }
        b'@' => Step::Again,
        _ => parameter::<R>(text, find, address),
    }
}

/// Windows, and as many parameters and quotes.
const PARAMETER_STEPS: u32 = WINDOWS + 512;

/// Reads the parameters from `find.at` on.
#[inline(always)]
pub(crate) fn read<R: Repeat>(text: &Text, find: &mut Find, address: &mut Address) {
    let (search, reading) = (&mut *find, &mut *address);
    R::repeat(PARAMETER_STEPS, move |_| step::<R>(text, search, reading));
    if find.at < find.limit && address.next == 0 && !address.flaw.is_some() {
        address.flaw = Flaw::TooLong;
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::boxed::Box;

    use super::*;
    use crate::repeat::PlainLoop;

    #[test]
    fn more_parameters_than_are_read() {
        for (count, flaw) in [(500, Flaw::None), (900, Flaw::TooLong)] {
            let mut text = Box::<Text>::default();
            let limit = text.fill(&b";a=b".repeat(count));
            let mut find = Find { at: 0, limit };
            let mut address = Address {
                bracketed: 1,
                ..Address::default()
            };
            read::<PlainLoop>(&text, &mut find, &mut address);
            assert_eq!(address.flaw, flaw, "{count}");
        }
    }
}
