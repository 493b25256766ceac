//! `/v1/stats`: what was blocked, and by which rules.

use axum::Json;
use axum::extract::State;
use blacklist_common::tables::Counter;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::status::{Counts, totals};
use crate::daemon::{NameTable, Shared};
use crate::rules::{Counted, RuleId, RuleKind, RuleSet};

/// Rules that are told at most; the busiest.
const MAXIMUM_RULES: usize = 10_000;

/// What one rule counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleStats {
    /// Its id; 0 for a scope's default.
    pub id: RuleId,
    /// Its pattern; `default of SCOPE` for a scope's default.
    pub pattern: String,
    /// Block or allow.
    pub kind: RuleKind,
    /// Its list; empty for a scope's default.
    pub list: String,
    /// For whom it is.
    pub scopes: Vec<String>,
    /// Calls that it decided.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
}

/// What was blocked.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatsObject {
    /// Kept from going through.
    pub blocked: Counts,
    /// Would have been.
    pub monitored: Counts,
    /// Rules that decided anything, the busiest first.
    pub rules: Vec<RuleStats>,
}

fn rule_stats(
    rules: &RuleSet,
    names: &NameTable,
    slot: u32,
    counter: Counter,
) -> Option<RuleStats> {
    let stats = RuleStats {
        id: RuleId(0),
        pattern: String::new(),
        kind: RuleKind::Block,
        list: String::new(),
        scopes: Vec::new(),
        calls: counter.calls,
        packets: counter.packets,
    };
    match rules.of_slot(slot)? {
        Counted::Rule(id) => {
            let rule = rules.get(id)?;
            let list = names.list(rule.list).map(|list| &list.row);
            let scopes = match (rule.scopes.is_empty(), list) {
                (true, Some(list)) => names.scope_names(&list.scopes),
                _ => names.scope_names(&rule.scopes),
            };
            Some(RuleStats {
                id,
                pattern: rule.pattern.to_string(),
                kind: rule.kind.or(list.map(|list| list.kind)).unwrap_or_default(),
                list: names.list_name(rule.list),
                scopes,
                ..stats
            })
        }
        Counted::Default(scope) => {
            let scopes = names.scope_names(&[scope]);
            Some(RuleStats {
                pattern: format!("default of {}", scopes.join(" ")),
                scopes,
                ..stats
            })
        }
    }
}

fn stats(shared: &Shared) -> Result<StatsObject, ApiError> {
    let set = shared.rules();
    let names = shared.names();
    let core = shared.lock();
    let (blocked, monitored) = totals(&core)?;
    let mut rules: Vec<RuleStats> = core
        .kernel
        .counters()?
        .into_iter()
        .filter(|(_, counter)| counter.packets > 0)
        .filter_map(|(slot, counter)| rule_stats(&set, &names, slot, counter))
        .collect();
    rules.sort_by_key(|rule| (std::cmp::Reverse((rule.calls, rule.packets)), rule.id));
    rules.truncate(MAXIMUM_RULES);
    Ok(StatsObject {
        blocked,
        monitored,
        rules,
    })
}

pub(super) async fn show(State(shared): State<Shared>) -> Result<Json<StatsObject>, ApiError> {
    spawn_blocking(move || Ok(Json(stats(&shared)?))).await?
}
