//! `/v1/apply`: the declarative file.

use axum::Json;
use axum::body::Bytes;
use axum::extract::Query;
use serde::{Deserialize, Serialize};

use super::change_request::ChangeRequest;
use super::error::ApiError;
use super::history::DEFAULT_CHANGES;
use super::version::{ChangeObject, Versions};
use crate::daemon::{Applied, Author};

/// The difference that was made, or would be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppliedObject {
    /// The file.
    pub file: String,
    /// Its generation; none if there was nothing to change or it was only tried.
    pub generation: Option<u64>,
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Rules that are added.
    pub added: u64,
    /// Rules that are changed.
    pub changed: u64,
    /// Rules that are removed.
    pub removed: u64,
    /// Rules that stand as the file says.
    pub unchanged: u64,
    /// Scopes, lists, members, rules, before and after.
    pub changes: Vec<ChangeObject>,
    /// How many more there are.
    pub more: u64,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

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
            let limit = limit.unwrap_or(DEFAULT_CHANGES);
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
