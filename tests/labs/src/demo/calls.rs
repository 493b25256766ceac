//! The rows of the demo: who calls whom in which spelling, and what should become of it. Only
//! data; how a row becomes a message stands beside it.

/// Rules that are in force, as they are given to `blacklistd rule add`.
pub(crate) const RULES: &[(Rule, &[&str])] = &[
    (Rule::Exact, &["+14155550101", "--comment", "exact"]),
    (
        Rule::ExactV6,
        &["+14155550102", "--comment", "exact, over IPv6"],
    ),
    (Rule::Prefix, &["+4930*", "--comment", "prefix"]),
    (
        Rule::PrefixV6,
        &["+4940*", "--comment", "prefix, over IPv6"],
    ),
    (
        Rule::WidePrefix,
        &["+4420*", "--comment", "prefix with an exception"],
    ),
    (
        Rule::Exception,
        &["+442079460000", "--allow", "--comment", "the exception"],
    ),
    (
        Rule::OneDid,
        &[
            "+14155550103",
            "--scope",
            "number:+13125550199",
            "--comment",
            "one DID",
        ],
    ),
    (
        Rule::Spellings,
        &[
            "(415) 555-2671",
            "--dial-plan",
            "us",
            "--comment",
            "spellings",
        ],
    ),
    (Rule::Tel, &["+14155550104", "--comment", "tel URI"]),
    (
        Rule::Compact,
        &["+14155550105", "--comment", "compact headers"],
    ),
    (Rule::Folded, &["+14155550106", "--comment", "folded From"]),
    (
        Rule::Blanks,
        &["+14155550107", "--comment", "case and blanks"],
    ),
    (
        Rule::Display,
        &["+14155550108", "--comment", "display name"],
    ),
    (
        Rule::Escaped,
        &["+14155550109", "--comment", "percent escapes"],
    ),
    (
        Rule::Asserted,
        &["+14155550110", "--comment", "asserted identity"],
    ),
    (
        Rule::OnlyFrom,
        &["+14155550111", "--comment", "listed From"],
    ),
    (
        Rule::Retransmitted,
        &["+14155550112", "--comment", "retransmissions"],
    ),
    (Rule::Emergency, &["+14155550113", "--comment", "calls 911"]),
    (
        Rule::InDialog,
        &["+14155550114", "--comment", "inside a dialog"],
    ),
    (
        Rule::Watched,
        &[
            "+14155550115",
            "--action",
            "monitor",
            "--comment",
            "only watched",
        ],
    ),
    (
        Rule::Disabled,
        &["+14155550116", "--disabled", "--comment", "switched off"],
    ),
];

impl Expected {
    /// The rule that should name the call.
    pub(crate) fn rule(self) -> Option<Rule> {
        match self {
            Self::Through => None,
            Self::Allowed(rule) | Self::Blocked(rule) | Self::Watched(rule) => Some(rule),
        }
    }

    /// Whether the call should be dropped.
    pub(crate) fn is_blocked(self) -> bool {
        matches!(self, Self::Blocked(_))
    }

    /// Whether the daemon should log the call.
    pub(crate) fn is_logged(self) -> bool {
        matches!(self, Self::Blocked(_) | Self::Watched(_))
    }
}

/// A rule of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Exact,
    ExactV6,
    Prefix,
    PrefixV6,
    WidePrefix,
    Exception,
    OneDid,
    Spellings,
    Tel,
    Compact,
    Folded,
    Blanks,
    Display,
    Escaped,
    Asserted,
    OnlyFrom,
    Retransmitted,
    Emergency,
    InDialog,
    Watched,
    Disabled,
}

/// What should become of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    /// Dropped, by this rule.
    Blocked(Rule),
    /// Answered; no rule names it.
    Through,
    /// Answered, because of this rule.
    Allowed(Rule),
    /// Answered, and logged as what this rule would have blocked.
    Watched(Rule),
}

/// Where a call comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A trunk that is only believed its From.
    Carrier4,
    /// The same over IPv6.
    Carrier6,
    /// A trunk whose asserted identities are believed.
    Trusted,
}

/// How the message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// As every client writes it.
    Plain,
    /// The same, by our own sender, which knows how often it sent.
    Counted,
    /// With a P-Asserted-Identity of this number.
    Asserted(&'static str),
    /// `f:`, `t:`, `i:`, `m:`, `l:`.
    Compact,
    /// From on a line of its own behind a fold.
    Folded,
    /// `fRoM :` with blanks and tabs.
    Blanks,
    /// A display name that looks like another address.
    Display(&'static str),
    /// With a To tag: a request inside a dialog.
    InDialog,
    /// With a Subject that names this number as if it were a From.
    Subject(&'static str),
}

/// A call to be placed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) from: Origin,
    /// The caller's user part, or a whole URI if it has a scheme.
    pub(crate) caller: &'static str,
    /// The called user part.
    pub(crate) called: &'static str,
    pub(crate) shape: Shape,
    pub(crate) expected: Expected,
}

/// The SBC's main number.
const MAIN: &str = "+13125550100";
/// A number of the SBC with a list of its own.
const DID: &str = "+13125550199";

/// Every call of the demo.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = ordinary();
    rows.extend(spellings());
    rows.extend(texts());
    rows.extend(identities());
    rows.extend(exceptions());
    rows
}

fn ordinary() -> Vec<Row> {
    let over_ipv6 = |row| Row {
        from: Origin::Carrier6,
        ..row
    };
    vec![
        blocked("exact number", "+14155550101", Rule::Exact),
        over_ipv6(blocked("exact, IPv6", "+14155550102", Rule::ExactV6)),
        blocked("prefix", "+493012345678", Rule::Prefix),
        over_ipv6(blocked("prefix, IPv6", "+494012345678", Rule::PrefixV6)),
        through("unlisted caller", "+13105550001"),
        over_ipv6(through("unlisted caller, IPv6", "+13105550002")),
        through("one digit from a listed one", "+14155550201"),
        through("beside a listed prefix", "+493112345678"),
        Row {
            shape: Shape::Counted,
            ..blocked("retransmitted", "+14155550112", Rule::Retransmitted)
        },
    ]
}

fn spellings() -> Vec<Row> {
    let rule = Rule::Spellings;
    vec![
        blocked("spelling: E.164", "+14155552671", rule),
        blocked("spelling: without plus", "14155552671", rule),
        blocked("spelling: 00", "0014155552671", rule),
        blocked("spelling: 011", "01114155552671", rule),
        blocked("spelling: national", "4155552671", rule),
        blocked("spelling: separators", "+1-415-555-2671", rule),
        blocked("percent escapes", "%2B1415555%30109", Rule::Escaped),
        blocked("tel URI", "tel:+1-415-555-0104", Rule::Tel),
        through("tel URI, unlisted", "tel:+1-310-555-0004"),
    ]
}

fn texts() -> Vec<Row> {
    use Shape::{Blanks, Compact, Display, Folded, Subject};
    let written = |shape, row| Row { shape, ..row };
    vec![
        written(
            Compact,
            blocked("compact headers", "+14155550105", Rule::Compact),
        ),
        written(Compact, through("compact, unlisted", "+13105550006")),
        written(Folded, blocked("folded From", "+14155550106", Rule::Folded)),
        written(Folded, through("folded, unlisted", "+13105550007")),
        written(
            Blanks,
            blocked("case and blanks", "+14155550107", Rule::Blanks),
        ),
        written(
            Display("+13105550005"),
            blocked("behind a display name", "+14155550108", Rule::Display),
        ),
        written(
            Display("+14155550108"),
            through("only in a display name", "+13105550008"),
        ),
        written(
            Subject("+14155550101"),
            through("only in the Subject", "+13105550009"),
        ),
    ]
}

fn identities() -> Vec<Row> {
    let trusted = |row| Row {
        from: Origin::Trusted,
        ..row
    };
    let asserted = |number, row| Row {
        shape: Shape::Asserted(number),
        ..row
    };
    let listed = "+14155550110";
    vec![
        trusted(asserted(
            listed,
            blocked("asserted: listed", "+13105550011", Rule::Asserted),
        )),
        trusted(asserted(
            "+13105550010",
            through("asserted: clean, From listed", "+14155550111"),
        )),
        asserted(
            listed,
            through("asserted by nobody we trust", "+13105550012"),
        ),
        trusted(blocked("not asserted", "+14155550111", Rule::OnlyFrom)),
    ]
}

fn exceptions() -> Vec<Row> {
    let to = |called, row| Row { called, ..row };
    let expect = |expected, row| Row { expected, ..row };
    vec![
        blocked("beside an exception", "+442079460001", Rule::WidePrefix),
        expect(
            Expected::Allowed(Rule::Exception),
            through("allow over block", "+442079460000"),
        ),
        to(
            DID,
            blocked("listed for one DID", "+14155550103", Rule::OneDid),
        ),
        through("the same to another DID", "+14155550103"),
        to("911", through("listed caller calls 911", "+14155550113")),
        blocked("the same calls us", "+14155550113", Rule::Emergency),
        Row {
            shape: Shape::InDialog,
            ..through("listed caller in a dialog", "+14155550114")
        },
        expect(
            Expected::Watched(Rule::Watched),
            through("rule that only watches", "+14155550115"),
        ),
        through("rule switched off", "+14155550116"),
    ]
}

fn blocked(name: &'static str, caller: &'static str, rule: Rule) -> Row {
    Row {
        expected: Expected::Blocked(rule),
        ..through(name, caller)
    }
}

fn through(name: &'static str, caller: &'static str) -> Row {
    Row {
        name,
        from: Origin::Carrier4,
        caller,
        called: MAIN,
        shape: Shape::Plain,
        expected: Expected::Through,
    }
}
