//! Random histories: each step is one change of rules, lists or scopes, or a step back.

use fastrand::Rng;

use super::*;
use blacklist_engine::reference::RefWorld;
use blacklist_model::{ListSpec, Override, RuleDirection, ScopeSpec};

/// Histories that are made.
const SEEDS: u64 = 40;

const LISTS: [&str; 4] = ["default", "spam", "friends", "shared"];
const SCOPES: [&str; 5] = [
    "global",
    "account:acme",
    "group:sales",
    "number:+9",
    "number:90",
];
const KINDS: [RuleKind; 2] = [RuleKind::Block, RuleKind::Allow];
const DIRECTIONS: [RuleDirection; 3] = [
    RuleDirection::Inbound,
    RuleDirection::Outbound,
    RuleDirection::Both,
];
const ACTIONS: [RuleAction; 4] = [
    RuleAction::Drop,
    RuleAction::Monitor,
    RuleAction::Pass,
    RuleAction::Pin,
];

fn any<T: Clone>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(0..of.len())].clone()
}

fn perhaps<T>(rng: &mut Rng, value: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    rng.bool().then(|| value(rng))
}

fn set_or_inherit<T>(rng: &mut Rng, value: impl FnOnce(&mut Rng) -> T) -> Override<T> {
    match rng.u32(0..4) {
        0 => Override::Inherit,
        1 => Override::Set(value(rng)),
        _ => Override::Keep,
    }
}

fn some_scopes(rng: &mut Rng) -> Vec<String> {
    let count = rng.usize(0..3);
    (0..count).map(|_| any(rng, &SCOPES).to_owned()).collect()
}

/// A pattern of few, so that rules meet.
fn any_pattern(rng: &mut Rng) -> String {
    let world = RefWorld::random(rng, 3);
    let few = ["+1", "1*", "anonymous", "*", "12", "bob"].map(str::to_owned);
    let drawn: Vec<String> = world.rules.into_iter().map(|rule| rule.pattern).collect();
    if rng.bool() {
        any(rng, &few)
    } else {
        any(rng, &drawn)
    }
}

fn any_schedule(rng: &mut Rng) -> String {
    any(
        rng,
        &[
            "mo-fr 08:00-18:00",
            "su 10:00-12:00",
            "sa-mo 22:00-11:00 Europe/Berlin",
        ],
    )
    .to_owned()
}

fn any_day(rng: &mut Rng) -> String {
    format!("2026-06-{:02}", rng.u32(10..21))
}

fn any_rule(rng: &mut Rng) -> RuleSpec {
    RuleSpec {
        list: any(rng, &LISTS).to_owned(),
        kind: perhaps(rng, |rng| any(rng, &KINDS)),
        scopes: some_scopes(rng),
        direction: perhaps(rng, |rng| any(rng, &DIRECTIONS)),
        action: perhaps(rng, |rng| any(rng, &ACTIONS)),
        mandatory: perhaps(rng, Rng::bool),
        dial_plan: perhaps(rng, |_| "us".to_owned()),
        enabled: rng.u32(0..10) > 0,
        schedule: (rng.u32(0..5) == 0).then(|| any_schedule(rng)),
        valid_from: (rng.u32(0..6) == 0).then(|| any_day(rng)),
        valid_until: (rng.u32(0..6) == 0).then(|| any_day(rng)),
        ..RuleSpec::of(&any_pattern(rng))
    }
}

fn any_rule_edit(rng: &mut Rng) -> RuleEdit {
    RuleEdit {
        list: (rng.u32(0..6) == 0).then(|| any(rng, &LISTS).to_owned()),
        kind: set_or_inherit(rng, |rng| any(rng, &KINDS)),
        scopes: set_or_inherit(rng, some_scopes),
        direction: set_or_inherit(rng, |rng| any(rng, &DIRECTIONS)),
        action: set_or_inherit(rng, |rng| any(rng, &ACTIONS)),
        mandatory: set_or_inherit(rng, Rng::bool),
        dial_plan: (rng.u32(0..8) == 0).then(|| any(rng, &["us", "none"]).to_owned()),
        comment: perhaps(rng, |rng| format!("comment {}", rng.u8(..))),
        enabled: (rng.u32(0..6) == 0).then(|| rng.bool()),
        schedule: set_or_inherit(rng, any_schedule),
        valid_until: set_or_inherit(rng, any_day),
        ..RuleEdit::default()
    }
}

fn any_list_edit(rng: &mut Rng) -> ListEdit {
    ListEdit {
        kind: perhaps(rng, |rng| any(rng, &KINDS)),
        direction: perhaps(rng, |rng| any(rng, &DIRECTIONS)),
        action: set_or_inherit(rng, |rng| any(rng, &ACTIONS)),
        mandatory: perhaps(rng, Rng::bool),
        enabled: (rng.u32(0..6) == 0).then(|| rng.bool()),
        scopes: perhaps(rng, some_scopes),
        ..ListEdit::default()
    }
}

fn any_policy(rng: &mut Rng) -> DefaultPolicy {
    let policies = [
        DefaultPolicy::Unset,
        DefaultPolicy::Allow,
        DefaultPolicy::Block,
    ];
    any(rng, &policies)
}

/// Makes one random change; whether it changed anything.
fn step(house: &mut House, rng: &mut Rng) -> Result<bool, String> {
    let ids: Vec<RuleId> = house.rules.iter().map(|rule| rule.id).collect();
    let done = match rng.u32(0..20) {
        7..11 if !ids.is_empty() => {
            let (id, edit) = (any(rng, &ids), any_rule_edit(rng));
            house.change(|change| edit_rule(change, id, &edit))
        }
        11 if !ids.is_empty() => {
            let id = any(rng, &ids);
            house.change(|change| {
                let row = change.rule(id)?;
                Ok(change.remove_rules(&[row])?)
            })
        }
        12..16 => change_list(house, rng),
        16 if rng.u32(0..4) == 0 => {
            let name = any(rng, &LISTS);
            house.change(|change| {
                let row = change.list_row(name)?;
                change.remove_list(&row, true).map(drop)
            })
        }
        17 | 18 => change_scope(house, rng),
        19 => {
            let head = house.store.head().unwrap();
            let to = rng.u64(1..=head.max(1));
            house.change(|change| roll_back(change, to))
        }
        _ => {
            let spec = any_rule(rng);
            house.change(|change| add_rule(change, &spec))
        }
    };
    done.map(|(_, changed)| changed)
}

fn change_list(house: &mut House, rng: &mut Rng) -> Result<((), bool), String> {
    let (name, edit) = (any(rng, &LISTS), any_list_edit(rng));
    house.change(|change| {
        if change.list_row(name).is_ok() {
            return edit_list(change, name, &edit);
        }
        let spec = ListSpec {
            name: name.to_owned(),
            kind: edit.kind.unwrap_or_default(),
            direction: edit.direction.unwrap_or_default(),
            action: edit.action.over(None),
            mandatory: edit.mandatory.unwrap_or_default(),
            enabled: true,
            scopes: edit.scopes.unwrap_or_default(),
            comment: String::new(),
        };
        change.add_list(&spec).map(drop)
    })
}

fn change_scope(house: &mut House, rng: &mut Rng) -> Result<((), bool), String> {
    let (name, policy, goes) = (any(rng, &SCOPES), any_policy(rng), rng.u32(0..5) == 0);
    let has_members = name.starts_with("account:") || name.starts_with("group:");
    let members = ["+9", "90"].into_iter().filter(|_| has_members);
    let spec = ScopeSpec {
        name: name.to_owned(),
        policy,
        members: members.map(str::to_owned).collect(),
        dial_plan: None,
        comment: String::new(),
    };
    house.change(|change| match change.scope_row(name) {
        Ok(row) if goes => change.remove_scope(&row),
        Ok(row) => Ok(change.put_scope(&ScopeRow { policy, ..row })?),
        Err(_) => change.add_scope_of(&spec).map(drop),
    })
}

#[test]
fn every_export_can_be_applied_again_whatever_the_history() {
    let (mut made, mut refused) = (0, 0);
    for seed in 0..SEEDS {
        let mut rng = Rng::with_seed(seed);
        let mut house = House::new();
        for number in 0..60 {
            match step(&mut house, &mut rng) {
                Ok(changed) => made += usize::from(changed),
                Err(_) => refused += 1,
            }
            if number % 20 == 19 {
                assert_exports(&mut house, &mut rng, &format!("seed {seed}, step {number}"));
            }
        }
    }
    println!("{made} changes made, {refused} refused");
    assert!(made > refused / 2, "{made} changes made, {refused} refused");
}
