//! Every kind of pattern: what it names and what it does not.

use super::calls::Call;

/// A number of the SBC with rules that the kernel program leaves to user space.
const LEFT: &str = "+13125550108";
/// Numbers of the SBC that have a class or `*` for themselves.
const WITHHELD: &str = "+13125550110";
const URI: &str = "+13125550111";
const NO_NUMBER: &str = "+13125550112";
const UNUSABLE: &str = "+13125550113";
const ANONYMOUS: &str = "+13125550114";
const FAILED: &str = "+13125550115";
const NONE: &str = "+13125550116";
const BELOW_A: &str = "+13125550117";
const BELOW_B: &str = "+13125550118";
const UNVERIFIED: &str = "+13125550119";
const CLOSED: &str = "+13125550120";

/// Rules by name, and what `rule add` is given for each.
pub(super) const RULES: &[(&str, &[&str])] = &[
    ("exact", &["+14155550101"]),
    (
        "exact, national spelling",
        &["(415) 555-2671", "--dial-plan", "us"],
    ),
    ("prefix", &["+4930*"]),
    ("longer prefix", &["+493055*"]),
    ("exact in a prefix", &["+4930777"]),
    ("star at the head", &["*987654"]),
    ("star in the middle", &["+331*99"]),
    ("question marks", &["+346123?5??8"]),
    ("question mark and star", &["+4471?55*"]),
    ("first of equals", &["+44221?"]),
    ("second of equals", &["+4422?1"]),
    ("beside a prefix", &["+353?234*"]),
    ("prefix beside it", &["+3531*"]),
    ("dialled star", &["\\*67*"]),
    ("dialled hash", &["\\#31\\#55"]),
    ("name", &["mallory"]),
    (
        "called anonymous",
        &["\\anonymous", "--scope", "number:+13125550109"],
    ),
    ("two stars", &["+1*777*9", "--scope", "number:+13125550108"]),
    (
        "star in a name",
        &["bot-*", "--scope", "number:+13125550108"],
    ),
    (
        "withheld",
        &["anonymous:withheld", "--scope", "number:+13125550110"],
    ),
    (
        "anonymous URI",
        &["anonymous:uri", "--scope", "number:+13125550111"],
    ),
    (
        "no number",
        &["anonymous:no-number", "--scope", "number:+13125550112"],
    ),
    (
        "unusable",
        &["anonymous:unusable", "--scope", "number:+13125550113"],
    ),
    (
        "anonymous",
        &["anonymous", "--scope", "number:+13125550114"],
    ),
    (
        "failed",
        &["unverified:failed", "--scope", "number:+13125550115"],
    ),
    (
        "none",
        &["unverified:none", "--scope", "number:+13125550116"],
    ),
    (
        "below A",
        &["unverified:below-a", "--scope", "number:+13125550117"],
    ),
    (
        "below B",
        &["unverified:below-b", "--scope", "number:+13125550118"],
    ),
    (
        "unverified",
        &["unverified", "--scope", "number:+13125550119"],
    ),
    ("everything", &["*", "--scope", "number:+13125550120"]),
    (
        "white",
        &["+4989*", "--allow", "--scope", "number:+13125550120"],
    ),
    (
        "nameless",
        &["anonymous:uri", "--scope", "number:+13125550120"],
    ),
];

/// Calls that show each of them.
pub(super) fn calls() -> Vec<Call> {
    let mut calls = numbers();
    calls.extend(texts());
    calls.extend(left_to_user_space());
    calls.extend(anonymous());
    calls.extend(verified());
    calls.extend(everything());
    calls
}

fn numbers() -> Vec<Call> {
    let rows = [
        ("exact", "+14155550101", "blocked: exact"),
        ("exact: another spelling", "0014155550101", "blocked: exact"),
        ("exact: one digit more", "+141555501011", "through"),
        ("exact: one digit less", "+1415555010", "through"),
        (
            "rule in national spelling",
            "+14155552671",
            "blocked: exact, national spelling",
        ),
        ("prefix", "+493012345678", "blocked: prefix"),
        ("prefix alone", "+4930", "blocked: prefix"),
        ("beside the prefix", "+493112345678", "through"),
        (
            "the longer prefix wins",
            "+4930551",
            "blocked: longer prefix",
        ),
        (
            "exact wins over prefix",
            "+4930777",
            "blocked: exact in a prefix",
        ),
        (
            "star at the head",
            "+12025987654",
            "blocked: star at the head",
        ),
        (
            "star at the head stands for nothing",
            "987654",
            "blocked: star at the head",
        ),
        ("star at the head: other tail", "+12025987655", "through"),
        (
            "star in the middle",
            "+33123456799",
            "blocked: star in the middle",
        ),
        ("star in the middle: other tail", "+33123456798", "through"),
        ("star in the middle: too short", "+3319", "through"),
        ("question marks", "+34612395128", "blocked: question marks"),
        ("question marks: wrong digit", "+34612395127", "through"),
        ("question marks: one digit more", "+346123951281", "through"),
        (
            "question mark and star",
            "+4471955000",
            "blocked: question mark and star",
        ),
        (
            "question mark and star: wrong digit",
            "+4471954000",
            "through",
        ),
        (
            "of equals the lowest id",
            "+442211",
            "blocked: first of equals",
        ),
        (
            "the other of equals",
            "+442291",
            "blocked: second of equals",
        ),
        (
            "prefix wins over wildcard",
            "+35312345678",
            "blocked: prefix beside it",
        ),
        (
            "wildcard beside that prefix",
            "+35322345678",
            "blocked: beside a prefix",
        ),
    ];
    rows.into_iter()
        .map(|(name, caller, expected)| Call::new(name, caller, expected))
        .collect()
}

fn texts() -> Vec<Call> {
    vec![
        Call::new("dialled star", "*6712345", "blocked: dialled star"),
        Call::new("a star is no digit", "16712345", "through"),
        Call::new("dialled hash", "%2331%2355", "blocked: dialled hash"),
        Call::new("a hash is no digit", "1311155", "through"),
        Call::new("name", "mallory", "blocked: name"),
        Call::new("longer name", "mallory2", "through"),
        Call::new(
            "a user called anonymous",
            "anonymous",
            "blocked: called anonymous",
        )
        .to("+13125550109"),
    ]
}

fn left_to_user_space() -> Vec<Call> {
    let rows = [
        (
            "two stars",
            "+121277745009",
            "left to user space: two stars",
        ),
        ("two stars: other tail", "+121277745008", "through"),
        (
            "star in a name",
            "bot-17",
            "left to user space: star in a name",
        ),
        ("star in a name: other head", "robot-17", "through"),
        (
            "decided in the kernel all the same",
            "+14155550101",
            "blocked: exact",
        ),
    ];
    rows.into_iter()
        .map(|(name, caller, expected)| Call::new(name, caller, expected).to(LEFT))
        .collect()
}

fn anonymous() -> Vec<Call> {
    let withheld = |name, called, expected| {
        Call::new(name, "+13105550020", expected)
            .with_header("Privacy: id")
            .to(called)
    };
    let uri = |name, called, expected| {
        Call::new(name, "", expected)
            .with_from("\"Anonymous\" <sip:anonymous@anonymous.invalid>")
            .to(called)
    };
    let no_number = |name, called, expected| {
        Call::new(name, "", expected)
            .with_from("<sip:198.18.0.1>")
            .to(called)
    };
    let zeros = |name, called, expected| Call::new(name, "0000000000", expected).to(called);
    vec![
        withheld("withheld by privacy", WITHHELD, "blocked: withheld"),
        withheld("anonymous: withheld", ANONYMOUS, "blocked: anonymous"),
        withheld("withheld is no anonymous URI", URI, "through"),
        uri("anonymous URI", URI, "blocked: anonymous URI"),
        uri("anonymous: URI", ANONYMOUS, "blocked: anonymous"),
        uri("an anonymous URI is not unusable", UNUSABLE, "through"),
        no_number("no number", NO_NUMBER, "blocked: no number"),
        no_number("no number is not withheld", WITHHELD, "through"),
        zeros("zeros", UNUSABLE, "blocked: unusable"),
        Call::new("unavailable", "unavailable", "blocked: no number").to(NO_NUMBER),
        zeros("zeros are a number", NO_NUMBER, "through"),
        Call::new("a number", "+13105550021", "through").to(ANONYMOUS),
        uri("anonymous to another number", super::calls::MAIN, "through"),
    ]
}

fn verified() -> Vec<Call> {
    let with = |name: &str, verstat: &str, called: &str, expected: &str| {
        let identity = format!(
            "P-Asserted-Identity: <sip:+13105550030;verstat={verstat}@198.18.1.1;user=phone>"
        );
        Call::new(name, "+13105550030", expected)
            .trusted()
            .with_header(&identity)
            .to(called)
    };
    vec![
        with("failed", "TN-Validation-Failed", FAILED, "blocked: failed"),
        with(
            "failed with a level",
            "TN-Validation-Failed-B",
            FAILED,
            "blocked: failed",
        ),
        with(
            "passed is not failed",
            "TN-Validation-Passed-C",
            FAILED,
            "through",
        ),
        with("not validated", "No-TN-Validation", NONE, "blocked: none"),
        with(
            "failed is not none",
            "TN-Validation-Failed",
            NONE,
            "through",
        ),
        with(
            "level B is below A",
            "TN-Validation-Passed-B",
            BELOW_A,
            "blocked: below A",
        ),
        with(
            "level A is not below A",
            "TN-Validation-Passed-A",
            BELOW_A,
            "through",
        ),
        with(
            "level C is below B",
            "TN-Validation-Passed-C",
            BELOW_B,
            "blocked: below B",
        ),
        with(
            "level B is not below B",
            "TN-Validation-Passed-B",
            BELOW_B,
            "through",
        ),
        with(
            "unverified: failed",
            "TN-Validation-Failed",
            UNVERIFIED,
            "blocked: unverified",
        ),
        with(
            "unverified: none",
            "No-TN-Validation",
            UNVERIFIED,
            "blocked: unverified",
        ),
        with(
            "unverified: passed",
            "TN-Validation-Passed-A",
            UNVERIFIED,
            "through",
        ),
        Call::new("failed, says nobody we trust", "+13105550030", "through")
            .with_header("P-Asserted-Identity: <sip:+13105550030;verstat=TN-Validation-Failed@x>")
            .to(FAILED),
    ]
}

fn everything() -> Vec<Call> {
    vec![
        Call::new("everything", "+13105550040", "blocked: everything").to(CLOSED),
        Call::new("everything: a name", "alice", "blocked: everything").to(CLOSED),
        Call::new("everything: an extension", "17", "blocked: everything").to(CLOSED),
        Call::new("everything, whitelisted", "+4989123456", "through: white").to(CLOSED),
        Call::new("a class wins over everything", "", "blocked: nameless")
            .with_from("<sip:anonymous@anonymous.invalid>")
            .to(CLOSED),
        Call::new("no number at all", "", "blocked: everything")
            .with_from("<sip:198.18.0.1>")
            .to(CLOSED),
    ]
}
