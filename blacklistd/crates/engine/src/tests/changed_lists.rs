//! What a list's change does to its rules: what they are with it, and what is refused.

use super::*;

/// Name, rule, list, change of the list, what is said of it.
type ChangedRow = (
    &'static str,
    RuleSpec,
    &'static str,
    fn(&mut List),
    Option<&'static str>,
);
/// Name, rule, change of the list, whether it is refused.
type DirectionRow = (&'static str, RuleSpec, fn(&mut List), bool);

/// A rule in a list that is changed by hand, as earlier versions allowed.
fn changed(rule: &RuleSpec, list: &str, change: impl Fn(&mut List)) -> (RuleSet, Vec<Finding>) {
    let mut set = set();
    add(
        &mut set,
        1,
        &RuleSpec {
            list: list.to_owned(),
            ..rule.clone()
        },
    )
    .unwrap();
    let mut list = set.list_named(list).unwrap().clone();
    change(&mut list);
    let change = [Mutation::PutList(list)];
    let findings = set.lint(&change, &Circumstances::default());
    set.apply(now(), &change).unwrap();
    (set, findings)
}

fn allow(list: &mut List) {
    list.kind = RuleKind::Allow;
    list.mandatory = false;
}

fn refusal(findings: &[Finding]) -> Option<&str> {
    let refused = findings
        .iter()
        .find(|finding| finding.severity == Severity::Refuse);
    refused.map(|finding| finding.sentence.as_str())
}

#[test]
fn a_change_that_leaves_rules_without_a_meaning_is_refused_and_names_them() {
    let plain = RuleSpec::of("+14155550100");
    let drop = RuleSpec {
        action: Some(RuleAction::Drop),
        ..plain.clone()
    };
    let rows: [ChangedRow; 9] = [
        (
            "a rule that leaves all to the list",
            plain.clone(),
            "acme",
            allow,
            None,
        ),
        (
            "an action",
            drop.clone(),
            "acme",
            allow,
            Some(
                "list acme cannot become an allow list: settings of rule 1 are for block rules (rule 1: action drop); `blacklistd rule edit 1 --inherit action,mandatory`",
            ),
        ),
        (
            "an action of a rule with a kind",
            RuleSpec {
                kind: Some(RuleKind::Block),
                ..drop.clone()
            },
            "acme",
            allow,
            None,
        ),
        (
            "a mandatory mark",
            RuleSpec {
                mandatory: Some(true),
                ..plain.clone()
            },
            "acme",
            allow,
            Some("rule 1: mandatory"),
        ),
        (
            "a mark that says no",
            RuleSpec {
                mandatory: Some(false),
                ..plain.clone()
            },
            "acme",
            allow,
            None,
        ),
        (
            "the action of an allow rule",
            RuleSpec {
                action: Some(RuleAction::Pass),
                ..plain.clone()
            },
            "friends",
            |list| list.kind = RuleKind::Block,
            Some(
                "list friends cannot become a block list: settings of rule 1 are for allow rules (rule 1: action pass)",
            ),
        ),
        (
            "callers in an outbound list",
            RuleSpec::of("anonymous"),
            "acme",
            |list| list.direction = RuleDirection::Outbound,
            Some("list acme cannot become outbound: rule 1 could never match"),
        ),
        (
            "callers in a list of both",
            RuleSpec::of("anonymous"),
            "acme",
            |list| list.direction = RuleDirection::Both,
            None,
        ),
        (
            "a comment is no change of them",
            drop,
            "acme",
            |list| list.enabled = false,
            None,
        ),
    ];
    for (name, rule, list, change, expected) in rows {
        let (_, findings) = changed(&rule, list, change);
        let seen = refusal(&findings);
        assert_eq!(seen.is_some(), expected.is_some(), "{name}: {seen:?}");
        let seen = seen.unwrap_or_default();
        assert!(
            seen.contains(expected.unwrap_or_default()),
            "{name}: {seen}"
        );
    }
}

#[test]
fn many_rules_are_named_by_the_first_ones() {
    let mut set = set();
    for id in 1..=8 {
        let spec = RuleSpec {
            action: Some(RuleAction::Drop),
            ..in_list("acme", &format!("+1415555010{id}"))
        };
        add(&mut set, id, &spec).unwrap();
    }
    let mut list = set.list_named("acme").unwrap().clone();
    allow(&mut list);
    let change = [
        Mutation::PutList(list),
        Mutation::RemoveRule(RuleId(1)),
        Mutation::PutRule(Rule {
            action: None,
            ..set.get(RuleId(2)).unwrap().clone()
        }),
    ];
    let findings = set.lint(&change, &Circumstances::default());
    let seen = refusal(&findings).unwrap();
    assert!(
        seen.contains("settings of rules 3, 4, 5, 6, 7 and 1 more are"),
        "{seen}"
    );
}

#[test]
fn a_change_that_makes_rules_the_same_is_refused() {
    let own = RuleSpec {
        direction: Some(RuleDirection::Outbound),
        ..in_list("acme", "+14155550100")
    };
    let elsewhere = RuleSpec {
        scopes: vec!["account:zeta".to_owned()],
        ..in_list("acme", "+14155550100")
    };
    let rows: [DirectionRow; 5] = [
        (
            "outbound as another one is",
            own.clone(),
            |list| list.direction = RuleDirection::Outbound,
            true,
        ),
        (
            "both, beside an outbound one",
            own.clone(),
            |list| list.direction = RuleDirection::Both,
            true,
        ),
        (
            "the scope of another one",
            elsewhere.clone(),
            |list| list.scopes = vec![ScopeId(2)],
            true,
        ),
        (
            "another scope",
            elsewhere,
            |list| list.scopes = vec![ScopeId(0)],
            false,
        ),
        ("switched off", own, |list| list.enabled = false, false),
    ];
    for (name, other, change, is_refused) in rows {
        let mut set = set();
        add(&mut set, 1, &in_list("acme", "+14155550100")).unwrap();
        add(&mut set, 2, &other).unwrap();
        let mut list = set.list_named("acme").unwrap().clone();
        change(&mut list);
        let findings = set.lint(&[Mutation::PutList(list)], &Circumstances::default());
        let seen = refusal(&findings);
        assert_eq!(seen.is_some(), is_refused, "{name}: {seen:?}");
        assert!(
            seen.is_none_or(|seen| seen.contains("rules 1, 2 (+14155550100)")),
            "{name}: {seen:?}"
        );
    }
}

#[test]
fn a_rule_that_an_earlier_version_left_is_what_is_in_force() {
    let spec = RuleSpec {
        action: Some(RuleAction::Drop),
        mandatory: Some(true),
        ..RuleSpec::of("+14155550100")
    };
    let (set, _) = changed(&spec, "acme", allow);
    let rule = set.get(RuleId(1)).unwrap();
    let list = set.list(rule.list).unwrap();
    let effective = Effective {
        kind: RuleKind::Allow,
        direction: RuleDirection::Inbound,
        action: RuleAction::Pass,
        mandatory: false,
        enabled: true,
    };
    assert_eq!(Effective::of(rule, list), effective);

    let all = [Mutation::PutRule(rule.clone())];
    let findings = set.lint(&all, &Circumstances::default());
    assert_eq!(refusal(&findings), None);
    let sentence = "rule 1 (+14155550100): an allow rule lets calls through; the action drop is for block rules; this has no effect: `blacklistd rule edit 1 --inherit action,mandatory` takes it away";
    assert!(
        findings.iter().any(|finding| finding.sentence == sentence),
        "{findings:?}"
    );

    let draft = Draft {
        rule: rule.clone(),
        written: "+14155550100".into(),
        dial_plan: "us".into(),
        comment: "".into(),
    };
    let edit = RuleEdit {
        comment: Some("x".to_owned()),
        ..RuleEdit::default()
    };
    let plans = plans();
    let plans = DialPlans {
        plans: &plans,
        default: Some("us"),
    };
    let edited = draft
        .edited(&edit, plans, &mut Naming::new(&set, set.next_scope()))
        .unwrap();
    assert_eq!((edited.rule.action, edited.rule.mandatory), (None, None));
    assert_eq!(Effective::of(&edited.rule, list), effective);
    let put = [Mutation::PutRule(edited.rule)];
    assert_eq!(refusal(&set.lint(&put, &Circumstances::default())), None);
}

#[test]
fn why_a_rule_is_not_in_force() {
    let plain = Rule::of(RuleId(1), ListId::DEFAULT, Pattern::EVERYTHING);
    let timed = |from: Option<&str>, until: Option<&str>, schedule: Option<&str>| Rule {
        timing: Some(Box::new(Timing {
            from: from.map(|text| text.parse().unwrap()),
            until: until.map(|text| text.parse().unwrap()),
            schedule: schedule.map(|text| Schedule::parse(text).unwrap()),
        })),
        ..plain.clone()
    };
    let on = List::standard();
    let off = List {
        enabled: false,
        ..List::standard()
    };
    // Now is a Monday at ten.
    let rows = [
        ("nothing", plain.clone(), &on, None),
        (
            "itself",
            Rule {
                enabled: false,
                ..plain.clone()
            },
            &off,
            Some("it is disabled"),
        ),
        (
            "its list",
            plain.clone(),
            &off,
            Some("its list default is disabled"),
        ),
        (
            "not yet",
            timed(Some("2026-01-06T00:00:00Z"), None, None),
            &on,
            Some("it is valid from 2026-01-06T00:00:00Z on"),
        ),
        (
            "over",
            timed(None, Some("2026-01-05T10:00:00Z"), None),
            &on,
            Some("it was valid until 2026-01-05T10:00:00Z"),
        ),
        (
            "not now",
            timed(None, None, Some("tu 08:00-18:00")),
            &on,
            Some("its schedule (tu 08:00-18:00 UTC) does not cover now"),
        ),
        (
            "now",
            timed(Some("2026-01-05T10:00:00Z"), None, Some("mo 08:00-18:00")),
            &on,
            None,
        ),
    ];
    for (name, rule, list, expected) in rows {
        let seen = Effective::why_not_in_force(&rule, list, now());
        assert_eq!(seen.as_deref(), expected, "{name}");
    }
}

#[test]
fn a_schedule_without_times_left_was_once_in_force() {
    let set = set();
    // Now is a Monday at ten.
    let rows = [
        ("no time is left", None, Severity::Warn),
        ("since last week", Some("2025-12-31"), Severity::Warn),
        ("since this morning", Some("2026-01-05"), Severity::Refuse),
    ];
    for (name, from, expected) in rows {
        let spec = RuleSpec {
            schedule: Some("su 08:00-09:00".to_owned()),
            valid_from: from.map(str::to_owned),
            valid_until: Some("2026-01-09".to_owned()),
            ..RuleSpec::of("+81*")
        };
        let findings = set.lint(&mutations(&set, 1, &spec), &Circumstances::default());
        assert_eq!(findings.len(), 1, "{name}: {findings:?}");
        assert_eq!(findings[0].severity, expected, "{name}: {findings:?}");
    }
}
