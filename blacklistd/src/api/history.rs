//! `/v1/history`: the generations, what differs between two of them, and the way back.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::ApiError;
use super::version::{ChangeObject, Versions};
use crate::daemon::{ChangeOptions, Changed, RulesState, Undone};
use crate::store::{GenerationRow, HistoryFilter, Reading as _};

/// Generations that are listed if nothing else is said.
pub const DEFAULT_LIMIT: u64 = 50;

/// Differences that are told if nothing else is said.
pub const DEFAULT_CHANGES: usize = 1000;

/// A generation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GenerationObject {
    /// Its number.
    pub generation: u64,
    /// When it was made, RFC 3339.
    pub at: String,
    /// Who made it.
    pub author: String,
    /// From where: `socket`, `import FILE`, `feed NAME`, `apply FILE`.
    pub source: String,
    /// By which command.
    pub action: String,
    /// A sentence.
    pub summary: String,
    /// Rules, lists, scopes and members that were added.
    pub added: u64,
    /// Those that were changed.
    pub changed: u64,
    /// Those that were removed.
    pub removed: u64,
}

/// Generations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistoryList {
    /// The newest first.
    pub generations: Vec<GenerationObject>,
}

/// What differs between two generations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DiffObject {
    /// The one.
    pub from: u64,
    /// The other.
    pub to: u64,
    /// How much is there that was not.
    pub added: u64,
    /// How much is not as it was.
    pub changed: u64,
    /// How much is gone.
    pub removed: u64,
    /// Scopes, lists, members, rules.
    pub changes: Vec<ChangeObject>,
    /// How many more there are.
    pub more: u64,
}

/// A step back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoneObject {
    /// The generation it leads back to, or that was undone.
    pub generation: GenerationObject,
    /// Its own generation; none if there was nothing to do or it was only tried.
    pub made: Option<u64>,
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Rules that are back.
    pub added: u64,
    /// Rules that are as they were.
    pub changed: u64,
    /// Rules that are gone.
    pub removed: u64,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

impl From<GenerationRow> for GenerationObject {
    fn from(row: GenerationRow) -> Self {
        Self {
            generation: row.number,
            at: row.cause.at.to_string(),
            author: row.cause.author,
            source: row.cause.source,
            action: row.cause.kind.as_str().to_owned(),
            summary: row.summary,
            added: row.added,
            changed: row.changed,
            removed: row.removed,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct HistoryQuery {
    limit: Option<u64>,
    before: Option<u64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct DiffQuery {
    from: u64,
    to: u64,
    limit: Option<usize>,
}

pub(super) fn undone(changed: Changed<Undone>, options: ChangeOptions) -> UndoneObject {
    let warnings = changed.warnings();
    let Undone {
        generation,
        added,
        changed: edited,
        removed,
    } = changed.value;
    UndoneObject {
        generation: generation.into(),
        made: changed.generation.map(|generation| generation.number),
        dry_run: options.dry_run,
        added,
        changed: edited,
        removed,
        warnings,
    }
}

pub(super) async fn list(
    State(rules): State<Arc<RulesState>>,
    Query(query): Query<HistoryQuery>,
) -> Result<Json<HistoryList>, ApiError> {
    spawn_blocking(move || {
        let filter = HistoryFilter {
            before: query.before,
            ..HistoryFilter::default()
        };
        let rows = rules
            .reader()?
            .history(&filter, query.limit.unwrap_or(DEFAULT_LIMIT))?;
        Ok(Json(HistoryList {
            generations: rows.into_iter().map(GenerationObject::from).collect(),
        }))
    })
    .await?
}

pub(super) async fn diff(
    State(rules): State<Arc<RulesState>>,
    Query(query): Query<DiffQuery>,
) -> Result<Json<DiffObject>, ApiError> {
    spawn_blocking(move || {
        let reader = rules.reader()?;
        for number in [query.from, query.to] {
            // Generation 0 is the one before the first: nothing at all.
            if number > 0 && reader.generation(number)?.is_none() {
                return Err(ApiError::not_found(format!(
                    "there is no generation {number}: see `blacklistd history`"
                )));
            }
        }
        let limit = query.limit.unwrap_or(DEFAULT_CHANGES);
        let found = Versions::between(&reader, query.from, query.to, limit)?;
        Ok(Json(DiffObject {
            from: query.from,
            to: query.to,
            added: found.added,
            changed: found.changed,
            removed: found.removed,
            more: found.more(),
            changes: found.changes,
        }))
    })
    .await?
}

pub(super) async fn roll_back(
    change: ChangeRequest,
    Path(number): Path<u64>,
) -> Result<Json<UndoneObject>, ApiError> {
    change
        .make(move |changes, author, options| {
            let changed = changes.roll_back(number, author, options)?;
            Ok(Json(undone(changed, options)))
        })
        .await
}
