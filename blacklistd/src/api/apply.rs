//! `/v1/apply`: the declarative file.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Query;
use blacklist_wire::{AppliedObject, DEFAULT_DIFFERENCES};
use serde::Deserialize;

use super::error::ApiError;
use super::manner::ChangeRequest;
use super::version::Versions;
use crate::daemon::{Applied, Who};

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ApplyQuery {
    file: String,
    limit: Option<usize>,
}

pub(super) async fn apply(
    change: ChangeRequest,
    Query(ApplyQuery { file, limit }): Query<ApplyQuery>,
    body: Bytes,
) -> Result<Json<AppliedObject>, ApiError> {
    let text = String::from_utf8(body.to_vec())
        .map_err(|_| ApiError::bad_request(format!("{file} is no text in UTF-8")))?;
    change
        .make(move |shared, who, manner| {
            let who = Who {
                source: format!("apply {file}"),
                ..who.clone()
            };
            let limit = limit.unwrap_or(DEFAULT_DIFFERENCES);
            let changed = shared.apply(&file, &text, &who, manner, |store, from, to| {
                Ok(Versions::between(store, from, to, limit))
            })?;
            let warnings = changed.warnings();
            let (applied, found) = changed.value;
            let found = found?;
            let Applied {
                added,
                changed: edited,
                removed,
                unchanged,
            } = applied;
            Ok(Json(AppliedObject {
                file,
                generation: changed.generation.map(|generation| generation.number),
                dry_run: manner.dry_run,
                added,
                changed: edited,
                removed,
                unchanged,
                more: found.more(),
                changes: found.changes,
                warnings,
            }))
        })
        .await
}
