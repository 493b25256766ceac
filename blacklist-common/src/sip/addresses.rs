//! Reads addresses: where the user part is, and nothing else of the URI.
//!
//! Grammar: name-addr and addr-spec of RFC 3261, 25.1; whatever can be read in two ways is refused
//! with the flaw that says why.

use crate::address::{ADDRESS_PLACES, Address, Addresses};
use crate::find::{Find, find, find_quote, skip_blanks};
use crate::flaw::Flaw;
use crate::parameters;
use crate::repeat::{Repeat, Step};
use crate::scan::{Field, Scan, Span};
use crate::text::{Marks, Text, equal};
use crate::uri::read_uri;
use crate::zeroed::Zeroed;

/// Fields that are addresses: the first ones.
const ADDRESSES: u32 = 6;

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

/// Moves `find.at` to the URI, past a display name and `<` where there are any.
#[inline(always)]
fn find_uri<R: Repeat>(text: &Text, search: &mut Find, address: &mut Address) -> Step {
    skip_blanks::<R>(text, search);
    if search.at >= search.limit {
        return address.refuse(Flaw::BadAddress);
    }
    match text.byte(search.at) {
        b'<' => {}
        b'"' => {
            search.at = search.at.wrapping_add(1);
            if !find_quote::<R>(text, search) {
                return address.refuse(Flaw::TooLong);
            }
            if search.at >= search.limit {
                return address.refuse(Flaw::OpenQuote);
            }
            search.at = search.at.wrapping_add(1);
            skip_blanks::<R>(text, search);
            if search.at >= search.limit || text.byte(search.at) != b'<' {
                return address.refuse(Flaw::BadAddress);
            }
        }
        _ if address.request != 0 => {
            address.uri = search.at;
            return Step::Again;
        }
        _ => {
            address.uri = search.at;
            find::<R, DisplayEnd, _>(text, search);
            if search.at >= search.limit {
                return address.refuse(Flaw::BadAddress);
            }
            match text.byte(search.at) {
                b':' => {
                    search.at = address.uri;
                    return Step::Again;
                }
                b'<' => {}
                _ => return address.refuse(Flaw::BadAddress),
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
    if address.flaw.is_some() || request != 0 {
        return;
    }
    if address.bracketed != 0 {
        address.ignores_tag = u32::from(field != Field::To as u32);
        search.at = search.at.wrapping_add(1);
    } else {
        skip_blanks::<R>(text, search);
    }
    if search.at >= search.limit {
        return;
    }
    if address.bracketed == 0 && !matches!(text.byte(search.at), b';' | b',' | b'?' | b'<') {
        // A blank or a fold was not after the URI but inside of it.
        address.flaw = Flaw::FoldedUri;
        return;
    }
    parameters::read::<R>(text, search, address);
}

/// Reads all addresses of a message. The start line's span is that of the Request-URI by then.
#[inline(never)]
pub(crate) fn read_all<R: Repeat>(text: &Text, scan: &mut Scan, addresses: &mut Addresses) {
    R::repeat(ADDRESSES, move |index| {
        let span = scan.span_at(index);
        let Addresses { list, find } = &mut *addresses;
        let Some(address) = list.get_mut(index as usize & (ADDRESS_PLACES - 1)) else {
            return Step::Stop;
        };
        let request = index == Field::StartLine as u32;
        if !span.is_some() && !request {
            address.clear();
            return Step::Again;
        }
        read::<R>(text, find, address, span, index);
        if index == Field::FirstIdentity as u32 && address.next != 0 {
            // Two addresses in one header (RFC 3325, 9.1); with a second header there are three.
            let rest = Span {
                start: address.next,
                end: span.end,
            };
            if scan.span(Field::SecondIdentity).is_some() {
                address.flaw = Flaw::SeveralAddresses;
            }
            scan.set_span(Field::SecondIdentity, rest);
        } else if address.next != 0 && !address.flaw.is_some() {
            address.flaw = Flaw::SeveralAddresses;
        }
        Step::Again
    });
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::boxed::Box;
    use std::str;

    use super::*;
    use crate::address::Scheme;
    use crate::repeat::PlainLoop;

    fn address(value: &str, field: Field) -> (Box<Text>, Address) {
        let mut text = Box::<Text>::default();
        // In front of it a colon, and after it what a longer text has left.
        text.fill(
            [":", value, ";tag=left,<sip:left@over>"]
                .concat()
                .as_bytes(),
        );
        let span = Span {
            start: 1,
            end: 1 + value.len() as u32,
        };
        let mut address = Address::default();
        read::<PlainLoop>(
            &text,
            &mut Find::default(),
            &mut address,
            span,
            field as u32,
        );
        (text, address)
    }

    #[test]
    fn users_are_found_in_every_form() {
        for (value, user) in [
            ("<sip:1@x>", "1"),
            ("sip:1@x", "1"),
            ("  sips:1@x ", "1"),
            ("<tel:+1-2>", "+1-2"),
            ("tel:+1;phone-context=a", "+1"),
            ("A <sip:1@x;user=phone>;tag=a", "1"),
            ("\"A\" <sip:1:secret@x:5060>", "1:secret"),
            ("\"A \\\" <sip:2@y>\" <sip:1@x>", "1"),
            ("\"sip:2@y\" <sip:1@x>", "1"),
            ("A\r\n <sip:1@x>", "1"),
            ("<SIP:1@x?h=v>", "1"),
            ("<sip:1;p=q@x>", "1;p=q"),
            ("<sip:x>", ""),
            ("<urn:service:sos>", ""),
            ("<http://1@x>", ""),
        ] {
            let (text, address) = address(value, Field::From);
            assert_eq!(address.flaw, Flaw::None, "{value}");
            let found = text.slice(address.user.start, address.user.end);
            assert_eq!(str::from_utf8(found).unwrap(), user, "{value}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_refused() {
        for (value, flaw) in [
            ("", Flaw::BadAddress),
            ("1@x", Flaw::BadAddress),
            ("<sip:1@x", Flaw::BadAddress),
            ("<sip:1@2@x>", Flaw::BadAddress),
            ("<sip:1@x<>", Flaw::BadAddress),
            ("<sip:1\"@x>", Flaw::BadAddress),
            ("sip:1;x@y", Flaw::BadAddress),
            ("A \"B\" <sip:1@x>", Flaw::BadAddress),
            ("\"A\" sip:1@x", Flaw::BadAddress),
            ("<tel:1@x>", Flaw::BadAddress),
            ("<sip:1@x>;a=<b>", Flaw::BadAddress),
            ("\"A <sip:1@x>", Flaw::OpenQuote),
            ("<sip:1@x>;a=\"b", Flaw::OpenQuote),
            ("<sip:1 2@x>", Flaw::FoldedUri),
            ("<sip:1\r\n @x>", Flaw::FoldedUri),
            ("sip:1 2@x", Flaw::FoldedUri),
        ] {
            assert_eq!(address(value, Field::From).1.flaw, flaw, "{value}");
        }
    }

    #[test]
    fn a_request_uri_ends_at_a_blank() {
        let (text, address) = address("sip:1@x rest", Field::StartLine);
        assert_eq!((address.flaw, address.scheme), (Flaw::None, Scheme::Sip));
        assert_eq!(text.slice(address.user.start, address.user.end), b"1");
    }

    #[test]
    fn tags_matter_in_to() {
        for (value, tag, next) in [
            ("<sip:1@x>;tag=a", 1, false),
            ("<sip:1@x> ; TAG = a", 1, false),
            ("<sip:1@x>;a=b;tag=c", 1, false),
            ("sip:1@x;tag=a", 1, false),
            ("<sip:1@x;tag=a>", 0, false),
            ("\";tag=a\" <sip:1@x>", 0, false),
            ("<sip:1@x>;a=\";tag=b\"", 0, false),
            ("<sip:1@x>;tagged=a", 0, false),
            ("<sip:1@x>;tag", 0, false),
            ("<sip:1@x>, <sip:2@y>", 0, true),
        ] {
            let (_, address) = address(value, Field::To);
            assert_eq!(address.flaw, Flaw::None, "{value}");
            assert_eq!((address.tag, address.next != 0), (tag, next), "{value}");
        }
        assert_eq!(
            address("<sip:1@x>;tag=", Field::To).1.flaw,
            Flaw::BadAddress
        );
    }
}
