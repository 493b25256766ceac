//! `/v1/calls`: recent blocked calls, the newest first.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use crate::daemon::Shared;
use crate::journal::BlockedCall;

/// Calls that are listed if nothing else is said.
pub const DEFAULT_LIMIT: usize = 50;

/// Recent blocked calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallList {
    /// The newest first.
    pub calls: Vec<BlockedCall>,
    /// Calls whose record was lost; they are counted all the same.
    pub lost: u64,
}

/// What is asked for.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Limit {
    limit: Option<String>,
}

pub(super) async fn list(
    State(shared): State<Shared>,
    Query(Limit { limit }): Query<Limit>,
) -> Result<Json<CallList>, ApiError> {
    let limit = match limit {
        None => DEFAULT_LIMIT,
        Some(text) => text
            .parse()
            .map_err(|_| ApiError::bad_request(format!("limit is \"{text}\": write a number")))?,
    };
    spawn_blocking(move || {
        let core = shared.lock();
        Ok(Json(CallList {
            calls: core.journal.newest(limit).cloned().collect(),
            lost: core.kernel.lost_events()?,
        }))
    })
    .await?
}
