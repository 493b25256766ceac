//! What the tests of the rules share.

mod changed_lists;
mod changes;
mod decisions;
mod drafts;
mod engine;
mod grants;
mod identity;
mod lint;
mod patterns;
mod snapshot;

use std::collections::BTreeMap;

use blacklist_common::dial_plan::{DialPlan, Digits};
use blacklist_common::number::Number;
use blacklist_model::*;
use jiff::Timestamp;

use super::*;

/// An INVITE from one user part to another.
fn invite(caller: &str, called: &str) -> Vec<u8> {
    format!(
        "INVITE sip:{called}@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:{caller}@x>;tag=1\r\n\
         To: <sip:{called}@x>\r\nCall-ID: 1@x\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

fn digits(text: &str) -> Digits {
    Digits::parse(text.as_bytes()).unwrap()
}

fn us() -> DialPlan {
    DialPlan {
        country_code: digits("1"),
        national_prefix: digits("1"),
        international_prefixes: [
            digits("011"),
            digits("00"),
            Digits::default(),
            Digits::default(),
        ],
        national_minimum: 10,
        national_maximum: 10,
        bare_national_minimum: 10,
        bare_national_maximum: 10,
        ..DialPlan::default()
    }
}

fn de() -> DialPlan {
    DialPlan {
        country_code: digits("49"),
        national_prefix: digits("0"),
        international_prefixes: [
            digits("00"),
            Digits::default(),
            Digits::default(),
            Digits::default(),
        ],
        national_minimum: 6,
        national_maximum: 13,
        bare_international_minimum: 11,
        ..DialPlan::default()
    }
}

fn plans() -> BTreeMap<String, DialPlan> {
    BTreeMap::from([("us".to_owned(), us()), ("de".to_owned(), de())])
}

fn draft_in(set: &RuleSet, spec: &RuleSpec) -> Result<(Draft, Vec<ScopeRecord>), Refusal> {
    let plans = plans();
    let mut names = Naming::new(set, set.next_scope());
    let draft = Draft::from_spec(
        spec,
        DialPlans {
            plans: &plans,
            default: Some("us"),
        },
        &mut names,
    )?;
    Ok((draft, names.made))
}

/// The mutations that add a rule.
fn mutations(set: &RuleSet, id: u32, spec: &RuleSpec) -> Vec<Mutation> {
    let (draft, made) = draft_in(set, spec).unwrap();
    let scopes = made.into_iter().map(Mutation::PutScope);
    let rule = Mutation::PutRule(Rule {
        id: RuleId(id),
        ..draft.rule
    });
    scopes.chain([rule]).collect()
}

fn add(set: &mut RuleSet, id: u32, spec: &RuleSpec) -> Result<(Plan, Undo), Refusal> {
    let mutations = mutations(set, id, spec);
    set.apply(now(), &mutations)
}

fn now() -> Timestamp {
    "2026-01-05T10:00:00Z".parse().unwrap()
}

fn number(text: &str) -> Number {
    worlds::key_of(text).number
}

/// Two accounts, a group, and lists of all sorts; no rules.
fn set() -> RuleSet {
    let mut set = RuleSet::empty(protected_numbers(["112", "911"], &[us(), de()]), 100);
    let named = |id, name: &str, policy| {
        Mutation::PutScope(ScopeRecord {
            id: ScopeId(id),
            name: ScopeName::from_canonical(name).unwrap(),
            policy,
        })
    };
    let member = |scope, text: &str| {
        Mutation::AddMember(Member {
            scope: ScopeId(scope),
            number: number(text),
        })
    };
    let list = |id, name: &str, scopes: &[u32]| List {
        id: ListId(id),
        name: name.into(),
        scopes: scopes.iter().copied().map(ScopeId).collect(),
        ..List::standard()
    };
    let mutations = [
        named(1, "account:acme", DefaultPolicy::Unset),
        named(2, "account:zeta", DefaultPolicy::Block),
        named(3, "group:sales", DefaultPolicy::Allow),
        member(1, "+14155550001"),
        member(1, "+14155550002"),
        member(2, "+14155550003"),
        member(3, "+14155550003"),
        Mutation::PutList(list(2, "acme", &[1])),
        Mutation::PutList(list(3, "shared", &[1, 2])),
        Mutation::PutList(List {
            mandatory: true,
            ..list(4, "law", &[0])
        }),
        Mutation::PutList(List {
            kind: RuleKind::Allow,
            ..list(5, "friends", &[0])
        }),
        Mutation::PutList(list(6, "nowhere", &[])),
        Mutation::PutList(List {
            enabled: false,
            ..list(7, "off", &[0])
        }),
    ];
    set.apply(now(), &mutations).unwrap();
    set
}

fn in_list(list: &str, pattern: &str) -> RuleSpec {
    RuleSpec {
        list: list.to_owned(),
        ..RuleSpec::of(pattern)
    }
}

fn scoped(pattern: &str, scope: &str) -> RuleSpec {
    RuleSpec {
        scopes: vec![scope.to_owned()],
        ..RuleSpec::of(pattern)
    }
}
