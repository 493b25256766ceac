//! User parts: escapes, separators, parameters, passwords, and users that are no numbers.

use crate::datagram::Datagram;
use crate::invite::Invite;
use crate::standard::NO_PLAN;
use blacklist_common::outcome::Outcome;

use super::Row;

/// An INVITE from this user, as bytes.
fn user(user: impl AsRef<[u8]>) -> Invite {
    Invite::new().from([b"<sip:", user.as_ref(), b"@carrier.example.net>;tag=1"].concat())
}

fn same(evasion: u8, name: &'static str, of: &str) -> Row {
    Row::same(evasion, name, &user(of))
}

/// A user that is somebody else, whatever its last digit.
fn other(evasion: u8, name: &'static str, of: &'static str) -> Row {
    Row::judged(evasion, name, of, &user(of)).ends(Outcome::NoRule, Outcome::NoRule)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = escapes();
    rows.extend(spellings());
    rows.extend(parameters());
    rows.extend(texts());
    rows
}

fn escapes() -> Vec<Row> {
    let nul = |name, of: &[u8]| Row::passes(14, name, Outcome::NulInUser, user(of).template());
    vec![
        same(13, "escaped plus", "%2B1415555123~"),
        same(13, "escaped digit", "+1415555123%3~"),
        same(
            13,
            "escaped digits in lower and upper case",
            "%2b%31%34%31%35555123~",
        ),
        same(13, "escaped separator", "+1%2D415%2e555%2D123~"),
        same(13, "escaped blank", "+1%20415%20555%20123~"),
        other(13, "decoded once only", "+1415555123%253~"),
        other(13, "escape that is none", "+1415555123%zz~"),
        other(13, "escape cut off", "+1415555123~%"),
        other(13, "escape with one digit", "+1415555123~%3"),
        other(13, "escaped plus inside", "1%2B415555123~"),
        nul("escaped NUL at the end", b"+1415555123~%00"),
        nul("escaped NUL inside", b"+1415%00555123~"),
        nul("escaped NUL in front", b"%00+1415555123~"),
        nul("escaped NUL in a text", b"mallory~%00x"),
        Row::passes(
            14,
            "raw NUL in brackets",
            Outcome::FoldedUri,
            user(b"+1415555123~\0x").template(),
        ),
        Row::passes(
            14,
            "raw NUL in a bare address",
            Outcome::FoldedUri,
            Invite::new().from("sip:+1415555123~\0x@y;tag=1").template(),
        ),
    ]
}

#[rustfmt::skip]
fn spellings() -> Vec<Row> {
    let tel = |name, value: &str| Row::same(15, name, &Invite::new().from(value));
    vec![
        tel("tel with hyphens", "<tel:+1-415-555-123~>;tag=1"),
        tel("tel with dots and brackets", "<tel:+1(415)555.123~>;tag=1"),
        tel("bare tel with hyphens", "tel:+1-415-555-123~;tag=1"),
        tel("tel with parameters", "<tel:+1-415-555-123~;isub=12;ext=7>;tag=1"),
        same(16, "hyphens", "+1-415-555-123~"),
        same(16, "dots", "+1.415.555.123~"),
        same(16, "brackets", "+1(415)555-123~"),
        same(16, "separators in front and behind", "-(+1415555123~)-"),
        same(17, "plus", "+1415555123~"),
        same(17, "international 00", "001415555123~"),
        same(17, "international 011", "0111415555123~"),
        same(17, "national prefix", "1415555123~"),
        same(17, "bare national", "415555123~"),
        other(17, "seven digits are local", "555123~"),
        other(17, "one digit more", "+1415555123~0"),
        other(17, "one digit less", "+1415555123"),
        other(17, "another country", "+4415555123~"),
        other(17, "plus behind the first digit", "1+415555123~"),
        other(17, "two pluses", "++1415555123~"),
        Row::judged(17, "prefix", "+49~0123", &user("+49~0123")),
        Row::judged(17, "prefix, longer than fifteen digits", "+49~01234567890123456",
            &user("+49~01234567890123456")),
        Row::judged(17, "prefix, as 00", "+49~099", &user("0049~099")),
        Row::judged(17, "prefix with separators", "+49~099", &user("+49-(~0)-99")),
        Row::judged(17, "allow over a block prefix", "+49~0123456", &user("+49~0123456"))
            .ends(Outcome::Allowed, Outcome::NoRule),
        Row::judged(17, "allow prefix over a shorter block prefix", "+49~0771", &user("+49~0771"))
            .ends(Outcome::Allowed, Outcome::NoRule),
        Row::judged(17, "seventeen digits, as listed", "+3531234567890123~",
            &user("+3531234567890123~")),
        other(17, "seventeen digits, one less", "+353123456789012~"),
        Row::same(17, "no dial plan, plus", &Invite::new())
            .inside(|text| Datagram::new(NO_PLAN, text).frame()),
        Row::passes(17, "no dial plan, 00 is local", Outcome::NoRule, user("001415555123~")
            .template()).inside(|text| Datagram::new(NO_PLAN, text).frame()),
    ]
}

#[rustfmt::skip]
fn parameters() -> Vec<Row> {
    vec![
        same(18, "tgrp", "+1415555123~;tgrp=trunk7;trunk-context=example.com"),
        same(18, "isub", "+1415555123~;isub=1234"),
        same(18, "cpc", "1415555123~;cpc=payphone"),
        same(18, "npdi and rn", "+1415555123~;npdi=yes;rn=+14155550000"),
        same(18, "verstat", "+1415555123~;verstat=TN-Validation-Passed"),
        same(18, "phone-context of an international number",
            "+1415555123~;phone-context=example.com"),
        same(18, "empty parameter", "+1415555123~;"),
        same(18, "national number with another parameter", "415555123~;x-phone-context=1"),
        Row::judged(18, "local number with a context", "704~",
            &user("704~;phone-context=example.com")),
        Row::judged(18, "context in another case, after others", "704~",
            &user("704~;a=b;PHONE-Context=EXAMPLE.com;c=d")),
        Row::judged(18, "local number without a context", "704~", &user("704~")),
        Row::judged(18, "tel with a context", "704~", &Invite::new()
            .from("<tel:704~;phone-context=example.com>;tag=1")),
        same(18, "national number in a context", "415555123~;phone-context=+1"),
        same(18, "subscriber number in a context", "555123~;phone-context=+1-415"),
        same(18, "national number in a domain", "415555123~;phone-context=carrier.example"),
        other(18, "number in the context of another country", "415555123~;phone-context=+44"),
        Row::same(18, "tel with @ in a subaddress", &Invite::new()
            .from("<tel:+1415555123~;isub=a@b>;tag=1")),
        Row::same(18, "tel with a question mark", &Invite::new()
            .from("<tel:+1415555123~?x=y>;tag=1")),
        Row::passes(18, "tel with a host", Outcome::BadAddress, Invite::new()
            .from("<tel:+1415555123~@x>;tag=1").template()),
        same(19, "password", "+1415555123~:secret"),
        same(19, "empty password", "+1415555123~:"),
        same(19, "password like a host", "+1415555123~:sbc.example.com:5060"),
        same(19, "password like a number", "+1415555123~:+14155559999"),
        same(19, "password with a semicolon", "+1415555123~:a;b"),
        other(19, "the listed number as a password", "alice:+1415555123~"),
        other(19, "the listed number as a parameter", "alice;n=+1415555123~"),
    ]
}

fn texts() -> Vec<Row> {
    let listed = |name, of: &str| Row::judged(22, name, "mallory~", &user(of));
    let raw = |name, of: &[u8]| Row::passes(45, name, Outcome::NoRule, user(of).template());
    vec![
        Row::judged(
            22,
            "no user",
            "none",
            &Invite::new().from("<sip:carrier.example.net>;tag=1"),
        )
        .ends(Outcome::NoRule, Outcome::NoRule),
        Row::judged(22, "empty user", "none", &user("")).ends(Outcome::NoRule, Outcome::NoRule),
        Row::judged(22, "only separators", "none", &user("--"))
            .ends(Outcome::NoRule, Outcome::NoRule),
        Row::judged(
            22,
            "anonymous",
            "anonymous",
            &Invite::new().from("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1"),
        )
        .ends(Outcome::Dropped, Outcome::Dropped),
        Row::judged(
            22,
            "Anonymous in another case",
            "anonymous",
            &Invite::new().from("<sip:ANONymous@anonymous.invalid>;tag=1"),
        )
        .ends(Outcome::Dropped, Outcome::Dropped),
        other(22, "anonymous and more", "anonymous2"),
        listed("text", "mallory~"),
        listed("text in another case", "MALLory~"),
        listed("text, escaped", "%6Dallor%79~"),
        listed("text with parameter and password", "mallory~;x=y:secret"),
        raw("Arabic digits", "+1415555123\u{664}".as_bytes()),
        raw("fullwidth digits", "+１４１５５５５１２３４".as_bytes()),
        raw("fullwidth plus", "＋1415555123~".as_bytes()),
        raw("not UTF-8", b"+1415555123~\xFF"),
        raw("overlong plus", b"\xC0\xAB1415555123~"),
        raw("homoglyph", "m\u{430}llory~".as_bytes()),
        raw("zero-width blank", "+1415\u{200B}555123~".as_bytes()),
        raw("high bit", b"+1415555123\xB4"),
        Row::judged(46, "star code", "*67~", &user("*67~")),
        Row::judged(46, "escaped star", "*67~", &user("%2A67~")),
        Row::judged(46, "hash", "91#~", &user("91#~")),
        Row::judged(46, "letters", "12A~", &user("12A~")),
        other(46, "star before a listed number", "*1415555123~"),
        other(46, "star code and a listed number", "*671415555123~"),
        other(46, "hash behind a listed number", "+1415555123~#"),
        other(46, "letter behind a listed number", "+1415555123~D"),
        other(46, "pattern characters are literals", "+1415555123*"),
    ]
}
