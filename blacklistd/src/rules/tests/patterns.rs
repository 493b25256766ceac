//! Patterns that are accepted, and what they are; patterns that are refused, and why.

use super::PatternKind::{Exact, Prefix};
use super::*;

type Accepted = (
    &'static str,
    fn() -> DialPlan,
    &'static str,
    PatternKind,
    &'static str,
);

const ACCEPTED: &[Accepted] = &[
    ("plus", us, "+14155551234", Exact, "+14155551234"),
    ("national prefix", us, "14155551234", Exact, "+14155551234"),
    ("bare national", us, "4155551234", Exact, "+14155551234"),
    (
        "separators",
        us,
        " +1 (415) 555-1234 ",
        Exact,
        "+14155551234",
    ),
    ("tel uri", us, "tel:+1-415-555-1234", Exact, "+14155551234"),
    ("escaped plus", us, "%2B14155551234", Exact, "+14155551234"),
    ("name", us, "Anonymous", Exact, "anonymous"),
    ("name with digits", us, "door2", Exact, "door2"),
    ("name with a question mark", us, "who\\?", Exact, "who?"),
    ("short number", us, "7042", Exact, "7042"),
    (
        "number in a context",
        us,
        "7042;phone-context=Example.com",
        Exact,
        "7042;phone-context=example.com",
    ),
    ("star code", us, "\\*67", Exact, "*67"),
    ("star code at the end", us, "67\\*", Exact, "67*"),
    ("plus prefix", us, "+1415*", Prefix, "+1415"),
    ("star code prefix", us, "\\*67*", Prefix, "*67"),
    ("national prefix prefix", us, "1415*", Prefix, "+1415"),
    ("international prefix prefix", us, "01149*", Prefix, "+49"),
    ("german national prefix", de, "030*", Prefix, "+4930"),
    (
        "german whole number as prefix",
        de,
        "493012345678*",
        Prefix,
        "+493012345678",
    ),
    ("no plan", DialPlan::default, "11*", Prefix, "11"),
];

#[test]
fn patterns_that_are_accepted() {
    for (name, plan, written, kind, text) in ACCEPTED.iter().copied() {
        let pattern =
            Pattern::parse(written, &plan()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!((pattern.kind, &*pattern.text), (kind, text), "{name}");
        let again = Pattern::from_canonical(pattern.kind, &pattern.text);
        assert_eq!(again.as_ref(), Ok(&pattern), "{name}");
    }
}

type Refused = (&'static str, fn() -> DialPlan, &'static str, &'static str);

const REFUSED: &[Refused] = &[
    ("empty", us, "", "is empty"),
    ("blanks", us, "  ", "is empty"),
    ("separators alone", us, "--", "no digit or letter"),
    ("plus alone", us, "+", "no digits"),
    ("two plus", us, "++1415", "only once and in front"),
    ("too long", us, "+1415555123412345", "number too long"),
    (
        "too long after the plan",
        de,
        "0123456789012345",
        "number too long",
    ),
    (
        "too long prefix",
        us,
        "+1415555123412345*",
        "number too long",
    ),
    ("prefix without digits", us, "*", "without digits"),
    ("prefix of a plus", us, "+*", "without digits"),
    (
        "letters and star",
        us,
        "sales*",
        "only numbers have prefixes",
    ),
    ("star inside", us, "+1*55", "only at the end"),
    ("star in front", us, "*67", "only at the end"),
    ("two stars", us, "+1**", "only at the end"),
    ("question mark", us, "+1415555123?", "no wildcard here"),
    ("backslash", us, "\\d+", "backslash"),
    ("host", us, "sip:alice@example.com", "has a host"),
    ("parameters", us, "+1415;isub=1", "never compared"),
    ("password", us, "alice:secret", "never compared"),
    ("slash", us, "030/123456", "no number because of \"/\""),
    ("other digits", us, "٤١٥", "no number because of"),
    (
        "dash of a typesetter",
        us,
        "+1415–5551234",
        "no number because of",
    ),
    ("nul", us, "a%00b", "nul-in-user"),
    (
        "bare national prefix",
        us,
        "415*",
        "can mean +1415* or local numbers",
    ),
    (
        "bare international prefix",
        de,
        "49*",
        "can mean +49* or local numbers",
    ),
    (
        "dialling prefix",
        de,
        "00*",
        "beginning of a dialling prefix",
    ),
    (
        "half a dialling prefix",
        us,
        "01*",
        "beginning of a dialling prefix",
    ),
    (
        "national prefix alone",
        de,
        "0*",
        "beginning of a dialling prefix",
    ),
];

#[test]
fn patterns_that_are_refused() {
    for (name, plan, written, expected) in REFUSED.iter().copied() {
        match Pattern::parse(written, &plan()) {
            Ok(pattern) => panic!("{name}: accepted as {pattern:?}"),
            Err(error) => assert!(error.to_string().contains(expected), "{name}: {error}"),
        }
    }
}
