//! `/v1/status`: whether calls are judged, how, and what became of packets.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{ABI_VERSION, Counter};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::error::ApiError;
use crate::daemon::{Core, Shared};
use crate::kernel::{KernelError, XdpMode};
use crate::rules::{ListKind, PatternKind};

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
}

/// Rules by kind.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct RuleCounts {
    /// All.
    pub total: u64,
    /// In force.
    pub enabled: u64,
    /// Not in force.
    pub disabled: u64,
    /// Exact ones.
    pub exact: u64,
    /// Prefixes.
    pub prefix: u64,
    /// Allow rules.
    pub allow: u64,
    /// Block rules.
    pub block: u64,
}

/// Events on their way to the journal.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct EventCounts {
    /// Received since this daemon began.
    pub received: u64,
    /// Lost because the ring was full.
    pub lost: u64,
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
    /// Blocked.
    pub blocked: Counts,
    /// Would have been blocked.
    pub monitored: Counts,
    /// What became of packets, by the name of the outcome.
    pub outcomes: BTreeMap<String, Counts>,
    /// Events.
    pub events: EventCounts,
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

/// Calls that were kept from going through, and calls that monitoring let through.
pub(super) fn totals(core: &Core) -> Result<(Counts, Counts), KernelError> {
    let mut blocked = Counts::default();
    let mut monitored = Counts::default();
    for (outcome, counter) in core.kernel.outcomes()? {
        let total = if outcome.is_dropped() {
            &mut blocked
        } else if outcome == Outcome::Monitored {
            &mut monitored
        } else {
            continue;
        };
        total.calls += counter.calls;
        total.packets += counter.packets;
    }
    Ok((blocked, monitored))
}

fn interfaces(core: &Core) -> Vec<InterfaceObject> {
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
        }
    };
    core.configuration.interfaces.iter().map(of).collect()
}

fn rule_counts(core: &Core) -> RuleCounts {
    let mut counts = RuleCounts::default();
    for rule in core.rules.iter() {
        counts.total += 1;
        *(if rule.enabled {
            &mut counts.enabled
        } else {
            &mut counts.disabled
        }) += 1;
        *match rule.pattern.kind {
            PatternKind::Exact => &mut counts.exact,
            PatternKind::Prefix => &mut counts.prefix,
        } += 1;
        *match rule.list {
            ListKind::Allow => &mut counts.allow,
            ListKind::Block => &mut counts.block,
        } += 1;
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
        })
        .collect()
}

fn status(core: &Core) -> Result<StatusObject, KernelError> {
    let problems = core.problems();
    let (blocked, monitored) = totals(core)?;
    let outcomes = core.kernel.outcomes()?.into_iter();
    Ok(StatusObject {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        abi_version: ABI_VERSION,
        mode: core.configuration.mode.as_str().to_owned(),
        health: if problems.is_empty() {
            "ok"
        } else {
            "degraded"
        }
        .to_owned(),
        problems,
        generation: core.kernel.generation(),
        interfaces: interfaces(core),
        rules: rule_counts(core),
        blocked,
        monitored,
        outcomes: outcomes
            .map(|(outcome, counter)| (outcome.as_str().to_owned(), counter.into()))
            .collect(),
        events: EventCounts {
            received: core.journal.received(),
            lost: core.kernel.lost_events()?,
        },
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
    spawn_blocking(move || Ok(Json(status(&shared.lock())?))).await?
}
