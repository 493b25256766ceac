//! `/v1/reload`: the configuration is read again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use blacklist_wire::ReloadObject;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use crate::daemon::{Changes, Daemon, reload};

pub(super) async fn reload_configuration(
    State(daemon): State<Daemon>,
    State(changes): State<Arc<Changes>>,
) -> Result<Json<ReloadObject>, ApiError> {
    spawn_blocking(move || {
        let generation = reload(&changes, &daemon.shipping)
            .map_err(|error| ApiError::conflict(format!("{error:#}")))?;
        Ok(Json(ReloadObject {
            path: daemon.settings.path().display().to_string(),
            generation,
        }))
    })
    .await?
}
