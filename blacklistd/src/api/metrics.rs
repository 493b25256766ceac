//! `/metrics`: figures for Prometheus, on the control socket and, if the configuration says so, on
//! TCP.

use std::net::SocketAddr;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use blacklist_common::tables::Counter;
use tokio::task::spawn_blocking;

use super::error::{self, ApiError};
use super::{live, stats, status};
use crate::daemon::{Daemon, NameTable, Part};
use crate::metrics;
use blacklist_figures::{Figures, NamedCounts};
use blacklist_store::journal::{Account, CompanionResult, Ledger};

/// The figures of this moment.
fn figures(daemon: &Daemon) -> Result<Figures, ApiError> {
    let status = status::status(daemon)?;
    let names = daemon.rules.names();
    let configuration = daemon.settings.active();
    let ledger = &daemon.journal.log().ledger;
    let mut sums = stats::sums(ledger.totals(), &names);
    // A rate begins at the zero of what was not counted yet.
    let trunks = std::iter::once("").chain(configuration.trunk_names());
    sums.trunks = live::with_idle(sums.trunks, trunks);
    add_idle_lists(&mut sums.lists, &names);
    let kernel = &configuration.kernel;
    let heartbeats = &daemon.heartbeats;
    let silent_for = [
        ("interfaces", heartbeats.silent_for(Part::Interfaces)),
        ("journal", status.log.writer_silent_milliseconds),
        ("timer", heartbeats.silent_for(Part::Timer)),
    ];
    Ok(Figures {
        sums,
        rules: if configuration.metrics.rules {
            stats::by_rule(ledger.totals())
        } else {
            Vec::new()
        },
        companion: companion(ledger),
        logged: ledger.total(&Account::Logged).calls,
        begun: heartbeats.started,
        silent_for: silent_for.to_vec(),
        capacities: [
            kernel.maximum_rules,
            kernel.maximum_calls,
            kernel.event_bytes,
        ],
        status,
    })
}

/// What became of the calls that the daemon was asked about.
pub(super) fn companion(ledger: &Ledger) -> Vec<NamedCounts> {
    CompanionResult::ALL
        .map(|passage| {
            NamedCounts::new(passage.as_str(), ledger.total(&Account::Companion(passage)))
        })
        .to_vec()
}

/// Adds the lists of which nothing was counted yet.
pub(super) fn add_idle_lists(lists: &mut Vec<NamedCounts>, names: &NameTable) {
    for list in names.lists() {
        let name = list.row.name.as_str();
        if !lists.iter().any(|known| known.name == name) {
            lists.push(NamedCounts::new(name, Counter::default()));
        }
    }
}

pub(super) async fn show(State(daemon): State<Daemon>) -> Result<impl IntoResponse, ApiError> {
    let text = spawn_blocking(move || {
        metrics::text(figures(&daemon)?).map_err(|error| ApiError::internal(error.to_string()))
    })
    .await??;
    Ok(([(CONTENT_TYPE, metrics::MEDIA_TYPE)], text))
}

/// Serves the figures, and nothing else, on TCP for ever.
///
/// # Errors
/// The address cannot be had.
pub(crate) async fn serve_metrics(address: SocketAddr, daemon: Daemon) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| {
            format!("cannot listen on {address}: correct listen in [metrics] of the configuration")
        })?;
    tracing::info!("metrics on http://{address}/metrics");
    let router = Router::new()
        .route("/metrics", get(show))
        .fallback(error::no_such_resource)
        .with_state(daemon);
    axum::serve(listener, router).await.map_err(Into::into)
}
