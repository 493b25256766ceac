//! Which rule decides.

use blacklist_common::tables::TrunkEntry;

use super::*;
use crate::sip::invite::Invite;

fn rules() -> RuleSet {
    let mut set = set();
    let scoped = |pattern: &str, list| RuleSpec {
        list,
        scope: "number:+14155550001".into(),
        ..spec(pattern)
    };
    let rows = [
        (1, spec("+1415*")),
        (
            2,
            RuleSpec {
                list: ListKind::Allow,
                ..spec("+14155551234")
            },
        ),
        (3, scoped("+14155551234", ListKind::Block)),
        (4, scoped("+44*", ListKind::Block)),
        (
            5,
            RuleSpec {
                action: Some(RuleAction::Monitor),
                ..spec("+33*")
            },
        ),
        (6, spec("+49*")),
        (
            7,
            RuleSpec {
                list: ListKind::Allow,
                ..spec("+4930*")
            },
        ),
        (8, scoped("+49*", ListKind::Allow)),
    ];
    for (id, spec) in rows {
        set.put(&rule(&spec, id)).unwrap();
    }
    set
}

type Decided = (&'static str, &'static str, &'static str, &'static str, u32);

const DECIDED: &[Decided] = &[
    ("prefix", "+14155550000", "+14155550002", "dropped", 1),
    (
        "allow over block",
        "+14155551234",
        "+14155550002",
        "allowed",
        2,
    ),
    (
        "global allow over a scope's block",
        "+14155551234",
        "+14155550001",
        "allowed",
        2,
    ),
    (
        "for one number",
        "+442012345678",
        "+14155550001",
        "dropped",
        4,
    ),
    (
        "and for no other",
        "+442012345678",
        "+14155550002",
        "no-rule",
        0,
    ),
    ("monitor", "+33123456789", "+14155550002", "monitored", 5),
    ("emergency", "+14155550000", "112", "safety-floor", 0),
    (
        "longer allow prefix",
        "+493012345",
        "+14155550002",
        "allowed",
        7,
    ),
    (
        "a scope's whitelist",
        "+498912345",
        "+14155550001",
        "allowed",
        8,
    ),
    (
        "digits behind a whole number",
        "+141555512341234567",
        "+14155550002",
        "dropped",
        1,
    ),
];

#[test]
fn the_order_of_decisions() {
    let set = rules();
    for (name, caller, called, outcome, id) in DECIDED.iter().copied() {
        let message = Invite::between(caller, called).text();
        let trunk = TrunkEntry {
            identity: [1, 0, 0, 0],
            ..Default::default()
        };
        let explanation = set.explain(&message, &trunk, 0);
        assert_eq!(explanation.judgement.outcome.as_str(), outcome, "{name}");
        assert_eq!(explanation.rule.map_or(0, |id| id.0), id, "{name}");
    }
}
