//! `/v1/mirror`: rules in force as others keep numbers, and what they cannot hold.

use std::io::{BufWriter, Write as _};
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::Response;
use blacklist_model::ForeignFormat;
use blacklist_wire::MirrorReport;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::stream::{self, StagedFile};
use crate::daemon::{RulesState, mirror};
use blacklist_lists::exchange;
use blacklist_system::files;

/// What is asked for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MirrorQuery {
    format: ForeignFormat,
    list: Option<String>,
    /// What stands in the place of `+`.
    plus: Option<String>,
}

impl MirrorQuery {
    fn write(
        &self,
        rules: &RulesState,
        output: &mut impl std::io::Write,
    ) -> Result<MirrorReport, ApiError> {
        let plus = self.plus.as_deref();
        let plus = plus.unwrap_or(exchange::usual_plus(self.format));
        if plus
            .chars()
            .any(|letter| letter.is_control() || letter == ':')
        {
            return Err(ApiError::bad_request(
                "plus must be a few digits or signs, such as 00".to_owned(),
            ));
        }
        let rules = rules.in_force.read();
        Ok(mirror(
            &rules,
            self.format,
            self.list.as_deref(),
            plus,
            output,
        )?)
    }
}

pub(super) async fn get(
    State(rules): State<Arc<RulesState>>,
    Query(query): Query<MirrorQuery>,
) -> Result<Response<Body>, ApiError> {
    let staged = spawn_blocking(move || {
        let staged = StagedFile::new(rules.directory(), "mirror");
        let cannot =
            |error: std::io::Error| ApiError::internal(format!("cannot write the list: {error}"));
        let mut output = BufWriter::new(files::create_new(staged.path()).map_err(cannot)?);
        output
            .write_all(exchange::head(query.format).as_bytes())
            .map_err(cannot)?;
        query.write(&rules, &mut output)?;
        output.flush().map_err(cannot)?;
        Ok::<_, ApiError>(staged)
    })
    .await??;
    stream::response(staged, "text/plain; charset=utf-8").await
}

/// What would be written, and what not.
pub(super) async fn report(
    State(rules): State<Arc<RulesState>>,
    Query(query): Query<MirrorQuery>,
) -> Result<Json<MirrorReport>, ApiError> {
    spawn_blocking(move || Ok(Json(query.write(&rules, &mut std::io::sink())?))).await?
}
