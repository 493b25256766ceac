//! What is refused beside the rules that are there, and what is not.

use super::*;

fn scoped(pattern: &str, scope: &str) -> RuleSpec {
    RuleSpec {
        scope: scope.to_owned(),
        ..spec(pattern)
    }
}

fn set_with_three() -> RuleSet {
    let mut set = set();
    set.put(&rule(&spec("+14155551234"), 1)).unwrap();
    let both = RuleSpec {
        direction: RuleDirection::Both,
        ..spec("+1416*")
    };
    set.put(&rule(&both, 2)).unwrap();
    let disabled = RuleSpec {
        enabled: false,
        ..spec("+1417*")
    };
    set.put(&rule(&disabled, 3)).unwrap();
    set
}

#[test]
fn what_stands_in_the_way_is_named() {
    let set = set_with_three();
    let rows = [
        ("same spelling", spec("+14155551234"), "duplicate: rule 1"),
        (
            "other spelling",
            spec("(415) 555-1234"),
            "duplicate: rule 1",
        ),
        (
            "covered by both directions",
            spec("1416*"),
            "duplicate: rule 2",
        ),
        (
            "same as a disabled one",
            spec("+1417*"),
            "rule 3, which is disabled",
        ),
        ("emergency", spec("112"), "emergency number"),
        ("emergency with plus", spec("+911"), "emergency number"),
        (
            "emergency with country code",
            spec("+49112"),
            "emergency number",
        ),
        (
            "emergency as prefix",
            RuleSpec {
                dial_plan: Some("none".into()),
                ..spec("112*")
            },
            "hides the emergency number",
        ),
        (
            "emergency as scope",
            scoped("+1418", "number:112"),
            "emergency number",
        ),
    ];
    for (name, spec, expected) in rows {
        let error = set
            .lint(&draft(&spec).unwrap(), RuleId(0))
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn what_stands_in_nobodys_way_is_accepted() {
    let set = set_with_three();
    let accepted = [
        (
            "other list",
            RuleSpec {
                list: ListKind::Allow,
                ..spec("+14155551234")
            },
        ),
        ("other scope", scoped("+14155551234", "number:+14155550000")),
        (
            "other direction",
            RuleSpec {
                direction: RuleDirection::Outbound,
                ..spec("+14155551234")
            },
        ),
        ("longer prefix", spec("+14155551234*")),
    ];
    for (name, spec) in accepted {
        assert_eq!(
            set.lint(&draft(&spec).unwrap(), RuleId(0)),
            Ok(Vec::new()),
            "{name}"
        );
    }
    let wide = RuleSpec {
        dial_plan: Some("none".into()),
        ..spec("1*")
    };
    let warnings = set.lint(&draft(&wide).unwrap(), RuleId(0)).unwrap();
    assert_eq!(warnings, ["emergency numbers go through all the same: 112"]);
}

#[test]
fn contradictions_are_refused() {
    let rows = [
        (
            "allow with drop",
            RuleSpec {
                list: ListKind::Allow,
                action: Some(RuleAction::Drop),
                ..spec("+1")
            },
            "for block rules",
        ),
        (
            "block with pass",
            RuleSpec {
                action: Some(RuleAction::Pass),
                ..spec("+1")
            },
            "make it an allow rule",
        ),
        (
            "scope word",
            RuleSpec {
                scope: "everyone".into(),
                ..spec("+1")
            },
            "is no scope",
        ),
        (
            "scope prefix",
            RuleSpec {
                scope: "number:+1415*".into(),
                ..spec("+1")
            },
            "one local number",
        ),
        (
            "dial plan",
            RuleSpec {
                dial_plan: Some("fr".into()),
                ..spec("+1")
            },
            "no dial plan is named \"fr\"",
        ),
        (
            "comment of two lines",
            RuleSpec {
                comment: "a\nb".into(),
                ..spec("+1")
            },
            "one line",
        ),
    ];
    for (name, spec, expected) in rows {
        let error = draft(&spec).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn an_edit_keeps_what_it_does_not_name() {
    let before = draft(&RuleSpec {
        comment: "why".into(),
        ..spec("4155551234")
    })
    .unwrap();
    // Without its dial plan the number could not be read again.
    let empty = BTreeMap::new();
    let none = DialPlans {
        plans: &empty,
        default: None,
    };
    let edit = RuleEdit {
        enabled: Some(false),
        ..RuleEdit::default()
    };
    let after = before.edited(&edit, none).unwrap();
    assert!(!after.rule.enabled);
    assert_eq!(after.rule.pattern, before.rule.pattern);
    assert_eq!(after.comment, "why");
    let to_allow = RuleEdit {
        list: Some(ListKind::Allow),
        ..RuleEdit::default()
    };
    assert_eq!(
        before.edited(&to_allow, none).unwrap().rule.action,
        RuleAction::Pass
    );
}
