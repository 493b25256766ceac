//! `/v1/status`: whether and how calls are judged, and what happened to packets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::counts::{Counts, PathFigures};
use super::parts::{AnswerFigures, CompanionFigures, HostFigures, SinkStatus};
use super::tries::AttemptFigures;

/// An interface and its XDP program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterfaceFigures {
    /// Its name.
    pub name: String,
    /// Its index; 0 while it does not exist.
    pub index: u32,
    /// `native` or `generic`.
    pub xdp_mode: String,
    /// Whether its packets are judged.
    pub attached: bool,
    /// Hook at which outgoing responses get their port: `tcx` or `clsact`; `None` without one.
    #[serde(default)]
    pub reply_hook: Option<String>,
}

/// Numbers of rules, lists and scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCounts {
    /// All rules.
    pub total: u64,
    /// Enabled, as are their lists.
    pub enabled: u64,
    /// Disabled, or their lists are.
    pub disabled: u64,
    /// In force; an enabled rule may be outside of its schedule.
    pub in_force: u64,
    /// Exact numbers and names.
    pub exact: u64,
    /// Prefixes.
    pub prefix: u64,
    /// Wildcards.
    pub wildcard: u64,
    /// Anonymous callers.
    pub anonymous: u64,
    /// Callers whose identity is not verified.
    pub unverified: u64,
    /// Every call.
    pub everything: u64,
    /// Allow rules.
    pub allow: u64,
    /// Block rules.
    pub block: u64,
    /// With a validity or a schedule.
    pub timed: u64,
    /// Matched in the kernel.
    pub in_kernel: u64,
    /// Matched in user space.
    pub in_user_space: u64,
    /// Lists.
    pub lists: u64,
    /// Scopes.
    pub scopes: u64,
}

/// Events on their way to the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCounts {
    /// Received since the daemon's start.
    pub received: u64,
    /// Lost because the ring was full.
    pub lost: u64,
}

/// The log of blocked calls on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFigures {
    /// Id of the oldest call; 0 if there are none.
    pub oldest: u64,
    /// Id of the newest call.
    pub newest: u64,
    /// Calls whose INVITE may still be retransmitted.
    pub open: u64,
    /// Bytes on disk.
    pub bytes: u64,
    /// Bytes of events that are not written yet.
    pub waiting_bytes: u64,
    /// Milliseconds since its writer's last sign of life.
    pub writer_silent_milliseconds: u64,
}

/// A trunk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrunkSettings {
    /// Its name.
    pub name: String,
    /// Its networks.
    pub peers: Vec<String>,
    /// `enforce` or `monitor`.
    pub mode: String,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// Whether its calls are not judged.
    pub bypass: bool,
    /// What happens to calls for the daemon to answer while it is not running: `pass` or `drop`.
    #[serde(default)]
    pub when_down: String,
}

/// The daemon's state, and what happened to packets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DaemonFigures {
    /// The daemon's version.
    pub version: String,
    /// `enforce` or `monitor`.
    pub mode: String,
    /// `ok` or `degraded`.
    pub health: String,
    /// What is wrong.
    pub problems: Vec<String>,
    /// Number of the generation in force.
    pub generation: u64,
    /// Interfaces.
    pub interfaces: Vec<InterfaceFigures>,
    /// Packets by outcome.
    pub outcomes: BTreeMap<String, Counts>,
    /// Events on their way to the log.
    pub events: EventCounts,
}

/// The status.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The daemon's state.
    #[serde(flatten)]
    pub daemon: DaemonFigures,
    /// Version of the tables' layout.
    pub abi_version: u32,
    /// Rules by kind.
    pub rules: RuleCounts,
    /// When a rule next starts or stops being in force, RFC 3339.
    #[serde(default)]
    pub next_transition: Option<String>,
    /// Blocked calls.
    pub blocked: Counts,
    /// Calls that would have been blocked.
    pub monitored: Counts,
    /// The log of blocked calls.
    #[serde(default)]
    pub log: LogFigures,
    /// Its sinks.
    #[serde(default)]
    pub sinks: Vec<SinkStatus>,
    /// Answers to blocked calls since the daemon's start.
    #[serde(default)]
    pub answers: AnswerFigures,
    /// What the media host has done since the daemon's start.
    #[serde(default)]
    pub media: HostFigures,
    /// Number of scopes with a PIN.
    #[serde(default)]
    pub pins: u64,
    /// PIN attempts since the daemon's start.
    #[serde(default)]
    pub pin_tries: AttemptFigures,
    /// Number of grants in force.
    #[serde(default)]
    pub grants: u64,
    /// Calls by path and by what happened to them.
    #[serde(default)]
    pub paths: Vec<PathFigures>,
    /// Questions to the companion since the daemon's start.
    #[serde(default)]
    pub companion: CompanionFigures,
    /// Trunks.
    pub trunks: Vec<TrunkSettings>,
    /// Where programs and tables are pinned.
    pub pin_directory: String,
}
