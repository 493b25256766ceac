//! `/metrics`: figures for Prometheus, on the control socket and, if the configuration says so, on
//! TCP.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use blacklist_common::outcome::{Outcome, Share};
use blacklist_common::rule::Action;
use blacklist_common::tables::ABI_VERSION;
use tokio::task::spawn_blocking;

use super::error::{self, ApiError};
use super::status::{self, LogObject};
use crate::config::Mode;
use crate::daemon::{Core, NameTable, Part, Shared};
use crate::journal::{Account, Ledger, Passage};
use crate::kernel::XdpMode;
use crate::metrics::{
    self, InterfaceFigures, ListFigures, NamedFigure, RuleFigures, ShareFigures, Snapshot,
    TableFigures,
};
use crate::pin::Tried;
use crate::rules::ListId;
use crate::store::Reading as _;

/// What the peers of no trunk are called.
const NO_TRUNK: &str = "none";
/// What scopes' defaults are called among lists.
const NO_LIST: &str = "none";

#[expect(
    clippy::cast_precision_loss,
    reason = "figures of the moment are floating-point numbers"
)]
const fn float(number: u64) -> f64 {
    number as f64
}

/// The figures of this moment.
fn snapshot(shared: &Shared) -> Result<Snapshot, ApiError> {
    shared.settle()?;
    let log = status::log_object(shared)?;
    let sinks = shared.sink_figures();
    let names = shared.names();
    let core = shared.lock();
    let journal = shared.journal();
    let mut now = Snapshot {
        version: env!("CARGO_PKG_VERSION"),
        abi_version: ABI_VERSION,
        start_time: shared.begun(),
        enforcing: core.configuration.mode == Mode::Enforce,
        generation: core.kernel.generation(),
        problems: core.problems().len() as u64,
        interfaces: interfaces(&core),
        log_bytes: log.bytes,
        open_calls: log.open,
        beats: beats(shared, log.writer_silent_milliseconds),
        tables: tables(&core, &log),
        ..Snapshot::default()
    };
    let counts = status::rule_counts(&names, core.in_force);
    now.rule_states = [
        ("in-force", counts.in_force),
        ("enabled", counts.enabled),
        ("disabled", counts.disabled),
    ]
    .map(|(name, value)| NamedFigure {
        name,
        value: float(value),
    })
    .to_vec();
    let each_rule = core.configuration.metrics.rules;
    let trunk_names: Vec<String> = std::iter::once(String::new())
        .chain(
            core.configuration
                .trunks
                .iter()
                .map(|trunk| trunk.name.clone()),
        )
        .collect();
    now.sinks = sinks;
    let answers = shared.answering().figures();
    now.unanswered = vec![
        ("absorbed", answers.absorbed),
        ("undecided", answers.undecided),
        ("unreadable", answers.unreadable),
        ("overload", answers.overload),
        ("failed", answers.failed),
    ];
    now.questions_unanswered = questions_unanswered(shared);
    let sent = answers.sent.into_iter();
    now.answers = sent
        .map(|(status, count)| (status.to_string(), count))
        .collect();
    let media = shared.answering().media();
    now.media_calls = media.calls_now;
    now.held_seconds = media.tormented_seconds;
    now.media = vec![
        ("announced", media.announced),
        ("held", media.tormented),
        ("asked-for-pin", media.asked_for_pin),
        ("connected", media.connected),
        ("redirected", media.redirected),
        ("refused-instead", media.refused_instead),
        ("flooded", media.flooded),
    ];
    now.grants = core.grants;
    drop(core);
    now.pins = shared.reader()?.pins()?.len() as u64;
    let tries = shared.pins().figures();
    now.pin_tries = Tried::ALL.map(|one| (one.as_str(), tries.of(one))).to_vec();
    let ledger = &journal.log().ledger;
    let count = |account: &Account| ledger.total(account);
    // Those that were not counted yet stand there too: a rate begins at their zero.
    now.outcomes = Outcome::ALL
        .map(|outcome| (outcome.as_str(), count(&Account::Outcome(outcome))))
        .to_vec();
    now.companion = Passage::ALL
        .map(|passage| (passage.as_str(), count(&Account::Companion(passage))))
        .to_vec();
    now.actions = Action::ALL
        .map(|action| (action.as_str(), count(&Account::Action(action))))
        .to_vec();
    now.trunks = trunks(ledger, &trunk_names);
    now.lists = lists(ledger, &names);
    if each_rule {
        now.rules = rule_figures(ledger);
    }
    now.lost = count(&Account::Lost).calls;
    now.forgotten = count(&Account::Forgotten).calls;
    now.recounted = count(&Account::Recounted).calls;
    now.logged = count(&Account::Logged).calls;
    Ok(now)
}

/// Questions that got no answer of their own, by reason.
fn questions_unanswered(shared: &Shared) -> Vec<(&'static str, u64)> {
    let asked = shared.companion().figures();
    vec![
        ("absorbed", asked.absorbed),
        ("unreadable", asked.unreadable),
        ("overload", asked.overload),
        ("stranger", asked.strangers),
        ("closed", asked.closed),
        ("failed", asked.failed),
    ]
}

/// How full tables are.
fn tables(core: &Core, log: &LogObject) -> Vec<TableFigures> {
    let kernel = &core.configuration.kernel;
    let table = |table, used, capacity| TableFigures {
        table,
        used,
        capacity: u64::from(capacity),
    };
    vec![
        table("rules", core.in_force, kernel.maximum_rules),
        table("calls", log.open, kernel.maximum_calls),
        table("events", log.waiting_bytes, kernel.event_bytes),
    ]
}

/// By trunk: those of the configuration, and those that were counted.
fn trunks(ledger: &Ledger, configured: &[String]) -> Vec<ShareFigures> {
    let counted = ledger.totals().filter_map(|(account, _)| match account {
        Account::Trunk(name, _) => Some(name.to_string()),
        _ => None,
    });
    let all: BTreeSet<String> = counted.chain(configured.iter().cloned()).collect();
    let each = |name: String| {
        Share::ALL.map(|share| ShareFigures {
            count: ledger.total(&Account::Trunk(name.as_str().into(), share)),
            trunk: if name.is_empty() {
                NO_TRUNK.to_owned()
            } else {
                name.clone()
            },
            verdict: share.as_str(),
        })
    };
    all.into_iter().flat_map(each).collect()
}

/// By list: those that there are, and those that were counted and are gone.
fn lists(ledger: &Ledger, names: &NameTable) -> Vec<ListFigures> {
    let counted = ledger.totals().filter_map(|(account, _)| match account {
        Account::List(id) => Some(*id),
        _ => None,
    });
    let all: BTreeSet<u32> = counted
        .chain(names.lists().map(|list| list.row.id.0))
        .collect();
    all.into_iter()
        .map(|id| ListFigures {
            list: if id == 0 {
                NO_LIST.to_owned()
            } else {
                names.list_name(ListId(id))
            },
            count: ledger.total(&Account::List(id)),
        })
        .collect()
}

/// By rule that has decided a call.
fn rule_figures(ledger: &Ledger) -> Vec<RuleFigures> {
    let mut figures: Vec<RuleFigures> = ledger
        .totals()
        .filter_map(|(account, count)| match account {
            Account::Rule(id) if *id != 0 => Some(RuleFigures { rule: *id, count }),
            _ => None,
        })
        .collect();
    figures.sort_by_key(|one| one.rule);
    figures
}

fn interfaces(core: &Core) -> Vec<InterfaceFigures> {
    let attachments = core.kernel.attachments();
    let of = |interface: &crate::config::Interface| {
        let attachment = attachments
            .iter()
            .find(|attachment| attachment.interface == interface.name);
        InterfaceFigures {
            name: interface.name.clone(),
            mode: match attachment.map_or(interface.xdp, |attachment| attachment.mode) {
                XdpMode::Native => "native",
                XdpMode::Generic => "generic",
            },
            attached: attachment.is_some_and(|attachment| attachment.alive),
        }
    };
    core.configuration.interfaces.iter().map(of).collect()
}

fn beats(shared: &Shared, journal: u64) -> Vec<NamedFigure> {
    let beats = shared.beats();
    [
        ("interfaces", beats.silent_for(Part::Interfaces)),
        ("journal", journal),
        ("timer", beats.silent_for(Part::Timer)),
    ]
    .map(|(name, milliseconds)| NamedFigure {
        name,
        value: float(milliseconds) / 1000.0,
    })
    .to_vec()
}

pub(super) async fn show(State(shared): State<Shared>) -> Result<impl IntoResponse, ApiError> {
    let text = spawn_blocking(move || {
        metrics::text(snapshot(&shared)?).map_err(|error| ApiError::internal(error.to_string()))
    })
    .await??;
    Ok(([(CONTENT_TYPE, metrics::MEDIA_TYPE)], text))
}

/// Serves the figures, and nothing else, on TCP for ever.
///
/// # Errors
/// The address cannot be had.
pub async fn serve_metrics(address: SocketAddr, shared: Shared) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .with_context(|| {
            format!("cannot listen on {address}: correct listen in [metrics] of the configuration")
        })?;
    tracing::info!("metrics on http://{address}/metrics");
    let router = Router::new()
        .route("/metrics", get(show))
        .fallback(error::no_such_resource)
        .with_state(shared);
    axum::serve(listener, router).await.map_err(Into::into)
}
