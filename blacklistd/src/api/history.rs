//! `/v1/history`: the generations, what differs between two of them, and the way back.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use blacklist_wire::{
    DEFAULT_DIFFERENCES, DEFAULT_GENERATIONS, DiffObject, GenerationObject, HistoryList,
    UndoneObject,
};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::change_request::ChangeRequest;
use super::error::ApiError;
use super::version::Versions;
use crate::daemon::{ChangeOptions, Changed, RulesState, Undone};
use blacklist_store::rules::{GenerationRow, HistoryFilter, Reading as _};

pub(super) fn generation_object(row: GenerationRow) -> GenerationObject {
    GenerationObject {
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
        generation: generation_object(generation),
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
            .history(&filter, query.limit.unwrap_or(DEFAULT_GENERATIONS))?;
        Ok(Json(HistoryList {
            generations: rows.into_iter().map(generation_object).collect(),
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
        let limit = query.limit.unwrap_or(DEFAULT_DIFFERENCES);
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
