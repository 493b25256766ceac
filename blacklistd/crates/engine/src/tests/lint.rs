//! What is said of changes before they are made.

use blacklist_common::decide::Call;
use blacklist_common::tables::Direction;

use super::*;

fn set_with_rules() -> RuleSet {
    let mut set = set();
    let both = RuleSpec {
        direction: Some(RuleDirection::Both),
        ..RuleSpec::of("+1416*")
    };
    let disabled = RuleSpec {
        enabled: false,
        ..RuleSpec::of("+1417*")
    };
    let watched = RuleSpec {
        action: Some(RuleAction::Monitor),
        ..RuleSpec::of("+33*")
    };
    let timed = RuleSpec {
        schedule: Some("mo-fr 08:00-18:00".to_owned()),
        ..RuleSpec::of("+34*")
    };
    let rows = [
        (1, RuleSpec::of("+14155551234")),
        (2, both),
        (3, disabled),
        (4, scoped("+4412*", "account:acme")),
        (5, in_list("law", "+3906*")),
        (6, watched),
        (7, timed),
        (8, in_list("friends", "+4930*")),
        (9, RuleSpec::of("+7*55")),
        (10, RuleSpec::of("sales*")),
        (11, RuleSpec::of("anonymous:withheld,uri,no-number")),
    ];
    for (id, spec) in rows {
        add(&mut set, id, &spec).unwrap_or_else(|error| panic!("{id}: {error}"));
    }
    set
}

fn kind(spec: RuleSpec, kind: RuleKind) -> RuleSpec {
    RuleSpec {
        kind: Some(kind),
        ..spec
    }
}

fn findings(set: &RuleSet, spec: &RuleSpec) -> Vec<Finding> {
    set.lint(&mutations(set, 100, spec), &Circumstances::default())
}

#[test]
fn what_is_refused() {
    let set = set_with_rules();
    let outbound = |pattern: &str| RuleSpec {
        direction: Some(RuleDirection::Outbound),
        ..RuleSpec::of(pattern)
    };
    let plain = |pattern: &str| RuleSpec {
        dial_plan: Some("none".into()),
        ..RuleSpec::of(pattern)
    };
    let rows = [
        (
            "same spelling",
            RuleSpec::of("+14155551234"),
            "duplicate: rule 1",
        ),
        (
            "other spelling",
            RuleSpec::of("(415) 555-1234"),
            "duplicate: rule 1",
        ),
        (
            "covered by both directions",
            RuleSpec::of("1416*"),
            "duplicate: rule 2",
        ),
        (
            "same as a disabled one",
            RuleSpec::of("+1417*"),
            "rule 3, which is disabled",
        ),
        (
            "same classes",
            RuleSpec::of("anonymous:uri,no-number,withheld"),
            "duplicate: rule 11",
        ),
        ("emergency", RuleSpec::of("112"), "emergency number"),
        (
            "emergency with plus",
            RuleSpec::of("+911"),
            "emergency number",
        ),
        (
            "emergency with country code",
            RuleSpec::of("+49112"),
            "emergency number",
        ),
        (
            "emergency as prefix",
            plain("112*"),
            "hides the emergency number",
        ),
        (
            "anonymous outbound",
            outbound("anonymous"),
            "can never match outbound",
        ),
        (
            "unverified outbound",
            outbound("unverified"),
            "can never match outbound",
        ),
        (
            "a schedule outside of its validity",
            RuleSpec {
                schedule: Some("mo 08:00-09:00".into()),
                valid_from: Some("2026-01-06".into()),
                valid_until: Some("2026-01-07".into()),
                ..RuleSpec::of("+81*")
            },
            "no time between valid_from and valid_until",
        ),
    ];
    for (name, spec, expected) in rows {
        let found = findings(&set, &spec);
        let first = found.first().unwrap_or_else(|| panic!("{name}: nothing"));
        assert_eq!(first.severity, Severity::Refuse, "{name}");
        assert!(
            first.sentence.contains(expected),
            "{name}: {}",
            first.sentence
        );
    }
    let error = draft_in(&set, &scoped("+1418", "number:112")).map(|(_, made)| made);
    let made = error
        .unwrap()
        .into_iter()
        .map(Mutation::PutScope)
        .collect::<Vec<_>>();
    let refusal = set.clone().apply(now(), &made).unwrap_err().to_string();
    assert!(
        refusal.contains("emergency number"),
        "emergency as scope: {refusal}"
    );
}

#[test]
fn what_is_warned_of() {
    let set = set_with_rules();
    let both = |pattern: &str| RuleSpec {
        direction: Some(RuleDirection::Both),
        ..RuleSpec::of(pattern)
    };
    let plain = |pattern: &str| RuleSpec {
        dial_plan: Some("none".into()),
        ..RuleSpec::of(pattern)
    };
    let monitor = |spec: RuleSpec| RuleSpec {
        action: Some(RuleAction::Monitor),
        ..spec
    };
    let rows = [
        (
            "anonymous in both directions",
            both("anonymous"),
            "matches inbound calls alone",
        ),
        (
            "a list without scopes",
            in_list("nowhere", "+81*"),
            "assigned to no scope",
        ),
        (
            "a list that is off",
            in_list("off", "+81*"),
            "list off is switched off",
        ),
        (
            "over",
            RuleSpec {
                valid_until: Some("2026-01-01".into()),
                ..RuleSpec::of("+81*")
            },
            "was valid until 2026-01-02T00:00:00Z",
        ),
        (
            "around an emergency number",
            plain("1*"),
            "emergency numbers go through all the same: 112",
        ),
        (
            "wildcard around one",
            plain("11?"),
            "emergency numbers go through all the same: 112",
        ),
        (
            "own number",
            RuleSpec::of("+14155550001"),
            "numbers of your own: +14155550001",
        ),
        (
            "own numbers",
            monitor(RuleSpec::of("+141555500*")),
            "+14155550001, +14155550002, +14155550003",
        ),
        (
            "own numbers in a wildcard",
            RuleSpec::of("+1415555???2"),
            "numbers of your own: +14155550002",
        ),
    ];
    warned(&set, rows);
}

#[test]
fn rules_without_effect_are_warned_of() {
    let set = set_with_rules();
    let rows = [
        (
            "number in a prefix",
            RuleSpec::of("+14165550000"),
            "rule 2 (+1416* for global)",
        ),
        (
            "prefix in a prefix",
            RuleSpec::of("+14165*"),
            "rule 2 (+1416*",
        ),
        (
            "wildcard in a prefix",
            RuleSpec::of("+1416*7"),
            "rule 2 (+1416*",
        ),
        (
            "narrower scope",
            scoped("+14165*", "account:acme"),
            "rule 2 (+1416*",
        ),
        (
            "narrowest scope",
            scoped("+441234", "number:+14155550001"),
            "rule 4 (+4412* for account:acme)",
        ),
        (
            "behind a mandatory one",
            RuleSpec::of("+390612*"),
            "rule 5 (+3906*",
        ),
        (
            "drops what a broader scope watches",
            scoped("+331*", "account:acme"),
            "rule 6 (+33*",
        ),
        (
            "number in a wildcard",
            RuleSpec::of("+79955"),
            "rule 9 (+7*55",
        ),
        (
            "name in a wildcard",
            RuleSpec::of("sales-?"),
            "rule 10 (sales*",
        ),
        (
            "fewer classes",
            RuleSpec::of("anonymous"),
            "rule 11 (anonymous:withheld,uri,no-number",
        ),
        (
            "blocked beside what is allowed",
            RuleSpec::of("+49301*"),
            "rule 8 (+4930*",
        ),
        (
            "allowed behind what is mandatory",
            kind(scoped("+390612*", "account:acme"), RuleKind::Allow),
            "rule 5 (+3906*",
        ),
        (
            "allowed twice",
            in_list("friends", "+49301"),
            "rule 8 (+4930*",
        ),
    ];
    warned(&set, rows);
}

fn warned<const ROWS: usize>(set: &RuleSet, rows: [(&str, RuleSpec, &str); ROWS]) {
    for (name, spec, expected) in rows {
        let found = findings(set, &spec);
        assert!(
            found
                .iter()
                .any(|finding| finding.severity == Severity::Warn
                    && finding.sentence.contains(expected)),
            "{name}: {found:?}"
        );
        assert!(
            found
                .iter()
                .all(|finding| finding.severity == Severity::Warn),
            "{name}: {found:?}"
        );
    }
}

#[test]
fn of_what_there_is_nothing_to_say() {
    let set = set_with_rules();
    let rows = [
        (
            "other kind",
            kind(RuleSpec::of("+14155551234"), RuleKind::Allow),
        ),
        (
            "an allow rule that lifts nothing",
            in_list("friends", "+81*"),
        ),
        ("other list", in_list("acme", "+14155551299")),
        (
            "other direction",
            RuleSpec {
                direction: Some(RuleDirection::Outbound),
                ..RuleSpec::of("+14155551234")
            },
        ),
        ("longer than its neighbour", RuleSpec::of("+14155551234*")),
        ("broader scope", RuleSpec::of("+44123*")),
        ("other account", scoped("+44123*", "account:zeta")),
        ("drops what its own scope watches", RuleSpec::of("+331*")),
        (
            "mandatory behind one that is not",
            in_list("law", "+14165*"),
        ),
        (
            "a name, decided before the wildcard",
            RuleSpec::of("sales-1"),
        ),
        ("at times covered", RuleSpec::of("+341*")),
        (
            "allowed beside what is mandatory",
            kind(RuleSpec::of("+390612*"), RuleKind::Allow),
        ),
        ("more classes", RuleSpec::of("anonymous:withheld,unusable")),
        ("another end", RuleSpec::of("+79956")),
        (
            "switched off",
            RuleSpec {
                enabled: false,
                ..RuleSpec::of("+14165*")
            },
        ),
    ];
    for (name, spec) in rows {
        assert_eq!(findings(&set, &spec), [], "{name}");
    }
}

#[test]
fn a_rule_itself_is_no_twin_and_no_shadow() {
    let set = set_with_rules();
    for rule in set.iter() {
        let found = set.lint(
            &[Mutation::PutRule(rule.clone())],
            &Circumstances::default(),
        );
        assert_eq!(found, [], "{}", rule.pattern);
    }
}

#[test]
fn the_share_of_calls_seen_lately() {
    let set = set_with_rules();
    let call = |caller: &str, called: &str| SeenCall {
        call: Call {
            caller: worlds::key_of(caller),
            called: worlds::key_of(called),
            classes: 0,
            asserted: 0,
        },
        direction: Direction::Inbound,
    };
    // Of forty: ten from +81 to an account, ten that are allowed, five that are blocked.
    let mut seen = Vec::new();
    for at in 0..40 {
        seen.push(match at {
            0..10 => call(&format!("+813{at}"), "+14155550001"),
            10..20 => call("+493012", "+14155550001"),
            20..25 => call("+14165550000", "+14155550009"),
            _ => call(&format!("+9123{at}"), "+14155550009"),
        });
    }
    let circumstances = Circumstances {
        seen: &seen,
        share: 20,
        own: &[],
    };
    let rows = [
        (
            "a prefix",
            RuleSpec::of("+81*"),
            Some("10 of the 40 calls seen lately, 25 %: more than 20 %"),
        ),
        (
            "a wildcard",
            RuleSpec::of("+8?3*"),
            Some("10 of the 40 calls"),
        ),
        (
            "of the account",
            scoped("+81*", "account:acme"),
            Some("10 of the 40 calls"),
        ),
        ("of another account", scoped("+81*", "account:zeta"), None),
        ("one number", RuleSpec::of("+8131"), None),
        ("allowed all the same", RuleSpec::of("+493012"), None),
        (
            "everything else",
            RuleSpec::of("*"),
            Some("25 of the 40 calls seen lately, 62 %"),
        ),
        (
            "only watches",
            RuleSpec {
                action: Some(RuleAction::Monitor),
                ..RuleSpec::of("+81*")
            },
            None,
        ),
    ];
    for (name, spec, expected) in rows {
        let found = set.lint(&mutations(&set, 100, &spec), &circumstances);
        let share = found
            .iter()
            .find(|finding| finding.sentence.contains("seen lately"));
        match (share, expected) {
            (Some(finding), Some(text)) => {
                assert!(finding.sentence.contains(text), "{name}: {finding:?}");
            }
            (found, expected) => {
                assert_eq!(found.is_some(), expected.is_some(), "{name}: {found:?}");
            }
        }
    }
    let default = Mutation::PutScope(ScopeRecord {
        id: ScopeId(1),
        name: ScopeName::from_canonical("account:acme").unwrap(),
        policy: DefaultPolicy::Block,
    });
    let found = set.lint(&[default], &circumstances);
    assert!(
        found
            .iter()
            .any(|finding| finding.sentence.contains("10 of the 40 calls")),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|finding| finding.sentence.contains("in both directions")),
        "{found:?}"
    );
}

#[test]
fn numbers_that_no_trunk_spells_so() {
    let mut set = set();
    let plain = |pattern: &str| RuleSpec {
        dial_plan: Some("none".into()),
        ..RuleSpec::of(pattern)
    };
    let national = plain("01701234567");
    assert_eq!(findings(&set, &national), [], "nothing is known of trunks");
    set.set_trunk_plans(vec![de()]);
    let found = findings(&set, &national);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(
        found[0].sentence.contains("as +491701234567; write that"),
        "{found:?}"
    );
    for pattern in ["7042", "+491701234567", "\\*67", "alice"] {
        assert_eq!(findings(&set, &plain(pattern)), [], "{pattern}");
    }
    set.set_trunk_plans(vec![de(), us()]);
    assert_eq!(
        findings(&set, &national),
        [],
        "the other trunk leaves it as it is"
    );
}
