//! Addresses: the value of From, To and the identity headers, and the Request-URI. Where the user
//! part is, and nothing else of the URI.
//!
//! Grammar: name-addr and addr-spec of RFC 3261, 25.1; whatever can be read in two ways is refused
//! with the outcome that says why.

use crate::clear::Clear;
use crate::find::{Find, find, find_quote, skip_blanks};
use crate::outcome::Outcome;
use crate::parameters;
use crate::repeat::{Repeat, Step, Stepper};
use crate::scan::{Field, Scan, Span};
use crate::text::{Marks, Text, equal};
use crate::uri::read_uri;

/// The address can be relied on.
pub const NO_OUTCOME: u32 = 0;

/// What an address says. Lives in memory that the verifier does not follow.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(8))]
pub struct Address {
    /// The user part: of a sip URI up to `@`, of a tel URI all that follows the scheme.
    pub user: Span,
    /// Number of a [`crate::uri::Scheme`].
    pub scheme: u32,
    /// 0, or the number of the [`Outcome`] that says why the address cannot be relied on.
    pub outcome: u32,
    /// 1 if there is a `tag` parameter with a value.
    pub tag: u32,
    /// Where another address begins, behind a comma; 0 if there is none.
    pub next: u32,
    /// Where the URI began.
    pub(crate) uri: u32,
    /// Position of `@`; 0 for none.
    pub(crate) at_sign: u32,
    /// 1 if the URI stands in `<` and `>`.
    pub(crate) bracketed: u32,
    /// 1 inside of a quoted parameter value.
    pub(crate) quoted: u32,
    /// 1 for the Request-URI, which a blank ends.
    pub(crate) request: u32,
    /// 1 where a tag does not matter: bracketed, and not To.
    pub(crate) untagged: u32,
}

// SAFETY: integers only; the size is checked where it is cleared.
unsafe impl Clear for Address {}

impl Address {
    /// Nothing read.
    pub const EMPTY: Self = Self {
        user: Span { start: 0, end: 0 },
        scheme: 0,
        outcome: NO_OUTCOME,
        tag: 0,
        next: 0,
        uri: 0,
        at_sign: 0,
        bracketed: 0,
        quoted: 0,
        request: 0,
        untagged: 0,
    };

    /// Where the URI began; 0 if there is none.
    #[inline(always)]
    pub(crate) const fn uri(&self) -> u32 {
        self.uri
    }

    /// Position of `@`; 0 for none.
    #[inline(always)]
    pub(crate) const fn at_sign(&self) -> u32 {
        self.at_sign
    }

    #[inline(always)]
    pub(crate) fn refuse(&mut self, outcome: Outcome) -> Step {
        self.outcome = outcome as u32;
        Step::Stop
    }
}

/// Addresses of a message by the number of their [`Field`].
pub const ADDRESSES: u32 = 6;
const ADDRESS_MASK: usize = 7;

/// All addresses of a message, and what reading them needs.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Addresses {
    /// By the number of their field.
    pub list: [Address; ADDRESS_MASK + 1],
    find: Find,
}

impl Addresses {
    /// Nothing read.
    pub const EMPTY: Self = Self {
        list: [Address::EMPTY; ADDRESS_MASK + 1],
        find: Find { at: 0, limit: 0 },
    };

    /// The address of a field.
    #[inline(always)]
    pub fn of(&self, field: u32) -> &Address {
        match self.list.get(field as usize & ADDRESS_MASK) {
            Some(address) => address,
            None => &Address::EMPTY,
        }
    }
}

/// What can end a display name without quotes, or show that there is none.
struct DisplayEnd;

impl Marks for DisplayEnd {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        equal(word, b'<')
            | equal(word, b':')
            | equal(word, b'"')
            | equal(word, b',')
            | equal(word, b';')
            | equal(word, b'@')
    }
}

/// Moves `find.at` to the URI, behind a display name and `<` if there are such.
#[inline(always)]
fn find_uri<R: Repeat>(text: &Text, search: &mut Find, address: &mut Address) -> Step {
    skip_blanks::<R>(text, search);
    if search.at >= search.limit {
        return address.refuse(Outcome::BadAddress);
    }
    match text.byte(search.at) {
        b'<' => {}
        b'"' => {
            search.at = search.at.wrapping_add(1);
            if !find_quote::<R>(text, search) {
                return address.refuse(Outcome::TooLong);
            }
            if search.at >= search.limit {
                return address.refuse(Outcome::OpenQuote);
            }
            search.at = search.at.wrapping_add(1);
            skip_blanks::<R>(text, search);
            if search.at >= search.limit || text.byte(search.at) != b'<' {
                return address.refuse(Outcome::BadAddress);
            }
        }
        _ if address.request != 0 => {
            address.uri = search.at;
            return Step::Again;
        }
        _ => {
            address.uri = search.at;
            find::<R, DisplayEnd>(text, search);
            if search.at >= search.limit {
                return address.refuse(Outcome::BadAddress);
            }
            match text.byte(search.at) {
                b':' => {
                    search.at = address.uri;
                    return Step::Again;
                }
                b'<' => {}
                _ => return address.refuse(Outcome::BadAddress),
            }
        }
    }
    search.at = search.at.wrapping_add(1);
    address.uri = search.at;
    address.bracketed = 1;
    Step::Again
}

/// Reads the address in `span`, the value of a field.
#[inline(always)]
fn read<R: Repeat>(text: &Text, search: &mut Find, address: &mut Address, span: Span, field: u32) {
    address.clear();
    let request = u32::from(field == Field::StartLine as u32);
    address.request = request;
    search.at = span.start;
    search.limit = span.end;
    if find_uri::<R>(text, search, address) == Step::Stop {
        return;
    }
    read_uri::<R>(text, search, address);
    if address.outcome != NO_OUTCOME || request != 0 {
        return;
    }
    if address.bracketed != 0 {
        address.untagged = u32::from(field != Field::To as u32);
        search.at = search.at.wrapping_add(1);
    } else {
        skip_blanks::<R>(text, search);
    }
    if search.at >= search.limit {
        return;
    }
    if address.bracketed == 0 && !matches!(text.byte(search.at), b';' | b',' | b'?' | b'<') {
        // A blank or a fold was not behind the URI but inside of it.
        address.outcome = Outcome::FoldedUri as u32;
        return;
    }
    parameters::read::<R>(text, search, address);
}

struct AddressStep<'a, R> {
    text: &'a Text,
    scan: &'a mut Scan,
    addresses: &'a mut Addresses,
    repeat: core::marker::PhantomData<R>,
}

impl<R: Repeat> Stepper for AddressStep<'_, R> {
    #[inline(always)]
    fn step(&mut self, index: u32) -> Step {
        let span = self.scan.span_at(index);
        let Addresses { list, find } = &mut *self.addresses;
        let Some(address) = list.get_mut(index as usize & ADDRESS_MASK) else {
            return Step::Stop;
        };
        let request = index == Field::StartLine as u32;
        if !span.is_some() && !request {
            address.clear();
            return Step::Again;
        }
        read::<R>(self.text, find, address, span, index);
        if index == Field::FirstIdentity as u32 && address.next != 0 {
            // Two addresses in one header (RFC 3325, 9.1); with a second header there are three.
            let rest = Span {
                start: address.next,
                end: span.end,
            };
            if self.scan.span(Field::SecondIdentity).is_some() {
                address.outcome = Outcome::SeveralAddresses as u32;
            }
            self.scan.set_span(Field::SecondIdentity, rest);
        } else if address.next != 0 && address.outcome == NO_OUTCOME {
            address.outcome = Outcome::SeveralAddresses as u32;
        }
        Step::Again
    }
}

/// Reads all addresses of a message. The start line's span is that of the Request-URI by then.
#[inline(never)]
pub fn read_all<R: Repeat>(text: &Text, scan: &mut Scan, addresses: &mut Addresses) {
    R::repeat(
        ADDRESSES,
        &mut AddressStep::<R> {
            text,
            scan,
            addresses,
            repeat: core::marker::PhantomData,
        },
    );
}
