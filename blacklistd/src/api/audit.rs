//! `/v1/audit`: every change with who, when, from where, before and after; every try of a PIN.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::history::GenerationObject;
use super::version::{ChangeObject, Versions};
use crate::daemon::RulesState;
use crate::rules::{RuleId, read_time};
use crate::store::{AttemptFilter, AttemptRow, HistoryFilter, Reading as _};

/// Entries that are told if nothing else is said.
pub const DEFAULT_LIMIT: u64 = 50;

/// Records of one entry that are told if nothing else is said.
pub const DEFAULT_CHANGES: usize = 20;

/// A change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Who, when, from where, by which command.
    #[serde(flatten)]
    pub generation: GenerationObject,
    /// What became of each record.
    pub changes: Vec<ChangeObject>,
    /// How many more there are; `diff` tells them.
    pub more: u64,
}

/// Changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditList {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// Tries of PINs, the newest first; none if only some changes are asked for.
    #[serde(default)]
    pub attempts: Vec<AttemptObject>,
}

/// A try of a PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttemptObject {
    /// When, RFC 3339.
    pub at: String,
    /// The local number that was called.
    pub local: String,
    /// Who called.
    pub caller: String,
    /// `right`, `wrong`, `early`, `locked` or `no-pin`.
    pub outcome: String,
    /// The scope whose PIN it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}

impl From<AttemptRow> for AttemptObject {
    fn from(row: AttemptRow) -> Self {
        Self {
            at: row.at.to_string(),
            local: row.local,
            caller: row.caller,
            outcome: row.outcome.as_str().to_owned(),
            scope: row.scope,
        }
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
        for row in reader.history(&filter, query.limit.unwrap_or(DEFAULT_LIMIT))? {
            let number = row.number;
            let limit = query.changes.unwrap_or(DEFAULT_CHANGES);
            let found = Versions::between(&reader, number - 1, number, limit)?;
            entries.push(AuditEntry {
                generation: row.into(),
                more: found.more(),
                changes: found.changes,
            });
        }
        let attempts = match query.attempts(filter.since) {
            Some(filter) => reader.attempts(&filter, query.limit.unwrap_or(DEFAULT_LIMIT))?,
            None => Vec::new(),
        };
        Ok(Json(AuditList {
            entries,
            attempts: attempts.into_iter().map(AttemptObject::from).collect(),
        }))
    })
    .await?
}
