use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::Number;
use blacklist_model::{Member, Pattern, RuleId, RuleKind, read_number};

use super::*;

const ACME: ScopeId = ScopeId(1);
const SALES: ScopeId = ScopeId(2);
const OTHER: ScopeId = ScopeId(3);
const OWN: ScopeId = ScopeId(4);
/// A local number of acme, sales, and a scope of its own.
const LOCAL: &str = "+13125550199";
const PIN_LIST: ListId = ListId(7);

fn number(text: &str) -> Number {
    read_number(text, &DialPlan::default(), "number").unwrap().1
}

fn scope(id: ScopeId, name: &str) -> Mutation {
    Mutation::PutScope(ScopeRecord {
        id,
        name: ScopeName::from_canonical(name).unwrap(),
        ..ScopeRecord::global()
    })
}

fn member(scope: ScopeId, text: &str) -> Mutation {
    let number = number(text);
    Mutation::AddMember(Member { scope, number })
}

fn rule(id: u32, scopes: &[ScopeId], action: Option<RuleAction>) -> Rule {
    let pattern = Pattern::parse("+14155550100", &DialPlan::default()).unwrap();
    Rule {
        scopes: scopes.into(),
        action,
        ..Rule::of(RuleId(id), ListId::DEFAULT, pattern)
    }
}

fn pin_list(scopes: &[ScopeId]) -> List {
    List {
        id: PIN_LIST,
        name: "asked".into(),
        action: Some(RuleAction::Pin),
        scopes: scopes.to_vec(),
        ..List::standard()
    }
}

fn world(more: &[Mutation]) -> RuleSet {
    let mut set = RuleSet::empty(HashSet::new(), 100);
    let mut mutations = vec![
        scope(ACME, "account:acme"),
        scope(SALES, "group:sales"),
        scope(OTHER, "account:other"),
        scope(OWN, &format!("number:{LOCAL}")),
        member(ACME, LOCAL),
        member(SALES, LOCAL),
    ];
    mutations.extend(more.iter().cloned());
    set.apply(jiff::Timestamp::UNIX_EPOCH, &mutations).unwrap();
    set
}

fn name_of(set: &RuleSet, id: ScopeId) -> String {
    let record = set.scope(id);
    record.map_or_else(|| "a new one".to_owned(), |record| record.name.to_string())
}

/// What is said of a change.
fn said(set: &RuleSet, change: &[Mutation], pins: &[ScopeId]) -> Vec<Finding> {
    let reach = Reach::new(set, change, pins);
    lint(&asking(set, change), None, &reach, |id| name_of(set, id))
}

#[test]
fn a_rule_is_warned_of_where_no_pin_can_be_right() {
    let set = world(&[]);
    let pin = Some(RuleAction::Pin);
    let rows: &[(&str, &[ScopeId], &[ScopeId], &str)] = &[
        ("no PIN at all", &[], &[], "there is no PIN"),
        ("a global one", &[], &[ScopeId::GLOBAL], ""),
        ("one of a scope, for all calls", &[], &[ACME], ""),
        (
            "none, for an account",
            &[ACME],
            &[],
            "no number of account:acme has a PIN: `blacklistd pin set account:acme`",
        ),
        ("its own", &[ACME], &[ACME], ""),
        (
            "the global one, for an account",
            &[ACME],
            &[ScopeId::GLOBAL],
            "",
        ),
        ("another account's", &[ACME], &[OTHER], "account:acme"),
        ("that of a number of the account", &[ACME], &[OWN], ""),
        ("that of a group of such a number", &[ACME], &[SALES], ""),
        ("that of the number's account", &[OWN], &[ACME], ""),
        (
            "that of no account of the number",
            &[OWN],
            &[OTHER],
            "number:+13125550199",
        ),
        (
            "one of two scopes",
            &[ACME, OTHER],
            &[ACME],
            "no number of account:other has",
        ),
    ];
    for (name, scopes, pins, expected) in rows {
        let change = [Mutation::PutRule(rule(1, scopes, pin))];
        let findings = said(&set, &change, pins);
        let seen: String = findings
            .iter()
            .map(|finding| finding.sentence.as_str())
            .collect();
        assert_eq!(seen.is_empty(), expected.is_empty(), "{name}: {seen}");
        assert!(seen.contains(expected), "{name}: {seen}");
        for finding in findings {
            assert_eq!(finding.severity, Severity::Warn, "{name}");
            assert_eq!(finding.rule, Some(RuleId(1)), "{name}");
            assert!(
                finding
                    .sentence
                    .starts_with("callers that +14155550100 names"),
                "{name}"
            );
        }
    }
}

#[test]
fn only_what_asks_is_warned_of() {
    let set = world(&[
        Mutation::PutList(pin_list(&[ACME])),
        Mutation::PutRule(Rule {
            list: PIN_LIST,
            ..rule(9, &[OTHER], None)
        }),
    ]);
    let pin = Some(RuleAction::Pin);
    let put = |rule: Rule| vec![Mutation::PutRule(rule)];
    let with = |action| put(rule(1, &[], action));
    let off = List {
        enabled: false,
        ..pin_list(&[ACME])
    };
    let inherits = Rule {
        list: PIN_LIST,
        ..rule(1, &[], None)
    };
    let rows: Vec<(&str, Vec<Mutation>, &[&str])> = vec![
        ("a rule that drops", with(Some(RuleAction::Drop)), &[]),
        ("a rule that says nothing", with(None), &[]),
        (
            "a rule that is switched off",
            put(Rule {
                enabled: false,
                ..rule(1, &[], pin)
            }),
            &[],
        ),
        (
            "a rule that lets through",
            put(Rule {
                kind: Some(RuleKind::Allow),
                ..inherits.clone()
            }),
            &[],
        ),
        (
            "a rule that inherits",
            put(inherits.clone()),
            &["account:acme"],
        ),
        (
            "a list, and its rule of another scope",
            vec![Mutation::PutList(pin_list(&[SALES]))],
            &["group:sales", "account:other"],
        ),
        (
            "a list, its rule gone",
            vec![
                Mutation::PutList(pin_list(&[SALES])),
                Mutation::RemoveRule(RuleId(9)),
            ],
            &["group:sales"],
        ),
        (
            "a list with a rule that says no more",
            vec![
                Mutation::PutList(pin_list(&[SALES])),
                Mutation::PutRule(inherits),
                Mutation::RemoveRule(RuleId(9)),
            ],
            &["list asked"],
        ),
        (
            "a list that is switched off",
            vec![Mutation::PutList(off)],
            &[],
        ),
    ];
    for (name, change, expected) in rows {
        let findings = said(&set, &change, &[]);
        let seen: Vec<&str> = findings
            .iter()
            .map(|finding| finding.sentence.as_str())
            .collect();
        assert_eq!(seen.len(), expected.len(), "{name}: {seen:?}");
        for part in expected {
            assert!(
                seen.iter().any(|seen| seen.contains(part)),
                "{name}: {seen:?}"
            );
        }
    }
}

#[test]
fn scopes_of_the_same_change_count() {
    let set = world(&[]);
    let made = ScopeId(20);
    let put = Mutation::PutRule(rule(1, &[made], Some(RuleAction::Pin)));
    let fresh = "+13125550111";
    let joined = "+13125550112";
    let rows = [
        (
            "a number of no account",
            vec![scope(made, &format!("number:{fresh}"))],
            1,
        ),
        (
            "an account without numbers",
            vec![scope(made, "account:new")],
            1,
        ),
        (
            "an account with a number of another one that has a PIN",
            vec![scope(made, "account:new"), member(made, LOCAL)],
            0,
        ),
        (
            "an account with other numbers",
            vec![scope(made, "account:new"), member(made, joined)],
            1,
        ),
    ];
    for (name, mut change, expected) in rows {
        change.push(put.clone());
        assert_eq!(said(&set, &change, &[ACME]).len(), expected, "{name}");
    }
}

#[test]
fn many_rules_are_one_finding() {
    let rules = (1..=50).map(|id| Mutation::PutRule(rule(id, &[ACME], Some(RuleAction::Pin))));
    let change: Vec<Mutation> = rules.collect();
    let findings = said(&world(&[]), &change, &[]);
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].rule, None);
    assert!(findings[0].sentence.contains("50 rules"), "{findings:?}");
    let scopes: Vec<ScopeId> = [ACME, SALES, OTHER, OWN].to_vec();
    let change = [Mutation::PutRule(rule(1, &scopes, Some(RuleAction::Pin)))];
    let findings = said(&world(&[]), &change, &[]);
    assert!(
        findings[0]
            .sentence
            .contains("account:other, 1 more has a PIN"),
        "{findings:?}"
    );
}

#[test]
fn a_pin_that_goes_is_missed_by_those_who_had_no_other() {
    let list = Mutation::PutList(pin_list(&[SALES]));
    let of_list = Mutation::PutRule(Rule {
        list: PIN_LIST,
        ..rule(3, &[], None)
    });
    let set = world(&[
        Mutation::PutRule(rule(1, &[ACME], Some(RuleAction::Pin))),
        Mutation::PutRule(rule(2, &[OTHER], Some(RuleAction::Pin))),
        list,
        of_list,
    ]);
    /// Name, the PINs before and after, of whom is spoken.
    type Row = (
        &'static str,
        &'static [ScopeId],
        &'static [ScopeId],
        &'static [&'static str],
    );
    let rows: &[Row] = &[
        (
            "the last one of a number",
            &[OWN],
            &[],
            &["account:acme", "group:sales"],
        ),
        (
            "the last one of all",
            &[ScopeId::GLOBAL],
            &[],
            &["account:acme", "group:sales", "account:other"],
        ),
        ("one of two", &[OWN, ACME], &[ACME], &[]),
        (
            "a narrow one beside the global one",
            &[OWN, ScopeId::GLOBAL],
            &[ScopeId::GLOBAL],
            &[],
        ),
        (
            "the global one beside another",
            &[OTHER, ScopeId::GLOBAL],
            &[OTHER],
            &["account:acme", "group:sales"],
        ),
    ];
    for (name, before, after, expected) in rows {
        let (before, after) = (Reach::new(&set, &[], before), Reach::new(&set, &[], after));
        let findings = lint(&all_asking(&set), Some(&before), &after, |id| {
            name_of(&set, id)
        });
        let seen: Vec<&str> = findings
            .iter()
            .map(|finding| finding.sentence.as_str())
            .collect();
        assert_eq!(seen.len(), expected.len(), "{name}: {seen:?}");
        for part in *expected {
            assert!(
                seen.iter().any(|seen| seen.contains(part)),
                "{name}: {seen:?}"
            );
        }
    }
}
