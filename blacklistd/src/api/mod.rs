//! The control API: HTTP with JSON on a Unix socket, one file for each resource. Objects stand
//! beside their handlers; what a change means is not known here.

pub mod calls;
pub mod check;
pub mod detach;
mod error;
mod peer;
pub mod rules;
mod socket;
pub mod stats;
pub mod status;

use axum::Router;
use axum::routing::{get, post};

use crate::daemon::Shared;

pub use error::ErrorObject;
pub use socket::{control_group, require_free_socket, serve};

/// All resources.
fn router(shared: Shared) -> Router {
    Router::new()
        .route("/v1/status", get(status::show))
        .route("/v1/stats", get(stats::show))
        .route("/v1/calls", get(calls::list))
        .route("/v1/rules", get(rules::list).post(rules::add))
        .route(
            "/v1/rules/{id}",
            get(rules::show).patch(rules::edit).delete(rules::remove),
        )
        .route("/v1/check", post(check::check))
        .route("/v1/detach", post(detach::detach))
        .fallback(error::no_such_resource)
        .method_not_allowed_fallback(error::no_such_method)
        .with_state(shared)
}
