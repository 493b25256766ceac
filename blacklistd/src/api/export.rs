//! `/v1/export`: rules as a file that can be read in again.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::rules::Filters;
use super::stream::{self, StagedFile};
use crate::daemon::{ExportFormat, RulesState, Settings, export};

/// Which form.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct FormatQuery {
    format: ExportFormat,
}

pub(super) async fn get(
    State(settings): State<Arc<Settings>>,
    State(rules): State<Arc<RulesState>>,
    Query(FormatQuery { format }): Query<FormatQuery>,
    Query(filters): Query<Filters>,
) -> Result<Response<Body>, ApiError> {
    let staged = spawn_blocking(move || {
        let filter = filters.in_store(&settings, &rules)?;
        let staged = StagedFile::new(rules.directory(), "export");
        export(&rules, settings.active(), staged.path(), format, &filter)?;
        Ok::<_, ApiError>(staged)
    })
    .await??;
    let kind = match format {
        ExportFormat::Csv => "text/csv; charset=utf-8",
        ExportFormat::Toml => "application/toml",
    };
    stream::response(staged, kind).await
}
