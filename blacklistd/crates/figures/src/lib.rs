//! What was counted, which calls were blocked or passed, and how the daemon is, as plain values: the one read model that the API
//! serialises, that is encoded for Prometheus, and that the command line draws. How
//! the values are collected is not known here.

mod calls;
mod counts;
mod live;
mod parts;
mod stats;
mod status;
mod tries;

pub use calls::{BlockedCall, CaptureCounts, PassedCall};
pub use counts::{BusyNumber, Counts, NamedCounts, PathFigures, Shares, TrunkFigures};
pub use live::{ListFigures, Live, RecentCall, SeenParty};
pub use parts::{AnswerFigures, CompanionFigures, HostFigures, SinkStatus};
pub use stats::{DEFAULT_TOP, DEFAULTS_OF_SCOPES, HourFigures, RuleFigures, Stats, Sums};
pub use status::{
    DaemonFigures, EventCounts, InterfaceFigures, LogFigures, RuleCounts, Status, TrunkSettings,
};
pub use tries::{AttemptFigures, Tried};

/// All figures of a moment, for Prometheus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// The daemon's state.
    pub status: Status,
    /// Totals, including trunks and lists that have counted nothing.
    pub sums: Sums,
    /// Decided calls by rule id; empty if not requested.
    pub rules: Vec<(u32, Counts)>,
    /// Calls that the companion was asked about, by what happened to them.
    pub companion: Vec<NamedCounts>,
    /// Calls that were written to the log.
    pub logged: u64,
    /// When the daemon was started, in seconds since 1970.
    pub begun: f64,
    /// The daemon's threads, each with the milliseconds since its last sign of life.
    pub silent_for: Vec<(&'static str, u64)>,
    /// Capacities of the tables of rules, calls and events.
    pub capacities: [u32; 3],
}
