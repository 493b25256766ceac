//! `/v1/live`: what a screen shows that is drawn again every second. All counters are totals;
//! whoever asks twice knows the rates.

use axum::Json;
use axum::extract::State;
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::{stats, status};
use crate::daemon::Daemon;
use blacklist_figures::{
    BlockedCall, BusyNumber, ListFigures, Live, NamedCounts, PassedCall, RecentCall, RuleFigures,
    SeenParty, TrunkFigures,
};
use blacklist_model::RuleId;
use blacklist_store::journal::{CallFilter, CallLog, Order, Side};
use blacklist_system::{Clock, clock};

/// Calls of each kind that are returned; the newest.
const RECENT: usize = 200;
/// Rules and numbers that are returned; the busiest.
const BUSY: usize = 200;

/// With the trunks of the configuration of which nothing was counted yet.
pub(super) fn with_idle<'a>(
    mut trunks: Vec<TrunkFigures>,
    configured: impl Iterator<Item = &'a str>,
) -> Vec<TrunkFigures> {
    for name in configured {
        if !trunks.iter().any(|known| known.name == name) {
            trunks.push(TrunkFigures {
                name: name.to_owned(),
                ..TrunkFigures::default()
            });
        }
    }
    trunks
}

fn busiest(log: &CallLog, side: Side) -> Vec<BusyNumber> {
    log.today().busiest(side).top(BUSY).collect()
}

fn seen_party(call: PassedCall) -> SeenParty {
    SeenParty {
        id: call.id,
        time: call.time,
        caller: call.caller,
        called: call.called,
        trunk: call.trunk,
    }
}

fn recent_call(call: BlockedCall) -> RecentCall {
    RecentCall {
        id: call.id,
        time: call.time,
        caller: call.caller,
        called: call.called,
        rule: RuleId(call.rule),
        pattern: call.pattern,
        outcome: call.outcome,
    }
}

pub(super) fn list_figures(list: NamedCounts) -> ListFigures {
    ListFigures {
        blocked: list.counts(),
        name: list.name,
    }
}

pub(super) fn without_scopes(rule: RuleFigures) -> RuleFigures {
    RuleFigures {
        scopes: None,
        ..rule
    }
}

fn live(daemon: &Daemon) -> Result<Live, ApiError> {
    let (journal, state) = (&daemon.journal, &daemon.rules);
    journal.settle_for_report(state)?;
    let newest = journal
        .reader()?
        .page(&CallFilter::default(), Order::Newest, RECENT)?;
    let log = status::log_figures(journal)?;
    let seen: Vec<PassedCall> = journal.seen().newest(|_| true).take(RECENT).collect();
    let rules = state.in_force.try_read();
    let names = state.names();
    let enforcement = daemon.enforcement.lock();
    let counted = journal.log();
    let totals = || counted.ledger.totals();
    let sums = stats::sums(totals(), &names);
    let rules = stats::busiest_rules(totals(), rules.as_deref(), &names, BUSY);
    let clock = Clock::read();
    Ok(Live {
        time: clock::shown(clock.wall()),
        monotonic: clock.monotonic() / 1_000_000,
        daemon: status::daemon(daemon, &enforcement.kernel, &counted.ledger),
        trunks: with_idle(sums.trunks, daemon.settings.active().trunk_names()),
        lists: sums.lists.into_iter().map(list_figures).collect(),
        rules: rules.into_iter().map(without_scopes).collect(),
        callers: busiest(&counted, Side::Caller),
        called: busiest(&counted, Side::Called),
        seen: seen.into_iter().map(seen_party).collect(),
        calls: newest.into_iter().map(recent_call).collect(),
        rows: log.newest.saturating_sub(log.oldest.saturating_sub(1)),
    })
}

pub(super) async fn show(State(daemon): State<Daemon>) -> Result<Json<Live>, ApiError> {
    spawn_blocking(move || Ok(Json(live(&daemon)?))).await?
}
