//! The classes of a caller: anonymous in one way or another, without a usable number, not
//! validated.
//!
//! A missing P-Asserted-Identity alone says nothing. What networks say of validation is believed
//! from trusted trunks only.

use crate::address::Address;
use crate::find::{Find, find, is_blank, skip_blanks};
use crate::number::{Number, NumberKind};
use crate::pattern::Class;
use crate::reader::Reader;
use crate::repeat::{Repeat, Step};
use crate::scan::{Field, Span};
use crate::tables::{IdentitySource, TRUNK_TRUSTED, TrunkEntry};
use crate::text::{Marks, Text, equal, named};
use crate::user_part::{MAXIMUM_PARAMETERS, Semicolon};

/// Between the values of Privacy (RFC 3323, 4.2); commas are seen too.
struct PrivacyEnd;

impl Marks for PrivacyEnd {
    #[inline(always)]
    fn marks(word: u64) -> u64 {
        equal(word, b';') | equal(word, b',')
    }
}

/// Values of Privacy that are read: there are seven, and none twice.
const PRIVACY_VALUES: u32 = 16;

/// Reads one value of Privacy.
#[inline(always)]
fn privacy<R: Repeat>(text: &Text, search: &mut Find, withheld: &mut u32) -> Step {
    skip_blanks::<R>(text, search);
    let start = search.at;
    if start >= search.limit {
        return Step::Stop;
    }
    let word = text.word(start);
    let length = if named!(word, b"id") {
        2
    } else if named!(word, b"user") {
        4
    } else {
        0
    };
    let end = start.wrapping_add(length);
    let last = text.byte(end);
    if length != 0
        && (end == search.limit
            || (end < search.limit && (is_blank(last) || last == b';' || last == b',')))
    {
        *withheld = 1;
        return Step::Stop;
    }
    find::<R, PrivacyEnd, _>(text, search);
    search.at = search.at.wrapping_add(1);
    Step::Again
}

/// Whether a Privacy header withholds the caller's identity.
#[inline(always)]
fn is_withheld<R: Repeat>(reader: &mut Reader) -> bool {
    let value = reader.scan.span(Field::Privacy);
    if !value.is_some() {
        return false;
    }
    let Reader {
        text,
        find,
        withheld,
        ..
    } = reader;
    find.at = value.start;
    find.limit = value.end;
    *withheld = 0;
    let found = &mut *withheld;
    R::repeat(PRIVACY_VALUES, move |_| privacy::<R>(text, find, found));
    *withheld != 0
}

/// Whether the word at a position is `anonymous`.
#[inline(always)]
fn is_anonymous(text: &Text, at: u32) -> bool {
    named!(text.word(at), b"anonymou")
        && text.byte(at.wrapping_add(8)) | 0x20 == b's'
        && !text.byte(at.wrapping_add(9)).is_ascii_alphanumeric()
}

/// Whether From does not say who calls.
#[inline(always)]
fn is_anonymous_address<R: Repeat>(
    text: &Text,
    search: &mut Find,
    field: Span,
    from: &Address,
) -> bool {
    search.at = field.start;
    search.limit = field.end;
    skip_blanks::<R>(text, search);
    let mut name = search.at;
    if text.byte(name) == b'"' {
        name = name.wrapping_add(1);
    }
    // A display name: something follows, and it is not the URI itself.
    if name < from.uri && is_anonymous(text, name) {
        return true;
    }
    let user = from.user;
    if user.length() >= 9 && is_anonymous(text, user.start) {
        return user.length() == 9 || matches!(text.byte(user.start.wrapping_add(9)), b';' | b':');
    }
    let host = if from.at_sign != 0 {
        from.at_sign.wrapping_add(1)
    } else if text.byte(from.uri.wrapping_add(3)) == b':' {
        from.uri.wrapping_add(4)
    } else {
        from.uri.wrapping_add(5)
    };
    host != 0
        && host < field.end
        && named!(text.word(host), b"anonymou")
        && named!(text.word(host.wrapping_add(8)), b"s.invali")
        && text.byte(host.wrapping_add(16)) | 0x20 == b'd'
        && !matches!(
            text.byte(host.wrapping_add(17)),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.'
        )
}

/// Words in the place of a number.
const NO_NUMBERS: [Number; 6] = [
    Number::from_text(b"unavailable"),
    Number::from_text(b"restricted"),
    Number::from_text(b"unknown"),
    Number::from_text(b"private"),
    Number::from_text(b"withheld"),
    Number::from_text(b"anonymous"),
];

#[inline(always)]
fn is_no_number(number: Number) -> bool {
    match number.kind() {
        NumberKind::None => true,
        NumberKind::Text => {
            let mut found = false;
            for word in &NO_NUMBERS {
                found |= number.0 == word.0;
            }
            found
        }
        NumberKind::E164 | NumberKind::Local => false,
    }
}

/// `verstat=` and `TN-Validation-Passed`.
const NAME_LENGTH: u32 = 8;
const PASSED_LENGTH: u32 = 20;

/// Whether a byte goes on with a token (RFC 3261, 25.1).
const fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}

/// Whether a value ends at a position, or after a level such as `-A` there.
#[inline(always)]
fn ends_with_level(text: &Text, end: u32) -> bool {
    let last = text.byte(end);
    !is_token(last) || (last == b'-' && !is_token(text.byte(end.wrapping_add(2))))
}

/// Whether the parameter at a position is `privacy` with a value that withholds the number (draft
/// ietf-sip-privacy-04, 5.1).
#[inline(always)]
fn withholds(text: &Text, name: u32) -> bool {
    if !named!(text.word(name), b"privacy=") {
        return false;
    }
    let mut value = name.wrapping_add(NAME_LENGTH);
    if text.byte(value) == b'"' {
        value = value.wrapping_add(1);
    }
    let length = if named!(text.word(value), b"full") {
        4
    } else if named!(text.word(value), b"uri") {
        3
    } else {
        return false;
    };
    !is_token(text.byte(value.wrapping_add(length)))
}

/// Whether the Remote-Party-ID that names the caller withholds its number.
#[inline(always)]
fn is_withheld_party<R: Repeat>(reader: &mut Reader) -> bool {
    if reader.message.identity != IdentitySource::RemotePartyId as u32 {
        return false;
    }
    let value = reader.scan.span(Field::RemotePartyId);
    let Reader {
        text,
        find,
        message,
        withheld,
        ..
    } = reader;
    find.at = message.caller_user.end;
    find.limit = value.end;
    *withheld = 0;
    let found = &mut *withheld;
    R::repeat(MAXIMUM_PARAMETERS, move |_| {
        self::find::<R, Semicolon, _>(text, find);
        if find.at >= find.limit {
            return Step::Stop;
        }
        find.at = find.at.wrapping_add(1);
        skip_blanks::<R>(text, find);
        if withholds(text, find.at) {
            *found = 1;
            return Step::Stop;
        }
        Step::Again
    });
    *withheld != 0
}

/// Searches the parameters from a user part on for `verstat`: networks write it to the user part, to the
/// URI after the host, or to the header.
#[inline(always)]
fn verstat<R: Repeat>(text: &Text, search: &mut Find, class: &mut u32) -> Step {
    find::<R, Semicolon, _>(text, search);
    let at = search.at;
    if at >= search.limit {
        return Step::Stop;
    }
    let name = at.wrapping_add(1);
    search.at = name;
    if !named!(text.word(name), b"verstat=") {
        return Step::Again;
    }
    let value = name.wrapping_add(NAME_LENGTH);
    let first = text.word(value);
    let second = text.word(value.wrapping_add(8));
    let third = text.word(value.wrapping_add(16));
    if named!(first, b"tn-valid") && named!(second, b"ation-pa") && named!(third, b"ssed") {
        let level = text.word(value.wrapping_add(PASSED_LENGTH));
        let end = text.byte(value.wrapping_add(PASSED_LENGTH + 2));
        *class = if named!(level, b"-b") && !is_token(end) {
            Class::AttestationB.bit()
        } else if named!(level, b"-c") && !is_token(end) {
            Class::AttestationC.bit()
        } else {
            0
        };
    } else if named!(first, b"tn-valid")
        && named!(second, b"ation-fa")
        && named!(third, b"iled")
        && ends_with_level(text, value.wrapping_add(PASSED_LENGTH))
    {
        *class = Class::ValidationFailed.bit();
    }
    Step::Stop
}

/// What the network says of the caller's validation.
#[inline(always)]
fn validation<R: Repeat>(reader: &mut Reader) -> u32 {
    let Reader {
        text,
        scan,
        find,
        message,
        class,
        ..
    } = reader;
    *class = Class::NotValidated.bit();
    let value = match IdentitySource::from_number(message.identity as u8) {
        Some(IdentitySource::PAssertedIdentity) => scan.span(Field::FirstIdentity),
        Some(IdentitySource::RemotePartyId) => scan.span(Field::RemotePartyId),
        Some(IdentitySource::From) => scan.span(Field::From),
        None => return *class,
    };
    find.at = message.caller_user.start;
    find.limit = value.end;
    let found = &mut *class;
    R::repeat(MAXIMUM_PARAMETERS, move |_| verstat::<R>(text, find, found));
    *class
}

/// The classes of the caller that was read.
#[inline(never)]
pub(crate) fn read<R: Repeat>(reader: &mut Reader, trunk: &TrunkEntry) -> u32 {
    let mut classes = 0;
    if is_withheld::<R>(reader) || is_withheld_party::<R>(reader) {
        classes |= Class::Withheld.bit();
    }
    let field = reader.scan.span(Field::From);
    let from = reader.addresses.of(Field::From as u32);
    if is_anonymous_address::<R>(&reader.text, &mut reader.find, field, from) {
        classes |= Class::AnonymousUri.bit();
    }
    if is_no_number(reader.message.caller.number) {
        classes |= Class::NoNumber.bit();
    }
    if reader.message.zeros != 0 {
        classes |= Class::Unusable.bit();
    }
    if trunk.has(TRUNK_TRUSTED) {
        classes |= validation::<R>(reader);
    }
    classes
}
