//! `/v1/audit`: every change with who, when, from where, before and after; every try of a PIN.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use blacklist_wire::{
    AttemptObject, AuditEntry, AuditList, DEFAULT_AUDIT_CHANGES, DEFAULT_AUDIT_ENTRIES,
};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::history::generation_object;
use super::version::Versions;
use crate::daemon::RulesState;
use blacklist_model::{RuleId, read_time};
use blacklist_store::rules::{AttemptFilter, AttemptRow, HistoryFilter, Reading as _};

fn attempt_object(row: AttemptRow) -> AttemptObject {
    AttemptObject {
        at: row.at.to_string(),
        local: row.local,
        caller: row.caller,
        outcome: row.outcome.as_str().to_owned(),
        scope: row.scope,
    }
}

/// The action by which tries of PINs alone are asked for.
const PIN_TRY: &str = "pin try";

/// Which changes are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditQuery {
    since: Option<String>,
    author: Option<String>,
    action: Option<String>,
    rule: Option<u32>,
    list: Option<String>,
    before: Option<u64>,
    limit: Option<u64>,
    changes: Option<usize>,
}

impl AuditQuery {
    /// Which tries of PINs are told: all of the time, if nothing else of changes is asked for.
    fn attempts(&self, since: Option<Timestamp>) -> Option<AttemptFilter> {
        let tries = self
            .action
            .as_deref()
            .is_none_or(|action| action == PIN_TRY);
        let changes = self.author.is_some()
            || self.rule.is_some()
            || self.list.is_some()
            || self.before.is_some();
        (tries && !changes).then_some(AttemptFilter { since })
    }

    fn filter(&self) -> Result<HistoryFilter, ApiError> {
        let since: Option<Timestamp> = self
            .since
            .as_deref()
            .map(|text| read_time(text, &jiff::tz::TimeZone::UTC, false))
            .transpose()?;
        Ok(HistoryFilter {
            since,
            author: self.author.clone(),
            action: self.action.clone(),
            rule: self.rule.map(RuleId),
            list: self.list.clone(),
            before: self.before,
        })
    }
}

pub(super) async fn list(
    State(rules): State<Arc<RulesState>>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditList>, ApiError> {
    let filter = query.filter()?;
    spawn_blocking(move || {
        let reader = rules.reader()?;
        let mut entries = Vec::new();
        for row in reader.history(&filter, query.limit.unwrap_or(DEFAULT_AUDIT_ENTRIES))? {
            let number = row.number;
            let limit = query.changes.unwrap_or(DEFAULT_AUDIT_CHANGES);
            let found = Versions::between(&reader, number - 1, number, limit)?;
            entries.push(AuditEntry {
                generation: generation_object(row),
                more: found.more(),
                changes: found.changes,
            });
        }
        let attempts = match query.attempts(filter.since) {
            Some(filter) => {
                reader.attempts(&filter, query.limit.unwrap_or(DEFAULT_AUDIT_ENTRIES))?
            }
            None => Vec::new(),
        };
        Ok(Json(AuditList {
            entries,
            attempts: attempts.into_iter().map(attempt_object).collect(),
        }))
    })
    .await?
}
