//! Patterns that are accepted, and what they are; patterns that are refused, and why.

use blacklist_model::{
    MatchKind,
    MatchKind::{Anonymous, Everything, Exact, Prefix, Unverified, Wildcard},
    Pattern,
};

use super::*;

type Accepted = (
    &'static str,
    fn() -> DialPlan,
    &'static str,
    MatchKind,
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
    ("name", us, "Alice", Exact, "alice"),
    ("name with digits", us, "door2", Exact, "door2"),
    ("name with a question mark", us, "who\\?", Exact, "who?"),
    ("short number", us, "7042", Exact, "7042"),
    (
        "number in a context",
        us,
        "7042;phone-context=Example.com",
        Exact,
        "7042",
    ),
    (
        "zero in brackets",
        de,
        "+49 (0)30 123456",
        Exact,
        "+4930123456",
    ),
    (
        "zero after the country code",
        de,
        "+49 030 123456",
        Exact,
        "+4930123456",
    ),
    (
        "zero in brackets of another country",
        de,
        "+44 (0)20 7946 0000",
        Exact,
        "+442079460000",
    ),
    (
        "zero of another country",
        de,
        "+39 06 1234567",
        Exact,
        "+39061234567",
    ),
    ("prefix with the zero", de, "+49030*", Prefix, "+4930"),
    (
        "plus before an international prefix",
        de,
        "+0044 20 7946 0000",
        Exact,
        "+442079460000",
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
    ("everything", us, "*", Everything, "*"),
    (
        "one digit open",
        us,
        "+1415555123?",
        Wildcard,
        "+1415555123?",
    ),
    (
        "national of a fixed length",
        de,
        "0170???????",
        Wildcard,
        "+49170???????",
    ),
    ("bare national", us, "415???1234", Wildcard, "+1415???1234"),
    (
        "international of a fixed length",
        de,
        "0041?????????",
        Wildcard,
        "+41?????????",
    ),
    (
        "star code of a fixed length",
        us,
        "\\*67??",
        Wildcard,
        "\\*67??",
    ),
    (
        "gap behind a national beginning",
        de,
        "0170*12",
        Wildcard,
        "+49170*12",
    ),
    ("gap behind a plus", us, "+1*55", Wildcard, "+1*55"),
    ("gap and open digits", us, "+1?5*5?", Wildcard, "+1?5*5?"),
    (
        "separators in a wildcard",
        us,
        "+1 (415) 555-*-00",
        Wildcard,
        "+1415555*00",
    ),
    ("the end alone", us, "*67", Wildcard, "*67"),
    ("the end with open digits", de, "*12?", Wildcard, "*12?"),
    ("every international number", us, "+?*", Wildcard, "+?*"),
    ("five digits", DialPlan::default, "?????", Wildcard, "?????"),
    ("five digits of the plan", us, "7????", Wildcard, "7????"),
    ("hash", DialPlan::default, "1\\#?", Wildcard, "1#?"),
    (
        "fifteen digits",
        us,
        "+12345678901234?",
        Wildcard,
        "+12345678901234?",
    ),
    ("two gaps", us, "+1*5*", Wildcard, "+1*5*"),
    ("two gaps by the plan", de, "030*5*1", Wildcard, "+4930*5*1"),
    ("gaps at both ends", de, "*555*", Wildcard, "*555*"),
    ("names that begin so", us, "Sales*", Wildcard, "sales*"),
    ("names with gaps", us, "*sales?-*", Wildcard, "*sales?-*"),
    (
        "names with an escaped star",
        us,
        "a\\*b*",
        Wildcard,
        "a\\*b*",
    ),
    (
        "anonymous",
        us,
        "anonymous",
        Anonymous,
        "anonymous:withheld,uri",
    ),
    (
        "anonymous in capitals",
        us,
        "ANONYMOUS",
        Anonymous,
        "anonymous:withheld,uri",
    ),
    (
        "switches in any order",
        us,
        "anonymous:unusable, no-number",
        Anonymous,
        "anonymous:no-number,unusable",
    ),
    (
        "unverified",
        us,
        "unverified",
        Unverified,
        "unverified:failed,none",
    ),
    (
        "a level and the one below",
        us,
        "unverified:below-b,below-a",
        Unverified,
        "unverified:below-a",
    ),
    ("somebody called so", us, "\\anonymous", Exact, "anonymous"),
    (
        "somebody called so too",
        us,
        "\\Unverified",
        Exact,
        "unverified",
    ),
];

#[test]
fn patterns_that_are_accepted() {
    for (name, plan, written, kind, text) in ACCEPTED.iter().copied() {
        let pattern =
            Pattern::parse(written, &plan()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            (pattern.kind(), &*pattern.canonical()),
            (kind, text),
            "{name}"
        );
        let again = Pattern::from_canonical(pattern.kind(), &pattern.canonical());
        assert_eq!(again.as_ref(), Ok(&pattern), "{name}");
        let again = Pattern::parse(&pattern.to_string(), &DialPlan::default());
        assert_eq!(again.as_ref(), Ok(&pattern), "{name}, as {pattern}");
    }
}

type Refused = (&'static str, fn() -> DialPlan, &'static str, &'static str);

const REFUSED: &[Refused] = &[
    ("empty", us, "", "is empty"),
    ("blanks", us, "  ", "is empty"),
    ("words", us, "not a number", "a user name has no blanks"),
    (
        "a zero that no number keeps",
        de,
        "+490*",
        "no number keeps a 0",
    ),
    (
        "the same in a wildcard",
        de,
        "+490?5*",
        "no number keeps a 0",
    ),
    ("separators alone", us, "--", "no digit or letter"),
    ("plus alone", us, "+", "no digits"),
    ("two plus", us, "++1415", "only once, at the front"),
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
    ("prefix of a plus", us, "+*", "without digits"),
    ("two stars", us, "+1**", "no more than one"),
    ("backslash", us, "\\d+", "backslash"),
    ("host", us, "sip:alice@example.com", "has a host"),
    ("parameters", us, "+1415;isub=1", "never compared"),
    ("password", us, "alice:secret", "never compared"),
    ("slash", us, "030/123456", "not a number because of \"/\""),
    ("other digits", us, "٤١٥", "not a number because of"),
    (
        "dash of a typesetter",
        us,
        "+1415–5551234",
        "not a number because of",
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
        "too long wildcard",
        us,
        "+12345678901234?5",
        "can never match",
    ),
    (
        "too long by the plan",
        de,
        "012345678901234?*",
        "at least 16 digits",
    ),
    (
        "no room for the gap",
        us,
        "+123456789*01234?",
        "no number is longer",
    ),
    ("plus inside", us, "1+4*5", "only once, at the front"),
    ("host in a wildcard", us, "sales*@example.com", "has a host"),
    ("parameter in a wildcard", us, "sales*;x", "never compared"),
    (
        "no such switch",
        us,
        "anonymous:private",
        "no switch \"private\"",
    ),
    ("no switch", us, "unverified:", "no switch"),
    ("open digit in front", de, "?????", "in two ways"),
    ("open digit in a prefix", de, "0?70123456", "in two ways"),
    ("open digit and gap", us, "?415*5", "in two ways"),
    (
        "bare beginning and gap",
        us,
        "415*55",
        "write +1415*55, or 415*55 with --dial-plan none",
    ),
    (
        "dialling prefix and gap",
        de,
        "00*12",
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

/// Whatever is written, it is refused with a sentence or reads back as the same pattern.
#[test]
fn patterns_of_any_characters_read_back() {
    let characters = "++**??\\#00112459ab:;,@%- .üanonymous";
    let characters: Vec<char> = characters.chars().collect();
    let mut rng = fastrand::Rng::with_seed(1);
    let mut accepted = 0;
    for _ in 0..300_000 {
        let written: String = (0..rng.usize(0..14))
            .map(|_| characters[rng.usize(0..characters.len())])
            .collect();
        let plan = [us(), de(), DialPlan::default()][rng.usize(0..3)];
        let Ok(pattern) = Pattern::parse(&written, &plan) else {
            continue;
        };
        accepted += 1;
        let text = pattern.to_string();
        let again = Pattern::parse(&text, &DialPlan::default());
        assert_eq!(again.as_ref(), Ok(&pattern), "{written} as {text}");
        let again = Pattern::from_canonical(pattern.kind(), &pattern.canonical());
        assert_eq!(
            again.as_ref(),
            Ok(&pattern),
            "{written} as {}",
            pattern.canonical()
        );
    }
    assert!(accepted > 50_000, "{accepted}");
}

/// Of patterns of a fixed length: what a trunk sends is matched by its digits as they are written,
/// whatever its dial plan makes of them.
#[test]
fn fixed_wildcards_are_read_as_numbers_are() {
    let mut rng = fastrand::Rng::with_seed(2);
    let (mut matched, mut missed) = (0, 0);
    while matched < 20_000 || missed < 20_000 {
        let plan = [us(), de()][rng.usize(0..2)];
        let length = rng.usize(3..14);
        let dialled: String = (0..length)
            .map(|_| char::from(b"0014592"[rng.usize(0..7)]))
            .collect();
        let written: String = dialled
            .chars()
            .map(|digit| match rng.u32(0..40) {
                0..12 => '?',
                12 => '7',
                _ => digit,
            })
            .collect();
        let Ok(pattern) = Pattern::parse(&written, &plan) else {
            continue;
        };
        let expected = written
            .chars()
            .zip(dialled.chars())
            .all(|(one, other)| one == '?' || one == other);
        let party = blacklist_common::user_part::canonical(dialled.as_bytes(), &plan).unwrap();
        let found = crate::lint::covers::matches(&pattern, &party);
        assert_eq!(
            found, expected,
            "{written} as {pattern}, {dialled} as {}",
            party.number
        );
        matched += u32::from(expected);
        missed += u32::from(!expected);
    }
}
