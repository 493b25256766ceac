//! Which rule decides, slots, and what is refused.

use blacklist_common::outcome::Outcome;
use blacklist_common::rule::Action;
use blacklist_common::tables::{SETTING_MONITOR, TrunkEntry, setting_answers};
use blacklist_generation::Change;

use super::*;
use crate::enforcement::partitions;

fn trunk() -> TrunkEntry {
    TrunkEntry {
        identity: [1, 0, 0, 0],
        ..Default::default()
    }
}

fn rules() -> RuleSet {
    let mut set = set();
    let allow = |spec: RuleSpec| RuleSpec {
        kind: Some(RuleKind::Allow),
        ..spec
    };
    let rows = [
        (1, RuleSpec::of("+1415*")),
        (2, allow(RuleSpec::of("+14155551234"))),
        (3, scoped("+14155551234", "number:+14155550001")),
        (4, scoped("+44*", "number:+14155550001")),
        (
            5,
            RuleSpec {
                action: Some(RuleAction::Monitor),
                ..RuleSpec::of("+33*")
            },
        ),
        (6, RuleSpec::of("+49*")),
        (7, allow(RuleSpec::of("+4930*"))),
        (8, allow(scoped("+49*", "number:+14155550001"))),
        (9, in_list("shared", "+61*")),
        (10, in_list("law", "+62*")),
        (11, allow(scoped("+62*", "account:acme"))),
        (12, RuleSpec::of("*77?")),
        (13, in_list("acme", "+777*")),
        (14, allow(scoped("+99*", "account:zeta"))),
        (
            15,
            RuleSpec {
                scopes: vec!["account:acme".into(), "number:7000".into()],
                ..RuleSpec::of("+8*1*")
            },
        ),
    ];
    for (id, spec) in rows {
        add(&mut set, id, &spec).unwrap_or_else(|error| panic!("{id}: {error}"));
    }
    set
}

type Decided = (&'static str, &'static str, &'static str, &'static str, u32);

const DECIDED: &[Decided] = &[
    ("prefix", "+14155550000", "+14155550009", "dropped", 1),
    (
        "allow over block",
        "+14155551234",
        "+14155550009",
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
    ("monitor", "+33123456789", "+14155550009", "monitored", 5),
    ("emergency", "+14155550000", "112", "safety-floor", 0),
    (
        "longer allow prefix",
        "+493012345",
        "+14155550009",
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
        "+14155550009",
        "dropped",
        1,
    ),
    (
        "a list that scopes share",
        "+6112",
        "+14155550001",
        "dropped",
        9,
    ),
    ("and for nobody else", "+6112", "+14155550009", "no-rule", 0),
    ("mandatory", "+6212", "+14155550001", "dropped", 10),
    ("wildcard", "+55771", "+14155550009", "dropped", 12),
    (
        "broadest block rule",
        "+77771",
        "+14155550001",
        "dropped",
        12,
    ),
    (
        "list of one scope",
        "+7771234",
        "+14155550001",
        "dropped",
        13,
    ),
    (
        "a group's default over the account's",
        "+5512",
        "+14155550003",
        "no-rule",
        0,
    ),
    ("a rule of several scopes", "+8515", "7000", "dropped", 15),
    ("and for nobody else again", "+8515", "7001", "no-rule", 0),
];

#[test]
fn the_order_of_decisions() {
    let set = rules();
    for (name, caller, called, outcome, id) in DECIDED.iter().copied() {
        let message = invite(caller, called);
        let explanation = set.explain(&message, &trunk(), 0);
        assert_eq!(explanation.judgement.outcome.as_str(), outcome, "{name}");
        assert_eq!(explanation.rule().map_or(0, |id| id.0), id, "{name}");
    }
}

#[test]
fn what_is_answered_with_which_status() {
    let reject = |status| RuleSpec {
        action: Some(RuleAction::Reject(status)),
        ..RuleSpec::of("+33*")
    };
    let answers = setting_answers(Action::Reject);
    let rows = [
        (
            "answered",
            answers,
            Outcome::Steered,
            "blacklistd answers the call",
        ),
        (
            "nobody answers",
            0,
            Outcome::Unanswered,
            "nobody answers the call",
        ),
        (
            "monitored",
            answers | SETTING_MONITOR,
            Outcome::Monitored,
            "it is only watched, and goes through",
        ),
    ];
    let mut set = rules();
    set.apply(now(), &[Mutation::RemoveRule(RuleId(5))])
        .unwrap();
    add(&mut set, 20, &reject(RejectStatus::Unwanted)).unwrap();
    let message = invite("+33123456789", "+14155550009");
    for (name, settings, outcome, sentence) in rows {
        let explanation = set.explain(&message, &trunk(), settings);
        assert_eq!(explanation.judgement.outcome, outcome, "{name}");
        let verdict = &explanation.steps.last().unwrap().outcome;
        assert!(verdict.contains(sentence), "{name}: {verdict}");
        let snapshot = set.snapshot();
        let judged = snapshot.judge(&message, &trunk(), settings);
        assert_eq!(judged.judgement, explanation.judgement, "{name}");
        assert_eq!(judged.decided_by, explanation.decided_by, "{name}");
        let action = snapshot.action_of(judged.judgement.rule);
        let expected = RuleAction::Reject(RejectStatus::Unwanted);
        assert_eq!(action, Some(expected), "{name}");
    }
}

#[test]
fn what_is_explained() {
    let mut set = rules();
    let leave = Mutation::RemoveMember(Member {
        scope: ScopeId(3),
        number: number("+14155550003"),
    });
    set.apply(now(), &[leave]).unwrap();
    let told = |caller: &str, called: &str| -> Vec<String> {
        let message = invite(caller, called);
        let steps = set.explain(&message, &trunk(), 0).steps;
        steps
            .iter()
            .map(|step| format!("{} {}: {}", step.step, step.scope, step.outcome))
            .collect()
    };
    assert_eq!(
        told("+6212", "+14155550001"),
        [
            "safety-floor : neither party is a protected number",
            "scope global: rule 10 (+62* in list law) blocks whatever narrower scopes allow",
            "scope account:acme: rule 11 (+62* in list default) allows",
            "scope number:+14155550001: no rule",
            "verdict : rule 10 (+62* in list law) decides, whatever narrower scopes allow; rule 11 (+62* in list default) would have allowed",
        ]
    );
    assert_eq!(
        told("+5512", "+14155550003"),
        [
            "safety-floor : neither party is a protected number",
            "scope global: no rule",
            "scope account:zeta: no rule; its default is block",
            "verdict : no rule names the call; the default of account:zeta blocks it",
        ]
    );
    let user = told("+8515", "7000");
    assert!(
        user.iter().any(|step| step.starts_with("user-space : ")),
        "{user:?}"
    );
    assert_eq!(
        set.is_decided_in_kernel(RuleId(15)),
        Err("a wildcard with several * is compared in user space alone")
    );
    assert_eq!(set.is_decided_in_kernel(RuleId(12)), Ok(()));
}

#[test]
fn a_full_table_refuses_by_name_and_keeps_the_rest() {
    let mut set = RuleSet::empty(Default::default(), 1);
    add(&mut set, 1, &RuleSpec::of("+1415*")).unwrap();
    let before = format!("{:?}", set.generation());
    let error = add(&mut set, 2, &RuleSpec::of("+1416*"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("table full: rule 2 (+1416*)"), "{error}");
    assert_eq!(before, format!("{:?}", set.generation()));
    // A rule that is switched off needs no room, and gives its own to another.
    let off = RuleSpec {
        enabled: false,
        ..RuleSpec::of("+1415*")
    };
    add(&mut set, 1, &off).unwrap();
    let (plan, _) = add(&mut set, 2, &RuleSpec::of("+1416*")).unwrap();
    assert!(
        matches!(plan, Plan::Changes { changes, .. } if changes.contains(&Change::Slot(1, 2))),
        "its slot is another's"
    );
    assert_eq!((set.slot(RuleId(1)), set.slot(RuleId(2))), (None, Some(1)));
}

#[test]
fn slots_stay_with_their_rules() {
    let contents = Contents {
        protected: Default::default(),
        maximum_rules: 3,
        slots: vec![(2, 7), (3, 9)],
        lists: Vec::new(),
        scopes: Vec::new(),
        members: Vec::new(),
        grants: Vec::new(),
        rules: Vec::new(),
    };
    let (mut set, _) = RuleSet::load(now(), contents);
    add(&mut set, 7, &RuleSpec::of("+1415*")).unwrap();
    assert_eq!(set.slot(RuleId(7)), Some(2));
    let (plan, _) = add(&mut set, 10, &RuleSpec::of("+1416*")).unwrap();
    assert!(
        matches!(plan, Plan::Changes { changes, .. } if changes.contains(&Change::Slot(1, 10))),
        "the others have theirs"
    );
    let (_, undo) = set
        .apply(now(), &[Mutation::RemoveRule(RuleId(7))])
        .unwrap();
    assert_eq!(set.slot(RuleId(7)), None);
    set.undo(now(), undo);
    assert_eq!(
        set.slot(RuleId(7)),
        Some(2),
        "what is taken back has its slot again"
    );
}

#[test]
fn many_changes_are_a_generation() {
    let mut set = RuleSet::empty(Default::default(), 20_000);
    let rules = |count: u32| -> Vec<Mutation> {
        (1..=count)
            .flat_map(|id| {
                mutations(
                    &RuleSet::empty(Default::default(), 1),
                    id,
                    &RuleSpec::of(&format!("+1415{id:06}")),
                )
            })
            .collect()
    };
    let (plan, undo) = set.apply(now(), &rules(15_000)).unwrap();
    assert_eq!(plan, Plan::Whole);
    assert_eq!((set.len(), set.in_force()), (15_000, 15_000));
    assert_eq!(set.undo(now(), undo), Plan::Whole);
    assert!(set.is_empty());
    assert!(matches!(
        set.apply(now(), &rules(100)).unwrap().0,
        Plan::Changes { .. }
    ));
}

#[test]
fn time_puts_rules_in_force_and_out_of_it() {
    let mut set = set();
    let spec = RuleSpec {
        schedule: Some("mo 10:30-11:00".into()),
        ..RuleSpec::of("+1415*")
    };
    add(&mut set, 1, &spec).unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert!(!set.is_in_force(RuleId(1)));
    assert_eq!(set.next_transition(), Some(at("2026-01-05T10:30:00Z")));
    let plan = set.advance(at("2026-01-05T10:30:00Z"));
    assert!(
        matches!(&plan, Plan::Changes { changes, .. } if !changes.is_empty()),
        "{plan:?}"
    );
    assert!(set.is_in_force(RuleId(1)));
    assert_eq!(set.next_transition(), Some(at("2026-01-05T11:00:00Z")));
    set.advance(at("2026-01-05T11:00:01Z"));
    assert!(!set.is_in_force(RuleId(1)));
    assert_eq!(set.next_transition(), Some(at("2026-01-12T10:30:00Z")));
    // The clock is set back.
    set.advance(at("2026-01-05T10:45:00Z"));
    assert!(set.is_in_force(RuleId(1)));
    assert!(set.advance(at("2026-01-05T10:46:00Z")).is_nothing());
}

#[test]
fn a_rule_that_goes_takes_its_time_with_it() {
    let mut set = set();
    let until = |id, text: &str| {
        let spec = RuleSpec {
            valid_until: Some(text.into()),
            ..RuleSpec::of(&format!("+1415{id}*"))
        };
        (id, spec)
    };
    for (id, spec) in [
        until(1, "2027-01-01T00:00:00Z"),
        until(2, "2027-01-02T00:00:00Z"),
    ] {
        add(&mut set, id, &spec).unwrap();
    }
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert_eq!(set.next_transition(), Some(at("2027-01-01T00:00:00Z")));
    set.apply(now(), &[Mutation::RemoveRule(RuleId(1))])
        .unwrap();
    assert_eq!(set.next_transition(), Some(at("2027-01-02T00:00:00Z")));
    // A change after the time of a rule that nobody has looked at since.
    let late = at("2027-01-03T00:00:00Z");
    set.apply(late, &[]).unwrap();
    assert!(set.next_transition().is_some_and(|next| next <= late));
    set.advance(late);
    assert!(!set.is_in_force(RuleId(2)));
    assert_eq!(set.next_transition(), None);
}

#[test]
fn limits_are_named() {
    let mut set = set();
    let refused = |set: &mut RuleSet, mutation: Mutation| {
        set.apply(now(), &[mutation]).unwrap_err().to_string()
    };
    for id in 10..17 {
        let scope = ScopeRecord {
            id: ScopeId(id),
            name: ScopeName::Group(format!("g{id}").into()),
            policy: DefaultPolicy::Unset,
        };
        let member = Member {
            scope: ScopeId(id),
            number: number("+14155550001"),
        };
        set.apply(
            now(),
            &[Mutation::PutScope(scope), Mutation::AddMember(member)],
        )
        .unwrap();
    }
    let ninth = Mutation::AddMember(Member {
        scope: ScopeId(3),
        number: number("+14155550001"),
    });
    assert!(refused(&mut set, ninth).contains("belongs to 8 scopes already"));
    for id in 20..27 {
        let list = List {
            id: ListId(id),
            name: format!("l{id}").into(),
            scopes: vec![ScopeId(1), ScopeId(3)],
            ..List::standard()
        };
        set.apply(now(), &[Mutation::PutList(list)]).unwrap();
    }
    let ninth = Mutation::PutList(List {
        id: ListId(27),
        name: "l27".into(),
        scopes: vec![ScopeId(1), ScopeId(3)],
        ..List::standard()
    });
    assert!(refused(&mut set, ninth).contains("account:acme shares 8 lists"));
    assert!(refused(&mut set, Mutation::RemoveList(ListId(1))).contains("always there"));
    assert!(refused(&mut set, Mutation::RemoveScope(ScopeId(0))).contains("always there"));
    assert!(refused(&mut set, Mutation::RemoveScope(ScopeId(1))).contains("is the scope of"));
    add(&mut set, 1, &in_list("acme", "+1")).unwrap();
    assert!(refused(&mut set, Mutation::RemoveList(ListId(2))).contains("has 1 rule:"));
}

/// Two spellings of a name are one key: the older rule has it, the other one comes after it.
#[test]
fn names_are_one_however_they_are_spelled() {
    let mut set = set();
    add(&mut set, 1, &RuleSpec::of("%41lice")).unwrap();
    let same = add(&mut set, 2, &RuleSpec::of("alice"))
        .unwrap_err()
        .to_string();
    assert!(same.contains("duplicate: rule 1"), "{same}");
    add(&mut set, 2, &in_list("law", "alice")).unwrap();
    let message = invite("ALICE", "+14155550009");
    assert_eq!(
        set.explain(&message, &trunk(), 0).rule(),
        Some(RuleId(2)),
        "mandatory"
    );
    add(&mut set, 3, &in_list("off", "alice")).unwrap();
    for (gone, left) in [(2, Some(1)), (1, None)] {
        set.apply(now(), &[Mutation::RemoveRule(RuleId(gone))])
            .unwrap();
        let rule = set.explain(&message, &trunk(), 0).rule();
        assert_eq!(rule, left.map(RuleId), "without {gone}");
    }
}

/// Wildcards of more forms than a scope's lookups hold are compared in user space, and say so.
#[test]
fn wildcards_of_too_many_forms_are_named() {
    let too_many = partitions::PARTITION_SHAPES + 13;
    let mut forms = Vec::new();
    for length in 0..12 {
        for first in 0..=length {
            for second in 0..=length - first {
                let third = length - first - second;
                let runs = ["2".repeat(first), "3".repeat(second), "4".repeat(third)];
                forms.push(format!("+1{}?{}?{}", runs[0], runs[1], runs[2]));
            }
        }
    }
    forms.truncate(too_many);
    assert_eq!(forms.len(), too_many);
    let mut set = RuleSet::empty(Default::default(), 1000);
    for (id, form) in (1..).zip(&forms) {
        add(&mut set, id, &RuleSpec::of(form)).unwrap();
    }
    let ids = 1..=forms.len() as u32;
    let left = ids.filter(|id| set.is_decided_in_kernel(RuleId(*id)).is_err());
    assert_eq!(left.count(), 13);
    for (id, form) in (1..).zip(&forms) {
        let message = invite(&form.replace('?', "9"), "+14155550009");
        let explanation = set.explain(&message, &trunk(), 0);
        assert_eq!(explanation.rule(), Some(RuleId(id)), "{form}");
    }
}
