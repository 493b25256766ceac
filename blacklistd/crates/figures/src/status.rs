//! `/v1/status`: whether calls are judged, how, and what became of packets.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::counts::{Counts, PathFigures};
use super::parts::{AnswerFigures, CompanionFigures, HostFigures, SinkStatus};
use super::tries::AttemptFigures;

/// An interface and the program on it.
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
    /// Where answers that leave by it get their port: `tcx` or `clsact`; none while there are none.
    #[serde(default)]
    pub reply_hook: Option<String>,
}

/// How many there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventCounts {
    /// Received since this daemon began.
    pub received: u64,
    /// Lost because the ring was full.
    pub lost: u64,
}

/// The log of blocked calls on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogFigures {
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
    /// Whether it is outside of all judgement.
    pub bypass: bool,
    /// What becomes of calls that blacklistd would answer while it is not there: `pass` or `drop`.
    #[serde(default)]
    pub when_down: String,
}

/// How the daemon is, and what became of packets.
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
    /// Generation in force.
    pub generation: u64,
    /// Interfaces.
    pub interfaces: Vec<InterfaceFigures>,
    /// What became of packets, by the name of the outcome.
    pub outcomes: BTreeMap<String, Counts>,
    /// Events on their way to the log.
    pub events: EventCounts,
}

/// The whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// How the daemon is.
    #[serde(flatten)]
    pub daemon: DaemonFigures,
    /// Version of the tables' layout.
    pub abi_version: u32,
    /// Rules by kind.
    pub rules: RuleCounts,
    /// When a rule comes into force or goes out of it next, RFC 3339.
    #[serde(default)]
    pub next_transition: Option<String>,
    /// Blocked.
    pub blocked: Counts,
    /// Would have been blocked.
    pub monitored: Counts,
    /// The log of blocked calls.
    #[serde(default)]
    pub log: LogFigures,
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
    pub paths: Vec<PathFigures>,
    /// What became of questions since this daemon began.
    #[serde(default)]
    pub companion: CompanionFigures,
    /// Trunks.
    pub trunks: Vec<TrunkSettings>,
    /// Where programs and tables are pinned.
    pub pin_directory: String,
}
