//! `GET /v1/rules/{id}`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use blacklist_wire::RuleObject;
use tokio::task::spawn_blocking;

use super::super::error::ApiError;
use super::object::Describer;
use crate::daemon::Changes;
use blacklist_model::Refusal;

pub(in crate::api) async fn show(
    State(changes): State<Arc<Changes>>,
    Path(id): Path<String>,
) -> Result<Json<RuleObject>, ApiError> {
    let id = super::id_of(&id)?;
    spawn_blocking(move || {
        let rule = Describer::new(&changes)?.rule(id)?;
        Ok(Json(rule.ok_or(Refusal::NotFound(id))?))
    })
    .await?
}
