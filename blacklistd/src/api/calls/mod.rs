//! `/v1/calls`: the log of blocked calls.

mod export;
mod forget;
mod query;

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use blacklist_figures::BlockedCall;
use blacklist_wire::{CallList, DEFAULT_CALLS, MAXIMUM_CALLS};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use crate::daemon::{Journal, RulesState, Settings};
use blacklist_store::journal::{Account, Order};

pub(super) use export::get as export;
pub(super) use forget::forget;
pub(super) use query::CallQuery;

pub(super) async fn list(
    State(settings): State<Arc<Settings>>,
    State(journal): State<Arc<Journal>>,
    State(rules): State<Arc<RulesState>>,
    Query(query): Query<CallQuery>,
) -> Result<Json<CallList>, ApiError> {
    spawn_blocking(move || {
        let filter = query.filter(&settings, &journal)?;
        let limit = query.limit(DEFAULT_CALLS)?.min(MAXIMUM_CALLS);
        let order = if filter.after.is_some() {
            Order::Oldest
        } else {
            Order::Newest
        };
        let mut calls = journal.reader()?.page(&filter, order, limit + 1)?;
        let more = calls.len() > limit;
        calls.truncate(limit);
        journal.settle_for_report(&rules)?;
        let lost = journal.log().ledger.total(&Account::Lost).calls;
        Ok(Json(CallList { calls, lost, more }))
    })
    .await?
}

pub(super) async fn show(
    State(journal): State<Arc<Journal>>,
    Path(id): Path<u64>,
) -> Result<Json<BlockedCall>, ApiError> {
    spawn_blocking(move || {
        let call = journal.reader()?.get(id)?;
        call.map(Json).ok_or_else(|| {
            ApiError::not_found(format!(
                "there is no call {id} in the log: see `blacklistd calls`"
            ))
        })
    })
    .await?
}
