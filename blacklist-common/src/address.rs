//! Addresses: the value of From, To and the identity headers, and the Request-URI. Where the user
//! part is, and nothing else of the URI.
//!
//! Grammar: name-addr and addr-spec of RFC 3261, 25.1; whatever can be read in two ways is refused
//! with the outcome that says why.

use crate::clear::Clear;
use crate::find::{Find, QuoteEnd, WINDOWS, find, find_quote, is_blank, skip_blanks};
use crate::outcome::Outcome;
use crate::repeat::{Repeat, Step, Stepper};
use crate::scan::{Field, Scan, Span};
use crate::text::{Marks, Text, below, equal, named};

/// What kind of URI an address has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Scheme {
    /// A scheme that names nobody who could be in a rule.
    Other = 0,
    /// `sip:` or `sips:`.
    Sip = 1,
    /// `tel:` (RFC 3966).
    Tel = 2,
    /// `urn:service:sos` and what is below it: emergency services (RFC 5031).
    Emergency = 3,
}

/// The address can be relied on.
pub const NO_OUTCOME: u32 = 0;

/// What an address says. Lives in memory that the verifier does not follow.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(8))]
pub struct Address {
    /// The user part: of a sip URI up to `@`, of a tel URI all that follows the scheme.
    pub user: Span,
    /// Number of a [`Scheme`].
    pub scheme: u32,
    /// 0, or the number of the [`Outcome`] that says why the address cannot be relied on.
    pub outcome: u32,
    /// 1 if there is a `tag` parameter with a value.
    pub tag: u32,
    /// Where another address begins, behind a comma; 0 if there is none.
    pub next: u32,
    /// First byte of the host; 0 if there is no user in front of it.
    pub host: u32,
    /// Where the URI began.
    uri: u32,
    /// Position of `@`; 0 for none.
    at_sign: u32,
    /// 1 if the URI stands in `<` and `>`.
    bracketed: u32,
    /// 1 inside of a quoted parameter value.
    quoted: u32,
    /// 1 for the Request-URI, which a blank ends.
    request: u32,
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
        host: 0,
        uri: 0,
        at_sign: 0,
        bracketed: 0,
        quoted: 0,
        request: 0,
    };

    #[inline(always)]
    fn refuse(&mut self, outcome: Outcome) -> Step {
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

/// What matters inside of a URI in brackets, and in a Request-URI.
struct UriMarks;

impl Marks for UriMarks {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        equal(word, b'@')
            | equal(word, b'>')
            | equal(word, b'<')
            | equal(word, b'"')
            | below(word, b' ' + 1)
    }
}

/// The same for a URI without brackets, whose parameters are those of the header.
struct BareUriMarks;

impl Marks for BareUriMarks {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        UriMarks::marks(word) | equal(word, b';') | equal(word, b',') | equal(word, b'?')
    }
}

/// What matters among the parameters behind an address.
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

struct UriStep<'a> {
    text: &'a Text,
    find: &'a mut Find,
    address: &'a mut Address,
}

impl Stepper for UriStep<'_> {
    #[inline(always)]
    fn step(&mut self, _index: u32) -> Step {
        let address = &mut *self.address;
        let found = if address.bracketed | address.request != 0 {
            self.find.advance::<UriMarks>(self.text)
        } else {
            self.find.advance::<BareUriMarks>(self.text)
        };
        if !found {
            return Step::Again;
        }
        let at = self.find.at;
        if at >= self.find.limit {
            // A bracket that never closes.
            if address.bracketed != 0 {
                return address.refuse(Outcome::BadAddress);
            }
            return Step::Stop;
        }
        match self.text.byte(at) {
            b'@' => {
                if address.at_sign != 0 {
                    return address.refuse(Outcome::BadAddress);
                }
                address.at_sign = at;
                self.find.at = at.wrapping_add(1);
                Step::Again
            }
            b'>' if address.bracketed != 0 => Step::Stop,
            b'>' | b'<' | b'"' => address.refuse(Outcome::BadAddress),
            b';' | b',' | b'?' => Step::Stop,
            _ if address.bracketed != 0 => address.refuse(Outcome::FoldedUri),
            _ => Step::Stop,
        }
    }
}

struct ParameterStep<'a> {
    text: &'a Text,
    find: &'a mut Find,
    address: &'a mut Address,
}

impl ParameterStep<'_> {
    /// Behind a `;`: notes a `tag` with a value (RFC 3261, 19.3).
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
            self.address.outcome = Outcome::BadAddress as u32;
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
            find.advance::<QuoteEnd>(text)
        } else {
            find.advance::<ParameterMarks>(text)
        };
        if !found {
            return Step::Again;
        }
        let at = find.at;
        if at >= find.limit {
            if address.quoted != 0 {
                return address.refuse(Outcome::OpenQuote);
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
            b'<' => address.refuse(Outcome::BadAddress),
            // `sip:1;x@host` without brackets: a parameter of the user, or of the header.
            b'@' if address.bracketed == 0
                && address.at_sign == 0
                && address.scheme == Scheme::Sip as u32 =>
            {
                address.refuse(Outcome::BadAddress)
            }
            b'@' => Step::Again,
            _ => self.step.parameter::<R>(),
        }
    }
}

/// Windows, and as many parameters and quotes.
const PARAMETER_STEPS: u32 = WINDOWS + 512;

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

/// The scheme of the URI at `at`, and the bytes of its name and colon.
#[inline(always)]
fn scheme_of(text: &Text, at: u32) -> (Scheme, u32) {
    let word = text.word(at);
    if named!(word, b"sip:") {
        (Scheme::Sip, 4)
    } else if named!(word, b"sips:") {
        (Scheme::Sip, 5)
    } else if named!(word, b"tel:") {
        (Scheme::Tel, 4)
    } else if named!(word, b"urn:serv") && named!(text.word(at.wrapping_add(8)), b"ice:sos") {
        (Scheme::Emergency, 15)
    } else {
        (Scheme::Other, 0)
    }
}

/// Reads the URI that begins at `find.at`; leaves `find.at` at what ends it.
#[inline(always)]
fn read_uri<R: Repeat>(text: &Text, search: &mut Find, address: &mut Address) {
    let (scheme, length) = scheme_of(text, search.at);
    address.scheme = scheme as u32;
    search.at = search.at.wrapping_add(length);
    let start = search.at;
    R::repeat(
        WINDOWS + 4,
        &mut UriStep {
            text,
            find: search,
            address,
        },
    );
    if address.outcome != NO_OUTCOME {
        return;
    }
    let mut user = Span::default();
    match scheme {
        Scheme::Sip if address.at_sign != 0 => {
            user = Span {
                start,
                end: address.at_sign,
            };
            address.host = address.at_sign.wrapping_add(1);
        }
        Scheme::Tel if address.at_sign != 0 => {
            address.outcome = Outcome::BadAddress as u32;
        }
        Scheme::Tel => {
            user = Span {
                start,
                end: search.at,
            };
        }
        Scheme::Sip | Scheme::Other | Scheme::Emergency => {}
    }
    address.user = user;
}

/// Reads the address in `span`. Only for a Request-URI is `request` 1.
#[inline(always)]
fn read<R: Repeat>(
    text: &Text,
    search: &mut Find,
    address: &mut Address,
    span: Span,
    request: u32,
) {
    address.clear();
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
    R::repeat(
        PARAMETER_STEPS,
        &mut Parameters::<R> {
            step: ParameterStep {
                text,
                find: search,
                address,
            },
            repeat: core::marker::PhantomData,
        },
    );
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
        read::<R>(self.text, find, address, span, u32::from(request));
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

/// Whether the host of an address is `anonymous.invalid` (RFC 3323, 4.1).
#[inline(always)]
pub fn is_anonymous_host(text: &Text, address: &Address) -> bool {
    let at = address.host;
    at != 0
        && named!(text.word(at), b"anonymou")
        && named!(text.word(at.wrapping_add(8)), b"s.invali")
        && named!(text.word(at.wrapping_add(16)), b"d")
        && !text.byte(at.wrapping_add(17)).is_ascii_alphanumeric()
        && text.byte(at.wrapping_add(17)) != b'.'
        && !is_blank(text.byte(at))
}
