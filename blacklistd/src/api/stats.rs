//! `/v1/stats`: what was blocked, and by which rules.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::status::{Counts, totals};
use crate::daemon::{Core, Shared};
use crate::rules::{ListKind, RuleId};

/// What one rule counted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleStats {
    /// Its id.
    pub id: RuleId,
    /// Its pattern.
    pub pattern: String,
    /// Block or allow.
    pub list: ListKind,
    /// For whom it is.
    pub scope: String,
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

fn stats(core: &Core) -> Result<StatsObject, ApiError> {
    let (blocked, monitored) = totals(core)?;
    let mut rules: Vec<RuleStats> = core
        .kernel
        .counters()?
        .into_iter()
        .filter_map(|(slot, counter)| {
            let rule = core.rules.of_slot(slot)?;
            Some(RuleStats {
                id: rule.id,
                pattern: rule.written.to_string(),
                list: rule.list,
                scope: rule.scope.to_string(),
                calls: counter.calls,
                packets: counter.packets,
            })
        })
        .filter(|rule| rule.packets > 0)
        .collect();
    rules.sort_by_key(|rule| (std::cmp::Reverse((rule.calls, rule.packets)), rule.id));
    Ok(StatsObject {
        blocked,
        monitored,
        rules,
    })
}

pub(super) async fn show(State(shared): State<Shared>) -> Result<Json<StatsObject>, ApiError> {
    spawn_blocking(move || Ok(Json(stats(&shared.lock())?))).await?
}
