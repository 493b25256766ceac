//! What requests for changes have in common: who asks, and how the change is to be made
//! (`?force=true&dry_run=true`).

use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::peer::Peer;
use crate::daemon::{Author, ChangeOptions, Changes, Daemon};

/// After the `?` of every change.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct OptionsQuery {
    #[serde(default)]
    force: bool,
    #[serde(default)]
    dry_run: bool,
}

/// A request for a change.
pub(super) struct ChangeRequest {
    changes: Arc<Changes>,
    peer: Peer,
    options: ChangeOptions,
}

impl FromRequestParts<Daemon> for ChangeRequest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, daemon: &Daemon) -> Result<Self, Response> {
        let ConnectInfo(peer) = ConnectInfo::from_request_parts(parts, daemon)
            .await
            .map_err(|error| error.into_response())?;
        let Query(OptionsQuery { force, dry_run }) = Query::from_request_parts(parts, daemon)
            .await
            .map_err(|error| error.into_response())?;
        Ok(Self {
            changes: daemon.changes.clone(),
            peer,
            options: ChangeOptions { force, dry_run },
        })
    }
}

impl ChangeRequest {
    /// Makes the change, which may wait for others and for the disk.
    pub(super) async fn make<T: Send + 'static>(
        self,
        make: impl FnOnce(&Changes, &Author, ChangeOptions) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        spawn_blocking(move || make(&self.changes, &self.peer.author(), self.options)).await?
    }
}
