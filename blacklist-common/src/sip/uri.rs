//! The URI of an address: its scheme and its user part, and nothing else of it.
//!
//! RFC 3261, 19.1 (sip, sips), RFC 3966 (tel), RFC 5031 (service URNs).

use crate::address::{Address, Scheme};
use crate::find::{Find, WINDOWS, find};
use crate::flaw::Flaw;
use crate::repeat::{Repeat, Step};
use crate::scan::Span;
use crate::text::{Marks, Text, below, equal, named};

/// What matters inside of a URI in brackets, and in a Request-URI.
struct UriMarks;

impl Marks for UriMarks {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        // `<` differs from `>` in one bit only, and no other byte becomes `>` by setting it.
        equal(word, b'@')
            | equal(word | 0x0202_0202_0202_0202, b'>')
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

/// Looks for the next byte of the URI that matters.
#[inline(always)]
fn step(text: &Text, find: &mut Find, address: &mut Address) -> Step {
    let found = if address.bracketed | address.request != 0 {
        find.advance::<UriMarks, _>(text)
    } else {
        find.advance::<BareUriMarks, _>(text)
    };
    if !found {
        return Step::Again;
    }
    let at = find.at;
    if at >= find.limit {
        // A bracket that never closes.
        if address.bracketed != 0 {
            return address.refuse(Flaw::BadAddress);
        }
        return Step::Stop;
    }
    match text.byte(at) {
        b'@' => {
            if address.at_sign != 0 && address.scheme != Scheme::Tel {
                return address.refuse(Flaw::BadAddress);
            }
            address.at_sign = at;
            find.at = at.wrapping_add(1);
            Step::Again
        }
        b'>' if address.bracketed != 0 => Step::Stop,
        b'>' | b'<' | b'"' => address.refuse(Flaw::BadAddress),
        b';' | b',' | b'?' => Step::Stop,
        _ if address.bracketed != 0 => address.refuse(Flaw::FoldedUri),
        _ => Step::Stop,
    }
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
    } else if named!(word, b"urn:serv")
        && named!(text.word(at.wrapping_add(8)), b"ice:sos")
        && !is_label(text.byte(at.wrapping_add(15)))
    {
        (Scheme::Emergency, 15)
    } else {
        (Scheme::Other, 0)
    }
}

/// Whether a byte goes on with a label of a service URN (RFC 5031, 4.2); a dot begins another one.
#[inline(always)]
const fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'%')
}

/// Ends the number of a tel URI, or cannot be in it (RFC 3966, 3).
struct TelMarks;

impl Marks for TelMarks {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        equal(word, b'@') | equal(word, b';') | equal(word, b'?')
    }
}

/// The user part of a tel URI: the number with its parameters, in which `@` is allowed (a subaddress is
/// like one); what `?` begins is none of it.
#[inline(always)]
fn tel_user<R: Repeat>(text: &Text, search: &mut Find, address: &mut Address, start: u32) -> Span {
    let (at, limit) = (search.at, search.limit);
    let mut end = at;
    search.at = start;
    search.limit = at;
    find::<R, TelMarks, _>(text, search);
    if search.at < at {
        match text.byte(search.at) {
            b'@' => address.flaw = Flaw::BadAddress,
            b'?' => end = search.at,
            _ => {}
        }
    }
    search.at = at;
    search.limit = limit;
    Span { start, end }
}

/// Reads the URI that begins at `find.at`; leaves `find.at` at what ends it.
#[inline(always)]
pub(crate) fn read_uri<R: Repeat>(text: &Text, search: &mut Find, address: &mut Address) {
    let (scheme, length) = scheme_of(text, search.at);
    address.scheme = scheme;
    search.at = search.at.wrapping_add(length);
    let start = search.at;
    let (find, reading) = (&mut *search, &mut *address);
    R::repeat(WINDOWS + 4, move |_| step(text, find, reading));
    if address.flaw.is_some() {
        return;
    }
    let mut user = Span::default();
    match address.scheme_in_memory() {
        Scheme::Sip if address.at_sign != 0 => {
            user = Span {
                start,
                end: address.at_sign,
            };
        }
        Scheme::Tel => user = tel_user::<R>(text, search, address, start),
        Scheme::Sip | Scheme::Other | Scheme::Emergency => {}
    }
    address.user = user;
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::boxed::Box;

    use super::*;

    #[test]
    fn schemes_in_any_case_with_their_colon() {
        let mut text = Box::<Text>::default();
        for (uri, scheme, length) in [
            ("sip:1@x", Scheme::Sip, 4),
            ("SIPS:1@x", Scheme::Sip, 5),
            ("Tel:+1", Scheme::Tel, 4),
            ("urn:service:sos", Scheme::Emergency, 15),
            ("URN:Service:SOS.fire", Scheme::Emergency, 15),
            ("urn:service:sos;x=1", Scheme::Emergency, 15),
            ("urn:service:other", Scheme::Other, 0),
            ("urn:service:sosx", Scheme::Other, 0),
            ("urn:service:sos-x", Scheme::Other, 0),
            ("urn:service:sos1", Scheme::Other, 0),
            ("sip 1@x", Scheme::Other, 0),
            ("h323:1", Scheme::Other, 0),
        ] {
            text.fill(uri.as_bytes());
            assert_eq!(scheme_of(&text, 0), (scheme, length), "{uri}");
        }
    }
}
