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
pub(crate) mod openapi;
mod peer;
mod pins;
mod reload;
mod replay;
mod rules;
mod scopes;
pub(crate) mod screen;
mod seen;
#[cfg(test)]
mod snapshots;
mod socket;
mod stats;
mod status;
mod stream;
#[cfg(test)]
mod tests;
mod times;
mod version;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, delete, get, post, put};

use crate::daemon::Daemon;

pub(crate) use metrics::serve_metrics;
pub(crate) use screen::serve_screen;
pub(crate) use socket::{control_group, require_free_socket, serve};

/// Bytes of a request that is held in memory; lists of any size are streamed.
const MAXIMUM_BODY: usize = 64 << 20;

/// A path, and what its methods do.
type Route = (&'static str, MethodRouter<Daemon>);

/// Rules, lists and scopes.
fn rules_routes() -> Vec<Route> {
    vec![
        (
            "/v1/rules",
            get(rules::list)
                .post(rules::add)
                .patch(rules::edit)
                .delete(rules::remove),
        ),
        (
            "/v1/rules/{id}",
            get(rules::show)
                .patch(rules::edit_one)
                .delete(rules::remove_one),
        ),
        ("/v1/lists", get(lists::list).post(lists::add)),
        (
            "/v1/lists/{name}",
            get(lists::show).patch(lists::edit).delete(lists::remove),
        ),
        (
            "/v1/lists/{name}/scopes",
            post(lists::assign).delete(lists::unassign),
        ),
        ("/v1/scopes", get(scopes::list).post(scopes::add)),
        (
            "/v1/scopes/{name}",
            get(scopes::show).patch(scopes::edit).delete(scopes::remove),
        ),
        (
            "/v1/scopes/{name}/members",
            get(scopes::members)
                .post(scopes::add_members)
                .delete(scopes::remove_members),
        ),
    ]
}

/// Who gets past the rules.
fn bypass_routes() -> Vec<Route> {
    vec![
        ("/v1/pins", get(pins::list)),
        ("/v1/pins/{scope}", put(pins::set).delete(pins::remove)),
        ("/v1/pins/{scope}/rotate", post(pins::rotate)),
        ("/v1/pin-tries/unlock", post(pins::unlock)),
        ("/v1/grants", get(grants::list).post(grants::add)),
        ("/v1/grants/{ids}", delete(grants::revoke)),
    ]
}

/// Many rules at once, and what was.
fn bulk_routes() -> Vec<Route> {
    vec![
        ("/v1/history", get(history::list)),
        ("/v1/history/{number}/rollback", post(history::roll_back)),
        ("/v1/diff", get(history::diff)),
        ("/v1/audit", get(audit::list)),
        ("/v1/apply", post(apply::apply)),
        ("/v1/imports", post(import::add)),
        ("/v1/imports/{number}/undo", post(import::undo)),
        ("/v1/rejects/{number}", get(import::rejects)),
        ("/v1/export", get(export::get)),
        ("/v1/mirror", get(mirror::get)),
        ("/v1/mirror/report", get(mirror::report)),
        ("/v1/feeds", get(feeds::list).post(feeds::add)),
        (
            "/v1/feeds/{name}",
            get(feeds::show).put(feeds::edit).delete(feeds::remove),
        ),
        ("/v1/feeds/{name}/run", post(feeds::run)),
        ("/v1/backup", get(backup::get)),
    ]
}

/// What became of calls.
fn journal_routes() -> Vec<Route> {
    vec![
        ("/v1/calls", get(calls::list).delete(calls::forget)),
        ("/v1/calls/export", get(calls::export)),
        ("/v1/calls/{id}", get(calls::show)),
        ("/v1/seen", get(seen::list)),
        ("/v1/seen/{id}", get(seen::show)),
    ]
}

/// What is asked of the daemon itself, and about one call.
fn daemon_routes() -> Vec<Route> {
    vec![
        ("/v1/status", get(status::show)),
        ("/v1/stats", get(stats::show)),
        ("/v1/live", get(live::show)),
        ("/metrics", get(metrics::show)),
        ("/v1/check", post(check::check)),
        ("/v1/check/message", post(check::check_message)),
        ("/v1/replay", post(replay::judge)),
        ("/v1/lint", get(lint::lint)),
        ("/v1/reload", post(reload::reload_configuration)),
        ("/v1/detach", post(detach::detach)),
    ]
}

/// All resources: the one list that the router is made from, and the tests of each.
fn routes() -> Vec<Route> {
    [
        rules_routes(),
        bulk_routes(),
        bypass_routes(),
        daemon_routes(),
        journal_routes(),
        screen::routes(),
    ]
    .concat()
}

/// A router of these resources.
fn router_of(routes: Vec<Route>) -> Router<Daemon> {
    let add = |router: Router<Daemon>, (path, methods)| router.route(path, methods);
    let router = routes.into_iter().fold(Router::new(), add);
    router
        .fallback(error::no_such_resource)
        .method_not_allowed_fallback(error::no_such_method)
}

/// All resources.
fn router(daemon: Daemon) -> Router {
    router_of(routes())
        .layer(DefaultBodyLimit::max(MAXIMUM_BODY))
        .with_state(daemon)
}
