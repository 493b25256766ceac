//! `/v1/detach`: takes the program off all interfaces.

use axum::Json;
use axum::extract::{ConnectInfo, State};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::peer::Peer;
use crate::daemon::Shared;

/// What was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DetachObject {
    /// Interfaces that were set free.
    pub interfaces: Vec<String>,
    /// Where programs and tables were pinned.
    pub pin_directory: String,
}

pub(super) async fn detach(
    State(shared): State<Shared>,
    ConnectInfo(peer): ConnectInfo<Peer>,
) -> Result<Json<DetachObject>, ApiError> {
    spawn_blocking(move || {
        let mut core = shared.lock();
        let interfaces = core.detach(&peer.author())?;
        Ok(Json(DetachObject {
            interfaces,
            pin_directory: core
                .configuration
                .kernel
                .pin_directory
                .display()
                .to_string(),
        }))
    })
    .await?
}
