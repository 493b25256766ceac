//! From specs and edits to rules.

use super::*;

fn draft(spec: &RuleSpec) -> Result<Draft, Refusal> {
    draft_in(&set(), spec).map(|(draft, _)| draft)
}

#[test]
fn contradictions_are_refused() {
    let of = RuleSpec::of;
    let rows = [
        (
            "allow with drop",
            RuleSpec {
                kind: Some(RuleKind::Allow),
                action: Some(RuleAction::Drop),
                ..of("+1")
            },
            "for block rules",
        ),
        (
            "allow by its list, with drop",
            RuleSpec {
                action: Some(RuleAction::Drop),
                ..in_list("friends", "+1")
            },
            "for block rules",
        ),
        (
            "block with pass",
            RuleSpec {
                action: Some(RuleAction::Pass),
                ..of("+1")
            },
            "make it an allow rule",
        ),
        (
            "mandatory allow",
            RuleSpec {
                mandatory: Some(true),
                ..in_list("friends", "+1")
            },
            "cannot be mandatory",
        ),
        ("scope word", scoped("+1", "everyone"), "is not a scope"),
        (
            "scope prefix",
            scoped("+1", "number:+1415*"),
            "one number or name",
        ),
        (
            "scope class",
            scoped("+1", "number:anonymous"),
            "one number or name",
        ),
        (
            "no such account",
            scoped("+1", "account:nobody"),
            "there is no account:nobody: make it",
        ),
        (
            "name of an account",
            scoped("+1", "account:A B"),
            "is not a name of an account",
        ),
        (
            "no such list",
            in_list("nothing", "+1"),
            "there is no list \"nothing\"",
        ),
        (
            "dial plan",
            RuleSpec {
                dial_plan: Some("fr".into()),
                ..of("+1")
            },
            "no dial plan is named \"fr\"",
        ),
        (
            "comment of two lines",
            RuleSpec {
                comment: "a\nb".into(),
                ..of("+1")
            },
            "one line",
        ),
        (
            "over before it begins",
            RuleSpec {
                valid_from: Some("2026-02-02".into()),
                valid_until: Some("2026-02-01".into()),
                ..of("+1")
            },
            "could never match",
        ),
        (
            "schedule",
            RuleSpec {
                schedule: Some("always".into()),
                ..of("+1")
            },
            "is not a span of time",
        ),
    ];
    for (name, spec, expected) in rows {
        let error = draft(&spec).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
}

#[test]
fn a_local_number_gets_a_scope_by_being_named() {
    let spec = RuleSpec {
        scopes: vec![
            "number:4155550009".into(),
            "number:+1 415 555 0009".into(),
            "global".into(),
        ],
        ..RuleSpec::of("+1")
    };
    let (draft, made) = draft_in(&set(), &spec).unwrap();
    assert_eq!(made.len(), 1);
    assert_eq!(made[0].name.to_string(), "number:+14155550009");
    assert_eq!(*draft.rule.scopes, [ScopeId(0), made[0].id]);
}

#[test]
fn an_edit_keeps_what_it_does_not_name() {
    let set = set();
    let before = draft(&RuleSpec {
        comment: "why".into(),
        schedule: Some("mo 08:00-09:00 Europe/Berlin".into()),
        valid_until: Some("2026-12-31".into()),
        ..RuleSpec::of("4155551234")
    })
    .unwrap();
    // Without its dial plan the number could not be read again.
    let empty = BTreeMap::new();
    let none = DialPlans {
        plans: &empty,
        default: None,
    };
    let edited = |edit: RuleEdit| {
        let mut names = Naming::new(&set, set.next_scope());
        before.edited(&edit, none, &mut names)
    };
    let after = edited(RuleEdit {
        enabled: Some(false),
        ..RuleEdit::default()
    })
    .unwrap();
    assert!(!after.rule.enabled);
    assert_eq!(after.rule.pattern, before.rule.pattern);
    assert_eq!(after.rule.timing, before.rule.timing);
    assert_eq!(&*after.comment, "why");
    let to_allow = edited(RuleEdit {
        kind: Override::Set(RuleKind::Allow),
        ..RuleEdit::default()
    })
    .unwrap();
    assert_eq!(
        (to_allow.rule.kind, to_allow.rule.action),
        (Some(RuleKind::Allow), None)
    );
    let bare = edited(RuleEdit {
        schedule: Override::Inherit,
        valid_until: Override::Inherit,
        list: Some("acme".into()),
        ..RuleEdit::default()
    })
    .unwrap();
    assert_eq!((bare.rule.timing, bare.rule.list), (None, ListId(2)));
    assert!(
        edited(RuleEdit {
            pattern: Some("+1415*".into()),
            ..RuleEdit::default()
        })
        .is_err(),
        "its plan is gone"
    );
}

#[test]
fn edits_as_json() {
    let edit: RuleEdit = serde_json::from_str(
        r#"{"kind":"allow","action":"inherit","mandatory":true,"scopes":["global"]}"#,
    )
    .unwrap();
    assert_eq!(edit.kind, Override::Set(RuleKind::Allow));
    assert_eq!(edit.action, Override::Inherit);
    assert_eq!(edit.mandatory, Override::Set(true));
    assert_eq!(edit.direction, Override::Keep);
    let text = serde_json::to_string(&edit).unwrap();
    assert_eq!(serde_json::from_str::<RuleEdit>(&text).unwrap(), edit);
    assert!(serde_json::from_str::<RuleEdit>(r#"{"kind":"maybe"}"#).is_err());
    assert!(serde_json::from_str::<RuleEdit>(r#"{"sort":"allow"}"#).is_err());
}
