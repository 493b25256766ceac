//! `/v1/audit`: every change with who, when, from where, before and after.

use axum::Json;
use axum::extract::{Query, State};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::history::GenerationObject;
use super::version::{ChangeObject, Versions};
use crate::daemon::Shared;
use crate::rules::{RuleId, read_time};
use crate::store::{HistoryFilter, Reading as _};

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
}

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
    State(shared): State<Shared>,
    Query(query): Query<AuditQuery>,
) -> Result<Json<AuditList>, ApiError> {
    let filter = query.filter()?;
    spawn_blocking(move || {
        let reader = shared.reader()?;
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
        Ok(Json(AuditList { entries }))
    })
    .await?
}
