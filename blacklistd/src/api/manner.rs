//! What requests for changes have in common: who asks, and how the change is to be made
//! (`?force=true&dry_run=true`).

use axum::extract::{ConnectInfo, FromRequestParts, Query};
use axum::http::request::Parts;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::peer::Peer;
use crate::daemon::{Manner, Shared, Who};

/// After the `?` of every change.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct MannerQuery {
    #[serde(default)]
    force: bool,
    #[serde(default)]
    dry_run: bool,
}

/// A request for a change.
pub(super) struct ChangeRequest {
    shared: Shared,
    peer: Peer,
    manner: Manner,
}

impl FromRequestParts<Shared> for ChangeRequest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let ConnectInfo(peer) = ConnectInfo::from_request_parts(parts, shared)
            .await
            .map_err(|error| error.into_response())?;
        let Query(MannerQuery { force, dry_run }) = Query::from_request_parts(parts, shared)
            .await
            .map_err(|error| error.into_response())?;
        Ok(Self {
            shared: shared.clone(),
            peer,
            manner: Manner { force, dry_run },
        })
    }
}

impl ChangeRequest {
    /// Makes the change, which may wait for others and for the disk.
    pub(super) async fn make<T: Send + 'static>(
        self,
        make: impl FnOnce(&Shared, &Who, Manner) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        spawn_blocking(move || make(&self.shared, &self.peer.who(), self.manner)).await?
    }
}
