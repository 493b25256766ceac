//! `/v1/status`: whether calls are judged, how, and what became of packets.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{ABI_VERSION, Counter};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::coverage::{self, PathObject};
use super::error::ApiError;
use super::stats::Totals;
use crate::daemon::{AnswerFigures, CompanionFigures, Core, NameTable, Shared};
use crate::host::HostFigures;
use crate::journal::{Account, Passage};
use crate::kernel::XdpMode;
use crate::pin::AttemptFigures;
use crate::rules::{Effective, MatchKind, RuleKind};
use crate::ship::SinkStatus;
use crate::store::Reading as _;

/// Calls and packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Calls, each counted once.
    pub calls: u64,
    /// Packets.
    pub packets: u64,
}

/// An interface and the program on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InterfaceObject {
    /// Its name.
    pub name: String,
    /// Its index; 0 while it does not exist.
    pub index: u32,
    /// `native` or `generic`.
    pub xdp_mode: String,
    /// Whether its packets are judged.
    pub attached: bool,
    /// Where answers that leave by it get their port: `tcx` or `clsact`; none while there are none.
    #[serde(default)]
    pub reply_hook: Option<String>,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct RuleCounts {
    /// All rules.
    pub total: u64,
    /// Switched on, and their lists too.
    pub enabled: u64,
    /// Switched off, or their lists.
    pub disabled: u64,
    /// In force now; an enabled rule is not at another time than its own.
    pub in_force: u64,
    /// Exact numbers and names.
    pub exact: u64,
    /// Prefixes.
    pub prefix: u64,
    /// Wildcards.
    pub wildcard: u64,
    /// Anonymous callers.
    pub anonymous: u64,
    /// Callers whose identity nobody vouches for.
    pub unverified: u64,
    /// Everybody.
    pub everything: u64,
    /// Allow rules.
    pub allow: u64,
    /// Block rules.
    pub block: u64,
    /// With a time or a schedule.
    pub timed: u64,
    /// Decided in the kernel.
    pub in_kernel: u64,
    /// Left to user space.
    pub in_user_space: u64,
    /// Lists.
    pub lists: u64,
    /// Scopes.
    pub scopes: u64,
}

/// Events on their way to the journal.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct EventCounts {
    /// Received since this daemon began.
    pub received: u64,
    /// Lost because the ring was full.
    pub lost: u64,
}

/// The log of blocked calls on disk.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct LogObject {
    /// Number of the oldest call in it; 0 for none.
    pub oldest: u64,
    /// Number of the newest one.
    pub newest: u64,
    /// Calls whose INVITE may still be repeated.
    pub open: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Bytes of events that are not written yet.
    pub waiting_bytes: u64,
    /// How long ago its writer was alive.
    pub writer_silent_milliseconds: u64,
}

/// A trunk.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TrunkObject {
    /// Its name.
    pub name: String,
    /// Its networks.
    pub peers: Vec<String>,
    /// `enforce` or `monitor`.
    pub mode: String,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// Whether it is outside of all judgement.
    pub bypass: bool,
    /// What becomes of calls that blacklistd would answer while it is not there: `pass` or `drop`.
    #[serde(default)]
    pub when_down: String,
}

/// The whole.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusObject {
    /// The daemon's version.
    pub version: String,
    /// Version of the tables' layout.
    pub abi_version: u32,
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
    /// Rules by kind.
    pub rules: RuleCounts,
    /// When a rule comes into force or goes out of it next, RFC 3339.
    #[serde(default)]
    pub next_transition: Option<String>,
    /// Blocked.
    pub blocked: Counts,
    /// Would have been blocked.
    pub monitored: Counts,
    /// What became of packets, by the name of the outcome.
    pub outcomes: BTreeMap<String, Counts>,
    /// Events.
    pub events: EventCounts,
    /// The log of blocked calls.
    #[serde(default)]
    pub log: LogObject,
    /// Where it is shipped to.
    #[serde(default)]
    pub sinks: Vec<SinkStatus>,
    /// Answers to blocked calls since this daemon began.
    #[serde(default)]
    pub answers: AnswerFigures,
    /// What the media host has done since this daemon began.
    #[serde(default)]
    pub media: HostFigures,
    /// Scopes that have a PIN.
    #[serde(default)]
    pub pins: u64,
    /// Tries of PINs since this daemon began.
    #[serde(default)]
    pub pin_tries: AttemptFigures,
    /// Grants in force.
    #[serde(default)]
    pub grants: u64,
    /// Who decided how many calls.
    #[serde(default)]
    pub paths: Vec<PathObject>,
    /// What became of questions since this daemon began.
    #[serde(default)]
    pub companion: CompanionFigures,
    /// Trunks.
    pub trunks: Vec<TrunkObject>,
    /// Where programs and tables are pinned.
    pub pin_directory: String,
}

impl From<Counter> for Counts {
    fn from(counter: Counter) -> Self {
        Self {
            calls: counter.calls,
            packets: counter.packets,
        }
    }
}

pub(super) fn interfaces(core: &Core) -> Vec<InterfaceObject> {
    let attachments = core.kernel.attachments();
    let of = |interface: &crate::config::Interface| {
        let attachment = attachments
            .iter()
            .find(|attachment| attachment.interface == interface.name);
        let mode = attachment.map_or(interface.xdp, |attachment| attachment.mode);
        InterfaceObject {
            name: interface.name.clone(),
            index: nix::net::if_::if_nametoindex(interface.name.as_str()).unwrap_or_default(),
            xdp_mode: match mode {
                XdpMode::Native => "native",
                XdpMode::Generic => "generic",
            }
            .to_owned(),
            attached: attachment.is_some_and(|attachment| attachment.alive),
            reply_hook: core
                .kernel
                .reply_hook(&interface.name)
                .map(|hook| hook.as_str().to_owned()),
        }
    };
    core.configuration.interfaces.iter().map(of).collect()
}

pub(super) fn rule_counts(names: &NameTable, in_force: u64) -> RuleCounts {
    let mut counts = RuleCounts {
        in_force,
        lists: names.lists().count() as u64,
        scopes: names.scopes().count() as u64,
        ..RuleCounts::default()
    };
    for (sort, number) in names.tally.iter() {
        let list = names.list(sort.list).map(|list| &list.list);
        let list_is_on = list.is_none_or(|list| list.enabled);
        let kind = list.map_or(RuleKind::default(), |list| {
            Effective::kind_of(sort.kind, list)
        });
        let add = |condition: bool, place: &mut u64| {
            if condition {
                *place += number;
            }
        };
        add(true, &mut counts.total);
        add(sort.enabled && list_is_on, &mut counts.enabled);
        add(!(sort.enabled && list_is_on), &mut counts.disabled);
        add(kind == RuleKind::Allow, &mut counts.allow);
        add(kind == RuleKind::Block, &mut counts.block);
        add(sort.timed, &mut counts.timed);
        add(sort.in_kernel, &mut counts.in_kernel);
        add(!sort.in_kernel, &mut counts.in_user_space);
        let matching = match sort.matching {
            MatchKind::Exact => &mut counts.exact,
            MatchKind::Prefix => &mut counts.prefix,
            MatchKind::Wildcard => &mut counts.wildcard,
            MatchKind::Anonymous => &mut counts.anonymous,
            MatchKind::Unverified => &mut counts.unverified,
            MatchKind::Everything => &mut counts.everything,
        };
        add(true, matching);
    }
    counts
}

fn trunks(core: &Core) -> Vec<TrunkObject> {
    let trunks = core.configuration.trunks.iter();
    trunks
        .map(|trunk| TrunkObject {
            name: trunk.name.clone(),
            peers: trunk.peers.iter().map(ToString::to_string).collect(),
            mode: trunk.mode.as_str().to_owned(),
            direction: trunk.direction.as_str().to_owned(),
            bypass: trunk.bypass,
            when_down: if trunk.drops_when_down {
                "drop"
            } else {
                "pass"
            }
            .to_owned(),
        })
        .collect()
}

/// The word for it.
pub(super) const fn health(problems: &[String]) -> &'static str {
    if problems.is_empty() {
        "ok"
    } else {
        "degraded"
    }
}

/// What was counted by outcome, in the order of [`Outcome::ALL`].
pub(super) fn outcomes(shared: &Shared) -> Vec<(Outcome, Counter)> {
    let log = shared.journal().log();
    let of = |outcome| (outcome, log.ledger.total(&Account::Outcome(outcome)));
    Outcome::ALL.into_iter().map(of).collect()
}

pub(super) fn log_object(shared: &Shared) -> Result<LogObject, ApiError> {
    let journal = shared.journal();
    let (oldest, newest) = journal.reader()?.ends()?;
    let log = journal.log();
    Ok(LogObject {
        oldest,
        newest,
        open: log.open_calls() as u64,
        bytes: log.bytes()?,
        waiting_bytes: journal.waiting(),
        writer_silent_milliseconds: journal.silent_for(),
    })
}

fn status(shared: &Shared) -> Result<StatusObject, ApiError> {
    // Never waits for rules that are being put in force.
    let next = shared
        .try_rules()
        .and_then(|rules| rules.next_rule_transition())
        .map(|time| time.to_string());
    shared.settle()?;
    let sinks = shared.sinks();
    let names = shared.names();
    let core = &*shared.lock();
    let problems = core.problems();
    let log = log_object(shared)?;
    let outcomes = outcomes(shared);
    let (paths, asked) = {
        let ledger = &shared.journal().log().ledger;
        let asked = |passage| (passage, ledger.total(&Account::Companion(passage)));
        (coverage::paths(ledger), Passage::ALL.map(asked))
    };
    let totals = Totals::of(outcomes.iter().copied()).with(asked.into_iter());
    Ok(StatusObject {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        abi_version: ABI_VERSION,
        mode: core.configuration.mode.as_str().to_owned(),
        health: health(&problems).to_owned(),
        problems,
        generation: core.kernel.generation(),
        interfaces: interfaces(core),
        rules: rule_counts(&names, core.in_force),
        next_transition: next,
        blocked: totals.blocked,
        monitored: totals.monitored,
        answers: shared.answering().figures(),
        media: shared.answering().media(),
        pins: shared.reader()?.pins()?.len() as u64,
        pin_tries: shared.pins().figures(),
        grants: core.grants,
        paths,
        companion: shared.companion().figures(),
        outcomes: outcomes
            .into_iter()
            .map(|(outcome, counter)| (outcome.as_str().to_owned(), counter.into()))
            .collect(),
        events: EventCounts {
            received: core.journal.received(),
            lost: shared.journal().log().ledger.total(&Account::Lost).calls,
        },
        log,
        sinks,
        trunks: trunks(core),
        pin_directory: core
            .configuration
            .kernel
            .pin_directory
            .display()
            .to_string(),
    })
}

pub(super) async fn show(State(shared): State<Shared>) -> Result<Json<StatusObject>, ApiError> {
    spawn_blocking(move || Ok(Json(status(&shared)?))).await?
}
