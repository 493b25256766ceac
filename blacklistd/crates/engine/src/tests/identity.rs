//! Which rules are one rule written twice.

use super::*;

const FIRST_UNUSED: ScopeId = ScopeId(1 << 31);

/// The key of a rule as it is asked for.
fn key(set: &RuleSet, spec: &RuleSpec) -> Result<String, Refusal> {
    let plans = plans();
    let plans = DialPlans {
        plans: &plans,
        default: Some("us"),
    };
    let mut names = Naming::new(set, FIRST_UNUSED);
    let draft = Draft::from_spec(spec, plans, &mut names)?;
    let list = set.list(draft.rule.list).unwrap();
    let identity = RuleIdentity::of(&draft.rule, list);
    Ok(identity.key(|scope| names.scope_name(scope)))
}

/// The key of the same rule as it is held.
fn key_of_held(set: &RuleSet, id: u32) -> String {
    let rule = set.get(RuleId(id)).unwrap();
    let identity = RuleIdentity::of(rule, set.list(rule.list).unwrap());
    let names = Naming::new(set, FIRST_UNUSED);
    identity.key(|scope| names.scope_name(scope))
}

#[test]
fn a_rule_that_is_asked_for_has_the_key_of_the_rule_that_is_kept() {
    let mut set = set();
    let plain = RuleSpec::of("+14155550100");
    let rows = [
        plain.clone(),
        RuleSpec::of("+1415*"),
        RuleSpec::of("alice"),
        RuleSpec::of("+1415555????"),
        RuleSpec::of("anonymous"),
        RuleSpec::of("*"),
        in_list("friends", "+14155550100"),
        RuleSpec {
            scopes: vec!["number:+13125550199".to_owned(), "account:acme".to_owned()],
            kind: Some(RuleKind::Allow),
            direction: Some(RuleDirection::Both),
            ..plain
        },
    ];
    let mut all = std::collections::HashSet::new();
    for (id, spec) in (1..).zip(rows) {
        let asked = key(&set, &spec).unwrap();
        add(&mut set, id, &spec).unwrap();
        assert_eq!(asked, key_of_held(&set, id));
        assert!(all.insert(asked), "{spec:?} has the key of another rule");
    }
}

#[test]
fn spellings_and_comments_do_not_tell_rules_apart() {
    let set = set();
    let one = key(&set, &RuleSpec::of("(415) 555-0100")).unwrap();
    let other = RuleSpec {
        kind: Some(RuleKind::Block),
        scopes: vec!["global".to_owned()],
        comment: "a comment".to_owned(),
        enabled: false,
        ..RuleSpec::of("+14155550100")
    };
    assert_eq!(key(&set, &other).unwrap(), one);
}

#[test]
fn a_number_without_a_scope_yet_is_named_and_a_group_is_not_made() {
    let set = set();
    let of = |scope: &str| key(&set, &scoped("alice", scope));
    assert!(of("number:+4930").unwrap().ends_with("number:+4930"));
    assert!(of("group:nobody").is_err());
}

#[test]
fn rules_overlap_where_they_are_one_for_calls_of_a_direction() {
    use RuleDirection::{Both, Inbound, Outbound};
    let set = set();
    let list = set.list_named("default").unwrap();
    let pattern = Pattern::parse("+14155550100", &us()).unwrap();
    let rule = |direction| Rule {
        direction,
        ..Rule::of(RuleId(0), list.id, pattern.clone())
    };
    // The list is for inbound calls.
    let rows = [
        (None, Some(Inbound), true, true),
        (Some(Inbound), Some(Both), false, true),
        (Some(Both), Some(Outbound), false, true),
        (None, Some(Outbound), false, false),
        (Some(Both), Some(Both), true, true),
    ];
    for (one, other, same, overlaps) in rows {
        let (first, second) = (rule(one), rule(other));
        let (first_is, second_is) = (
            RuleIdentity::of(&first, list),
            RuleIdentity::of(&second, list),
        );
        assert_eq!(first_is.same(&second_is), same, "{one:?}, {other:?}");
        assert_eq!(
            first_is.overlaps(&second_is),
            overlaps,
            "{one:?}, {other:?}"
        );
        assert_eq!(
            second_is.overlaps(&first_is),
            overlaps,
            "{one:?}, {other:?}"
        );
    }
    let plain = rule(None);
    let allowed = Rule {
        kind: Some(RuleKind::Allow),
        ..rule(None)
    };
    let elsewhere = Rule {
        scopes: [ScopeId(1)].into(),
        ..rule(None)
    };
    for (name, other) in [("another kind", allowed), ("another scope", elsewhere)] {
        let (one, other) = (
            RuleIdentity::of(&plain, list),
            RuleIdentity::of(&other, list),
        );
        assert!(!one.overlaps(&other), "{name}");
    }
}

#[test]
fn what_was_seen_in_a_file_is_known_by_direction() {
    use Repetition::{Covered, New, Overlaps};
    use RuleDirection::{Both, Inbound, Outbound};
    let set = set();
    let list = set.list_named("default").unwrap();
    let pattern = Pattern::parse("+14155550100", &us()).unwrap();
    let rows: [&[(RuleDirection, Repetition)]; 5] = [
        &[
            (Inbound, New),
            (Inbound, Covered(0)),
            (Both, Overlaps(0)),
            (Outbound, New),
        ],
        &[
            (Both, New),
            (Inbound, Covered(0)),
            (Outbound, Covered(0)),
            (Both, Covered(0)),
        ],
        &[(Inbound, New), (Outbound, New), (Both, Covered(0))],
        &[(Outbound, New), (Both, Overlaps(0)), (Both, Overlaps(0))],
        &[(Both, New), (Both, Covered(0))],
    ];
    for row in rows {
        let mut seen = SeenRules::default();
        for (place, (direction, expected)) in (0..).zip(row) {
            let rule = Rule {
                direction: Some(*direction),
                ..Rule::of(RuleId(0), list.id, pattern.clone())
            };
            let identity = RuleIdentity::of(&rule, list);
            assert_eq!(seen.add(&identity, place), *expected, "{row:?}, {place}");
            let is_same = row
                .iter()
                .position(|(other, new)| other == direction && *new == New);
            assert_eq!(
                seen.find(&identity),
                is_same.map(|place| place as u32),
                "{row:?}"
            );
        }
    }
}

#[test]
fn a_rule_whose_list_is_assigned_nowhere_is_found_too() {
    let mut set = set();
    add(&mut set, 1, &in_list("nowhere", "+14155550100")).unwrap();
    let again = add(&mut set, 2, &in_list("nowhere", "(415) 555-0100")).unwrap_err();
    assert!(again.to_string().contains("duplicate: rule 1"), "{again}");
}
