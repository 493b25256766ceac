//! For whom: accounts, groups and numbers, what beats what, lists for several, defaults, and what
//! no rule blocks.

use super::calls::Call;

/// Commands that make the scopes.
pub(super) const COMMANDS: &[&[&str]] = &[
    &["scope", "add", "account:acme", "--comment", "a customer"],
    &[
        "scope",
        "member",
        "add",
        "account:acme",
        "+13125550130",
        "(312) 555-0131",
    ],
    &["scope", "add", "group:sales"],
    &["scope", "member", "add", "group:sales", "+13125550131"],
    &["scope", "add", "number:+13125550140", "--default", "block"],
    &[
        "scope",
        "add",
        "account:closed",
        "--default",
        "block",
        "--member",
        "+13125550141",
    ],
    &["scope", "member", "add", "account:closed", "+13125550142"],
    &["scope", "add", "number:+13125550142"],
    &["scope", "edit", "number:+13125550142", "--default", "allow"],
    &["list", "add", "vip", "--allow", "--scope", "account:closed"],
    &[
        "list",
        "add",
        "fraud",
        "--mandatory",
        "--scope",
        "account:acme",
    ],
    &["list", "add", "watched", "--action", "monitor"],
    &["list", "add", "second"],
    &["list", "add", "outgoing", "--direction", "outbound"],
];

/// Rules by name, and what `rule add` is given for each.
pub(super) const RULES: &[(&str, &[&str])] = &[
    ("account", &["+81*", "--scope", "account:acme"]),
    (
        "group allows",
        &["+8190*", "--allow", "--scope", "group:sales"],
    ),
    ("group blocks", &["+8180*", "--scope", "group:sales"]),
    ("own", &["+8266*", "--scope", "number:+13125550130"]),
    ("global allows", &["+826600*", "--allow"]),
    ("global", &["+33900*"]),
    (
        "own allows",
        &["+339001234", "--allow", "--scope", "number:+13125550131"],
    ),
    (
        "mandatory",
        &["+8255*", "--mandatory", "--scope", "account:acme"],
    ),
    (
        "allows in vain",
        &["+8255*", "--allow", "--scope", "number:+13125550131"],
    ),
    (
        "lifts it",
        &["+82559*", "--allow", "--scope", "account:acme"],
    ),
    ("mandatory by its list", &["+2341*", "--list", "fraud"]),
    (
        "allows in vain too",
        &["+2341*", "--allow", "--scope", "number:+13125550131"],
    ),
    (
        "two scopes",
        &[
            "+2347*",
            "--scope",
            "group:sales",
            "--scope",
            "number:+13125550199",
        ],
    ),
    ("one of 25", &["+2348012345", "--list", "shared"]),
    (
        "known",
        &["+4971*", "--allow", "--scope", "number:+13125550140"],
    ),
    ("known to the account", &["+4971*", "--list", "vip"]),
    ("monitored", &["+97150*", "--list", "watched"]),
    ("in the first list", &["+551112345"]),
    ("in the second list", &["+551112345", "--list", "second"]),
    ("outgoing only", &["+5522*", "--list", "outgoing"]),
    ("both ways", &["+5533*", "--direction", "both"]),
    (
        "outgoing for the account",
        &["+5544*", "--list", "outgoing", "--scope", "account:acme"],
    ),
    (
        "closed for outgoing calls",
        &["*", "--list", "outgoing", "--scope", "number:+13125550150"],
    ),
];

/// A list for 25 numbers: one row.
pub(super) fn shared_list() -> Vec<&'static str> {
    const SCOPES: [&str; 25] = [
        "number:+13125550200",
        "number:+13125550201",
        "number:+13125550202",
        "number:+13125550203",
        "number:+13125550204",
        "number:+13125550205",
        "number:+13125550206",
        "number:+13125550207",
        "number:+13125550208",
        "number:+13125550209",
        "number:+13125550210",
        "number:+13125550211",
        "number:+13125550212",
        "number:+13125550213",
        "number:+13125550214",
        "number:+13125550215",
        "number:+13125550216",
        "number:+13125550217",
        "number:+13125550218",
        "number:+13125550219",
        "number:+13125550220",
        "number:+13125550221",
        "number:+13125550222",
        "number:+13125550223",
        "number:+13125550224",
    ];
    let mut arguments = vec!["list", "add", "shared"];
    for scope in SCOPES {
        arguments.extend(["--scope", scope]);
    }
    arguments
}

/// Calls that show all that.
pub(super) fn calls() -> Vec<Call> {
    let acme = "+13125550130";
    let seller = "+13125550131";
    let rows = [
        ("account", "+815000001", acme, "blocked: account"),
        (
            "account: another member",
            "+815000001",
            seller,
            "blocked: account",
        ),
        (
            "account: somebody else",
            "+815000001",
            "+13125550132",
            "through",
        ),
        (
            "a group's allow lifts an account's block",
            "+819000001",
            seller,
            "through: group allows",
        ),
        (
            "a group's allow is for its members",
            "+819000001",
            acme,
            "blocked: account",
        ),
        (
            "the broader block is named",
            "+818000001",
            seller,
            "blocked: account",
        ),
        ("own", "+826612345", acme, "blocked: own"),
        (
            "a global allow lifts an own block",
            "+826600001",
            acme,
            "through: global allows",
        ),
        ("global", "+339001234", acme, "blocked: global"),
        (
            "an own allow lifts a global block",
            "+339001234",
            seller,
            "through: own allows",
        ),
        ("mandatory", "+825512345", acme, "blocked: mandatory"),
        (
            "a narrower allow does not lift it",
            "+825512345",
            seller,
            "blocked: mandatory",
        ),
        (
            "an allow of its own scope does",
            "+825591234",
            acme,
            "through: lifts it",
        ),
        (
            "mandatory by its list",
            "+234112345",
            seller,
            "blocked: mandatory by its list",
        ),
        (
            "a rule of two scopes: the group",
            "+234712345",
            seller,
            "blocked: two scopes",
        ),
        (
            "a rule of two scopes: the number",
            "+234712345",
            "+13125550199",
            "blocked: two scopes",
        ),
        (
            "a rule of two scopes: somebody else",
            "+234712345",
            acme,
            "through",
        ),
        (
            "one row for 25: the first",
            "+2348012345",
            "+13125550200",
            "blocked: one of 25",
        ),
        (
            "one row for 25: the last",
            "+2348012345",
            "+13125550224",
            "blocked: one of 25",
        ),
        (
            "one row for 25: somebody else",
            "+2348012345",
            "+13125550225",
            "through",
        ),
        (
            "default block",
            "+13105550050",
            "+13125550140",
            "blocked: default of number:+13125550140",
        ),
        (
            "default block: a known caller",
            "+497112345",
            "+13125550140",
            "through: known",
        ),
        (
            "an account's default",
            "+13105550050",
            "+13125550141",
            "blocked: default of account:closed",
        ),
        (
            "an account's list",
            "+497112345",
            "+13125550141",
            "through: known to the account",
        ),
        (
            "a number's default is narrower",
            "+13105550050",
            "+13125550142",
            "through",
        ),
        (
            "in two lists: the lowest id",
            "+551112345",
            acme,
            "blocked: in the first list",
        ),
        ("outgoing only", "+552212345", acme, "through"),
        (
            "listed caller calls 911",
            "+14155550101",
            "911",
            "through: safety floor",
        ),
        (
            "unlisted to a closed number calls 112",
            "+13105550050",
            "112",
            "through: safety floor",
        ),
    ];
    let mut calls: Vec<Call> = rows
        .into_iter()
        .map(|(name, caller, called, expected)| Call::new(name, caller, expected).to(called))
        .collect();
    calls.extend(outgoing());
    calls.push(
        Call::new(
            "call back from emergency services",
            "+14155550101",
            "through: safety floor",
        )
        .trusted()
        .with_header("Priority: psap-callback"),
    );
    calls.push(
        Call::new(
            "the same from nobody we trust",
            "+14155550101",
            "blocked: exact",
        )
        .with_header("Priority: psap-callback"),
    );
    calls
}

/// Of a call out of the house the called number is the remote one, the caller the local one.
fn outgoing() -> Vec<Call> {
    let acme = "+13125550130";
    let closed = "+13125550150";
    let rows = [
        ("outgoing", acme, "+552212345", "blocked: outgoing only"),
        (
            "outgoing: both ways",
            acme,
            "+553312345",
            "blocked: both ways",
        ),
        (
            "outgoing: an incoming rule",
            acme,
            "+14155550101",
            "through",
        ),
        (
            "outgoing for the account",
            acme,
            "+554412345",
            "blocked: outgoing for the account",
        ),
        (
            "outgoing for somebody else",
            "+13125550199",
            "+554412345",
            "through",
        ),
        (
            "closed for outgoing calls",
            closed,
            "+13105550001",
            "blocked: closed for outgoing calls",
        ),
        (
            "closed, but 911 is free",
            closed,
            "911",
            "through: safety floor",
        ),
        (
            "closed, but 112 is free",
            closed,
            "112",
            "through: safety floor",
        ),
    ];
    let mut calls: Vec<Call> = rows
        .into_iter()
        .map(|(name, caller, called, expected)| {
            Call::new(name, caller, expected).to(called).outbound()
        })
        .collect();
    calls.push(Call::new(
        "incoming: both ways",
        "+553312345",
        "blocked: both ways",
    ));
    calls.push(
        Call::new(
            "incoming to who is closed for outgoing",
            "+13105550001",
            "through",
        )
        .to(closed),
    );
    calls.push(Call::new(
        "monitored",
        "+9715012345",
        "monitored: monitored",
    ));
    calls
}
