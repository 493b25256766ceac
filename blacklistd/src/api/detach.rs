//! `/v1/detach`: takes the program off all interfaces.

use std::sync::Arc;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use blacklist_wire::DetachObject;
use parking_lot::Mutex;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::peer::Peer;
use crate::daemon::{Enforcement, Settings};

pub(super) async fn detach(
    State(enforcement): State<Arc<Mutex<Enforcement>>>,
    State(settings): State<Arc<Settings>>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Result<Json<DetachObject>, ApiError> {
    spawn_blocking(move || {
        let interfaces = enforcement.lock().detach(&peer.name())?;
        let directory = &settings.active().kernel.pin_directory;
        Ok(Json(DetachObject {
            interfaces,
            pin_directory: directory.display().to_string(),
        }))
    })
    .await?
}
