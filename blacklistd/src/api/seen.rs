//! `/v1/seen`: a sample of the calls that passed, the newest first.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, Query, State};
use blacklist_figures::PassedCall;
use blacklist_wire::{DEFAULT_SEEN, SeenList};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use crate::daemon::Journal;

/// Which calls are asked for.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeenQuery {
    /// With this text in a number as it is or as it was sent.
    search: Option<String>,
    trunk: Option<String>,
    /// With a number that can be blocked.
    with_number: Option<bool>,
    limit: Option<usize>,
}

impl SeenQuery {
    fn fits(&self, call: &PassedCall) -> bool {
        let has = |text: &String| {
            [
                &call.caller,
                &call.caller_as_sent,
                &call.called,
                &call.called_as_sent,
            ]
            .iter()
            .any(|field| field.contains(text.as_str()))
        };
        self.search.as_ref().is_none_or(has)
            && self.trunk.as_ref().is_none_or(|trunk| *trunk == call.trunk)
            && (self.with_number != Some(true) || !call.remote().is_empty())
    }
}

pub(super) async fn list(
    State(journal): State<Arc<Journal>>,
    Query(query): Query<SeenQuery>,
) -> Result<Json<SeenList>, ApiError> {
    spawn_blocking(move || {
        let limit = query.limit.unwrap_or(DEFAULT_SEEN);
        let seen = journal.seen();
        let calls = seen.newest(|call| query.fits(call)).take(limit).collect();
        Ok(Json(SeenList { calls }))
    })
    .await?
}

pub(super) async fn show(
    State(journal): State<Arc<Journal>>,
    Path(id): Path<String>,
) -> Result<Json<PassedCall>, ApiError> {
    let call = journal.seen().get(&id);
    call.map(Json).ok_or_else(|| {
        ApiError::not_found(format!(
            "there is no call {id} in the sample (any more): see `blacklistd seen`"
        ))
    })
}
