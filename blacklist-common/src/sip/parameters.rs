//! The parameters after an address: whether there is a tag, and whether another address follows
//! (RFC 3261, 19.3 and 20.10).

use crate::address::{Address, Scheme};
use crate::find::{Find, QuoteEnd, WINDOWS, skip_blanks};
use crate::flaw::Flaw;
use crate::repeat::{Repeat, Step, Stepper};
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

struct ParameterStep<'a> {
    text: &'a Text,
    find: &'a mut Find,
    address: &'a mut Address,
}

impl ParameterStep<'_> {
    /// After a `;`: notes a `tag` with a value (RFC 3261, 19.3).
    #[inline(always)]
    fn parameter<R: Repeat>(&mut self) -> Step {
        skip_blanks::<R>(self.text, self.find);
        let start = self.find.at;
        if !named!(self.text.word(start), b"tag") || start.wrapping_add(3) > self.find.limit {
            return Step::Again;
        }
        self.find.at = start.wrapping_add(3);
        skip_blanks::<R>(self.text, self.find);
        if self.find.at >= self.find.limit || self.text.byte(self.find.at) != b'=' {
            // Another parameter that begins with these letters, or a tag without a value.
            return Step::Again;
        }
        self.find.at = self.find.at.wrapping_add(1);
        skip_blanks::<R>(self.text, self.find);
        let value = self.text.byte(self.find.at);
        if self.find.at < self.find.limit && value != b';' && value != b',' {
            self.address.tag = 1;
        } else {
            self.address.flaw = Flaw::BadAddress;
        }
        Step::Again
    }
}

struct Parameters<'a, R> {
    step: ParameterStep<'a>,
    repeat: core::marker::PhantomData<R>,
}

impl<R: Repeat> Stepper for Parameters<'_, R> {
    #[inline(always)]
    fn step(&mut self, _index: u32) -> Step {
        let text = self.step.text;
        let find = &mut *self.step.find;
        let address = &mut *self.step.address;
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
            b'@' if address.bracketed == 0
                && address.at_sign == 0
                && address.scheme == Scheme::Sip =>
            {
                address.refuse(Flaw::BadAddress)
            }
            b'@' => Step::Again,
            _ => self.step.parameter::<R>(),
        }
    }
}

/// Windows, and as many parameters and quotes.
const PARAMETER_STEPS: u32 = WINDOWS + 512;

/// Reads the parameters from `find.at` on.
#[inline(always)]
pub(crate) fn read<R: Repeat>(text: &Text, find: &mut Find, address: &mut Address) {
    R::repeat(
        PARAMETER_STEPS,
        &mut Parameters::<R> {
            step: ParameterStep {
                text,
                find: &mut *find,
                address: &mut *address,
            },
            repeat: core::marker::PhantomData,
        },
    );
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
