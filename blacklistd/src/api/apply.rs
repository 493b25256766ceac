//! `/v1/apply`: the declarative file.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Query;
use blacklist_wire::{AppliedObject, DEFAULT_DIFFERENCES};
use serde::Deserialize;

use super::change_request::ChangeRequest;
use super::error::ApiError;
use super::version::Versions;
use crate::daemon::{Applied, Author};

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
        .make(move |changes, author, options| {
            let author = Author {
                source: format!("apply {file}"),
                ..author.clone()
            };
            let limit = limit.unwrap_or(DEFAULT_DIFFERENCES);
            let changed = crate::daemon::apply(
                changes,
                (&file, &text),
                &author,
                options,
                |store, from, to| Ok(Versions::between(store, from, to, limit)),
            )?;
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
                dry_run: options.dry_run,
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
