//! `/v1/detach`: takes the program off all interfaces.

use axum::Json;
use axum::extract::{ConnectInfo, State};
use blacklist_wire::DetachObject;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::peer::Peer;
use crate::daemon::Shared;

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
