//! `/v1/status`: whether calls are judged, how, and what became of packets.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::ABI_VERSION;
use tokio::task::spawn_blocking;

use super::coverage;
use super::error::ApiError;
use crate::config::{Configuration, Interface};
use crate::daemon::{Daemon, Journal, NameTable};
use blacklist_figures::{
    Counts, DaemonFigures, EventCounts, InterfaceFigures, LogFigures, RuleCounts, Shares, Status,
    TrunkSettings,
};
use blacklist_kernel::Kernel;
use blacklist_model::{Effective, MatchKind, RuleKind};
use blacklist_store::journal::{Account, CompanionResult, Ledger};
use blacklist_store::rules::Reading as _;

fn interfaces(kernel: &Kernel, configuration: &Configuration) -> Vec<InterfaceFigures> {
    let attachments = kernel.attachments();
    let of = |interface: &Interface| {
        let attachment = attachments
            .iter()
            .find(|attachment| attachment.interface == interface.name);
        let mode = attachment.map_or(interface.xdp, |attachment| attachment.mode);
        InterfaceFigures {
            name: interface.name.clone(),
            index: nix::net::if_::if_nametoindex(interface.name.as_str()).unwrap_or_default(),
            xdp_mode: mode.as_str().to_owned(),
            attached: attachment.is_some_and(|attachment| attachment.alive),
            reply_hook: kernel
                .reply_hook(&interface.name)
                .map(|hook| hook.as_str().to_owned()),
        }
    };
    configuration.interfaces.iter().map(of).collect()
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

fn trunks(configuration: &Configuration) -> Vec<TrunkSettings> {
    let trunks = configuration.trunks.iter();
    trunks
        .map(|trunk| TrunkSettings {
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

/// What became of packets, by the name of the outcome.
pub(super) fn outcomes(ledger: &Ledger) -> BTreeMap<String, Counts> {
    Outcome::ALL
        .map(|outcome| {
            let sum = ledger.total(&Account::Outcome(outcome));
            (outcome.as_str().to_owned(), sum.into())
        })
        .into()
}

/// What became of calls, on both paths.
pub(super) fn shares(ledger: &Ledger) -> Shares {
    let mut shares = Shares::default();
    let outcomes = Outcome::ALL.map(Account::Outcome).into_iter();
    for account in outcomes.chain(CompanionResult::ALL.map(Account::Companion)) {
        account.add_to(&mut shares, ledger.total(&account));
    }
    shares
}

/// How the daemon is, as far as it is in every answer.
pub(super) fn daemon(daemon: &Daemon, kernel: &Kernel, ledger: &Ledger) -> DaemonFigures {
    let configuration = daemon.settings.active();
    let problems = daemon.problems.sentences();
    let health = if problems.is_empty() {
        "ok"
    } else {
        "degraded"
    };
    DaemonFigures {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        mode: configuration.mode.as_str().to_owned(),
        health: health.to_owned(),
        problems,
        generation: kernel.generation(),
        interfaces: interfaces(kernel, &configuration),
        outcomes: outcomes(ledger),
        events: EventCounts {
            received: daemon.journal.received(),
            lost: ledger.total(&Account::Lost).calls,
        },
    }
}

pub(super) fn log_figures(journal: &Journal) -> Result<LogFigures, ApiError> {
    let (oldest, newest) = journal.reader()?.ends()?;
    let log = journal.log();
    Ok(LogFigures {
        oldest,
        newest,
        open: log.open_calls() as u64,
        bytes: log.bytes()?,
        waiting_bytes: journal.waiting(),
        writer_silent_milliseconds: journal.silent_for(),
    })
}

/// How the daemon is at this moment.
pub(super) fn status(daemon: &Daemon) -> Result<Status, ApiError> {
    let (journal, state) = (&daemon.journal, &daemon.rules);
    // Never waits for rules that are being put in force.
    let next = state
        .in_force
        .try_read()
        .and_then(|rules| rules.next_rule_transition())
        .map(|time| time.to_string());
    journal.settle_for_report(state)?;
    let log = log_figures(journal)?;
    let pins = state.reader()?.pins()?.len() as u64;
    let configuration = daemon.settings.active();
    let (figures, shares, paths) = {
        let kernel = &daemon.enforcement.lock().kernel;
        let ledger = &journal.log().ledger;
        let figures = self::daemon(daemon, kernel, ledger);
        (figures, shares(ledger), coverage::paths(ledger))
    };
    Ok(Status {
        daemon: figures,
        abi_version: ABI_VERSION,
        rules: rule_counts(&state.names(), state.in_force.rule_count()),
        next_transition: next,
        blocked: shares.blocked,
        monitored: shares.monitored,
        log,
        sinks: daemon.shipping.statuses(),
        answers: daemon.answering.figures(),
        media: daemon.answering.media(),
        pins,
        pin_tries: daemon.pins.figures(),
        grants: state.in_force.grant_count(),
        paths,
        companion: daemon.companion.figures(),
        trunks: trunks(&configuration),
        pin_directory: configuration.kernel.pin_directory.display().to_string(),
    })
}

pub(super) async fn show(State(daemon): State<Daemon>) -> Result<Json<Status>, ApiError> {
    spawn_blocking(move || Ok(Json(status(&daemon)?))).await?
}
