//! The control API: HTTP with JSON on a Unix socket, one file for each resource. The
//! objects are those of [`blacklist_wire`] and, of what was counted, [`blacklist_figures`]; what a
//! change means is not known here.

mod apply;
mod audit;
mod backup;
mod calls;
mod change_request;
mod check;
mod coverage;
mod detach;
mod error;
mod export;
mod feeds;
mod grants;
mod history;
mod import;
mod limited;
mod lint;
mod lists;
mod live;
mod metrics;
mod mirror;
pub mod openapi;
mod peer;
mod pins;
mod replay;
mod rules;
mod scopes;
pub mod screen;
mod seen;
#[cfg(test)]
mod snapshots;
mod socket;
mod stats;
mod status;
mod stream;
mod times;
mod version;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post, put};

use crate::daemon::Daemon;

pub(crate) use metrics::serve_metrics;
pub(crate) use screen::serve_screen;
pub(crate) use socket::{control_group, require_free_socket, serve};

/// Bytes of a request that is held in memory; lists of any size are streamed.
const MAXIMUM_BODY: usize = 64 << 20;

/// Rules, lists and scopes.
fn rules_router() -> Router<Daemon> {
    Router::new()
        .route(
            "/v1/rules",
            get(rules::list)
                .post(rules::add)
                .patch(rules::edit)
                .delete(rules::remove),
        )
        .route(
            "/v1/rules/{id}",
            get(rules::show)
                .patch(rules::edit_one)
                .delete(rules::remove_one),
        )
        .route("/v1/lists", get(lists::list).post(lists::add))
        .route(
            "/v1/lists/{name}",
            get(lists::show).patch(lists::edit).delete(lists::remove),
        )
        .route(
            "/v1/lists/{name}/scopes",
            post(lists::assign).delete(lists::unassign),
        )
        .route("/v1/scopes", get(scopes::list).post(scopes::add))
        .route(
            "/v1/scopes/{name}",
            get(scopes::show).patch(scopes::edit).delete(scopes::remove),
        )
        .route(
            "/v1/scopes/{name}/members",
            get(scopes::members)
                .post(scopes::add_members)
                .delete(scopes::remove_members),
        )
}

/// Who gets past the rules.
fn bypass_router() -> Router<Daemon> {
    Router::new()
        .route("/v1/pins", get(pins::list))
        .route("/v1/pins/{scope}", put(pins::set).delete(pins::remove))
        .route("/v1/pins/{scope}/rotate", post(pins::rotate))
        .route("/v1/pin-tries/unlock", post(pins::unlock))
        .route("/v1/grants", get(grants::list).post(grants::add))
        .route("/v1/grants/{ids}", delete(grants::revoke))
}

/// Many rules at once, and what was.
fn bulk_router() -> Router<Daemon> {
    Router::new()
        .route("/v1/history", get(history::list))
        .route("/v1/history/{number}/rollback", post(history::roll_back))
        .route("/v1/diff", get(history::diff))
        .route("/v1/audit", get(audit::list))
        .route("/v1/apply", post(apply::apply))
        .route("/v1/imports", post(import::add))
        .route("/v1/imports/{number}/undo", post(import::undo))
        .route("/v1/rejects/{number}", get(import::rejects))
        .route("/v1/export", get(export::get))
        .route("/v1/mirror", get(mirror::get))
        .route("/v1/mirror/report", get(mirror::report))
        .route("/v1/feeds", get(feeds::list).post(feeds::add))
        .route(
            "/v1/feeds/{name}",
            get(feeds::show).put(feeds::edit).delete(feeds::remove),
        )
        .route("/v1/feeds/{name}/run", post(feeds::run))
        .route("/v1/backup", get(backup::get))
}

/// What became of calls.
fn journal_router() -> Router<Daemon> {
    Router::new()
        .route("/v1/calls", get(calls::list).delete(calls::forget))
        .route("/v1/calls/export", get(calls::export))
        .route("/v1/calls/{id}", get(calls::show))
        .route("/v1/seen", get(seen::list))
        .route("/v1/seen/{id}", get(seen::show))
}

/// All resources.
fn router(daemon: Daemon) -> Router {
    rules_router()
        .merge(bulk_router())
        .merge(bypass_router())
        .route("/v1/status", get(status::show))
        .route("/v1/stats", get(stats::show))
        .route("/v1/live", get(live::show))
        .route("/metrics", get(metrics::show))
        .merge(journal_router())
        .merge(screen::router())
        .route("/v1/check", post(check::check))
        .route("/v1/check/message", post(check::check_message))
        .route("/v1/replay", post(replay::judge))
        .route("/v1/lint", get(lint::lint))
        .route("/v1/detach", post(detach::detach))
        .fallback(error::no_such_resource)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(DefaultBodyLimit::max(MAXIMUM_BODY))
        .with_state(daemon)
}
