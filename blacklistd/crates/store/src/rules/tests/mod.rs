//! The store: what survives, what is refused, what every generation contained.

mod backup;
mod bypasses;
mod filters;
mod migration;
mod survival;
mod versions;

use std::path::Path;

use blacklist_model::{ListId, MatchKind, RuleId, ScopeId};
use jiff::Timestamp;

use super::*;

fn cause(action: &str) -> Cause {
    Cause {
        at: Timestamp::from_second(1_790_000_000).unwrap(),
        author: "uid 0 (root)".to_owned(),
        source: "socket".to_owned(),
        kind: ChangeKind::from_word(action).unwrap(),
    }
}

/// A rule of the list `default`.
fn rule(id: u32, number: &str) -> RuleRow {
    RuleRow {
        id: RuleId(id),
        made: 0,
        list: ListId(1),
        matching: MatchKind::Exact,
        canonical: number.to_owned(),
        written: number.to_owned(),
        kind: None,
        scopes: Vec::new(),
        direction: None,
        action: None,
        mandatory: None,
        dial_plan: "none".to_owned(),
        comment: String::new(),
        enabled: true,
        valid_from: None,
        valid_until: None,
        schedule: None,
        origin: ORIGIN_MANUAL.to_owned(),
    }
}

/// Adds a rule with the next id in its own generation.
fn add(store: &mut Store, row: &RuleRow) -> RuleRow {
    let mut change = store.begin(cause("rule add")).unwrap();
    let row = RuleRow {
        id: change.rule_ids(1).unwrap(),
        made: change.number(),
        ..row.clone()
    };
    change.add([&row]).unwrap();
    change.commit("a rule was added").unwrap();
    row
}

fn remove(store: &mut Store, id: RuleId) -> u64 {
    let mut change = store.begin(cause("rule remove")).unwrap();
    change.remove::<RuleRow>([&id]).unwrap();
    change.commit("a rule was removed").unwrap().number
}

fn put(store: &mut Store, row: &RuleRow) -> u64 {
    let mut change = store.begin(cause("rule edit")).unwrap();
    change.put([row]).unwrap();
    change.commit("a rule was changed").unwrap().number
}

fn rules_of(folder: &Path) -> Vec<RuleRow> {
    Store::reader(folder).unwrap().all().unwrap()
}
