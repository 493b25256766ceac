//! `/v1/live`: what a screen shows that is drawn again every second. All counters are totals;
//! whoever asks twice knows the rates.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use super::stats;
use super::status::{self, Counts, EventCounts, InterfaceObject};
use crate::daemon::{Core, Shared};
use crate::journal::{Account, BlockedCall, CallFilter, CallLog, Order, PassedCall, Side};
use crate::model::{Clock, clock};
use crate::rules::{RuleId, RuleKind};

/// Calls of each kind that are told; the newest.
const RECENT: usize = 200;
/// Rules and numbers that are told; the busiest.
const BUSY: usize = 200;

/// The calls of one trunk.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct TrunkTraffic {
    /// Its name; empty for the peers that no trunk names.
    pub name: String,
    /// Went through.
    pub passed: Counts,
    /// Kept from going through.
    pub blocked: Counts,
    /// Would have been blocked.
    pub monitored: Counts,
    /// Went through because they were not read with certainty.
    pub ambiguous: Counts,
}

/// What the rules of one list blocked.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ListTraffic {
    /// Its name.
    pub name: String,
    /// Blocked by its rules.
    pub blocked: Counts,
}

/// What one rule decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleTraffic {
    /// Its id; 0 for a scope's default.
    pub id: RuleId,
    /// Its pattern; `default of SCOPE` for a scope's default.
    pub pattern: String,
    /// Its list; empty for a scope's default.
    pub list: String,
    /// Block or allow.
    pub kind: RuleKind,
    /// Calls that it decided.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
}

/// A party of many blocked calls.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct BusyParty {
    /// Its number or name, escaped.
    pub number: String,
    /// Blocked calls of today.
    pub calls: u64,
    /// By how much this is too high at most.
    pub error: u64,
}

/// A call that passed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SeenParty {
    /// Its name in the sample: `s17`.
    pub id: String,
    /// When it came, RFC 3339.
    pub time: String,
    /// Canonical caller, escaped; empty if there is none.
    pub caller: String,
    /// Canonical called party, escaped.
    pub called: String,
    /// The peer's trunk; empty for none.
    pub trunk: String,
}

/// A blocked call.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RecentCall {
    /// Its number in the log.
    pub id: u64,
    /// When its first packet came, RFC 3339.
    pub time: String,
    /// Canonical caller, escaped; empty if there is none.
    pub caller: String,
    /// Canonical called party, escaped.
    pub called: String,
    /// The rule's id; 0 if the rule is gone or it was a scope's default.
    pub rule: RuleId,
    /// The rule's pattern at that time.
    pub pattern: String,
    /// What was done.
    pub outcome: String,
}

/// The whole.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LiveObject {
    /// The daemon's clock, RFC 3339.
    pub time: String,
    /// Milliseconds of a clock that nobody sets, for rates.
    pub monotonic: u64,
    /// The daemon's version.
    pub version: String,
    /// `enforce` or `monitor`.
    pub mode: String,
    /// `ok` or `degraded`.
    pub health: String,
    /// What is wrong.
    pub problems: Vec<String>,
    /// Generation in force.
    pub generation: u64,
    /// Interfaces.
    pub interfaces: Vec<InterfaceObject>,
    /// What became of packets, by the name of the outcome.
    pub outcomes: BTreeMap<String, Counts>,
    /// Trunks, and the peers that no trunk names.
    pub trunks: Vec<TrunkTraffic>,
    /// Lists.
    pub lists: Vec<ListTraffic>,
    /// The rules that decided most, the busiest first.
    pub rules: Vec<RuleTraffic>,
    /// The callers of most blocked calls of today.
    pub callers: Vec<BusyParty>,
    /// The called parties of most blocked calls of today.
    pub called: Vec<BusyParty>,
    /// A sample of the calls that passed, the newest first.
    pub seen: Vec<SeenParty>,
    /// Blocked calls, the newest first.
    pub calls: Vec<RecentCall>,
    /// Events on their way to the log.
    pub events: EventCounts,
    /// Rows in the log.
    pub rows: u64,
}

fn traffic(trunk: stats::TrunkStats) -> TrunkTraffic {
    let stats::TrunkStats {
        name,
        passed,
        blocked,
        monitored,
        ambiguous,
    } = trunk;
    TrunkTraffic {
        name,
        passed,
        blocked,
        monitored,
        ambiguous,
    }
}

/// Trunks of the configuration of which nothing was counted yet stand there too.
fn with_idle(mut trunks: Vec<TrunkTraffic>, core: &Core) -> Vec<TrunkTraffic> {
    for trunk in &core.configuration.trunks {
        if !trunks.iter().any(|known| known.name == trunk.name) {
            trunks.push(TrunkTraffic {
                name: trunk.name.clone(),
                ..TrunkTraffic::default()
            });
        }
    }
    trunks
}

fn busiest(log: &CallLog, side: Side) -> Vec<BusyParty> {
    let top = log.today().busiest(side).top(BUSY);
    top.map(|busy| BusyParty {
        number: busy.number,
        calls: busy.calls,
        error: busy.error,
    })
    .collect()
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

fn list_traffic(list: stats::NamedStats) -> ListTraffic {
    ListTraffic {
        name: list.name,
        blocked: Counts {
            calls: list.calls,
            packets: list.packets,
        },
    }
}

fn rule_traffic(rule: stats::RuleStats) -> RuleTraffic {
    RuleTraffic {
        id: rule.id,
        pattern: rule.pattern,
        list: rule.list,
        kind: rule.kind,
        calls: rule.calls,
        packets: rule.packets,
    }
}

fn live(shared: &Shared) -> Result<LiveObject, ApiError> {
    shared.settle()?;
    let journal = shared.journal();
    let newest = journal
        .reader()?
        .page(&CallFilter::default(), Order::Newest, RECENT)?;
    let log = status::log_object(shared)?;
    let seen: Vec<PassedCall> = journal.seen().newest(|_| true).take(RECENT).collect();
    let outcomes = status::outcomes(shared).into_iter();
    let rules = shared.try_rules();
    let names = shared.names();
    let core = shared.lock();
    let sums = journal.log();
    let totals = || sums.ledger.totals();
    let trunks = stats::by_trunk(totals()).into_iter().map(traffic).collect();
    let lists = stats::by_list(totals(), &names).into_iter();
    let busy_rules = stats::busiest_rules(totals(), rules.as_deref(), &names, BUSY).into_iter();
    let problems = core.problems();
    let clock = Clock::read();
    Ok(LiveObject {
        time: clock::shown(clock.wall()),
        monotonic: clock.monotonic() / 1_000_000,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: core.configuration.mode.as_str().to_owned(),
        health: status::health(&problems).to_owned(),
        problems,
        generation: core.kernel.generation(),
        interfaces: status::interfaces(&core),
        outcomes: outcomes
            .map(|(outcome, counter)| (outcome.as_str().to_owned(), counter.into()))
            .collect(),
        trunks: with_idle(trunks, &core),
        lists: lists.map(list_traffic).collect(),
        rules: busy_rules.map(rule_traffic).collect(),
        callers: busiest(&sums, Side::Caller),
        called: busiest(&sums, Side::Called),
        seen: seen.into_iter().map(seen_party).collect(),
        calls: newest.into_iter().map(recent_call).collect(),
        events: EventCounts {
            received: journal.received(),
            lost: sums.ledger.total(&Account::Lost).calls,
        },
        rows: log.newest.saturating_sub(log.oldest.saturating_sub(1)),
    })
}

pub(super) async fn show(State(shared): State<Shared>) -> Result<Json<LiveObject>, ApiError> {
    spawn_blocking(move || Ok(Json(live(&shared)?))).await?
}
