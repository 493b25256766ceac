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

/// All figures of a moment, as Prometheus gets them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Figures {
    /// How the daemon is.
    pub status: Status,
    /// What was counted in all; trunks and lists that have counted nothing are in it too.
    pub sums: Sums,
    /// What was decided, by the rule's id in the slot table; empty if that is not asked for.
    pub rules: Vec<(u32, Counts)>,
    /// Calls that the daemon was asked about, by what became of them.
    pub companion: Vec<NamedCounts>,
    /// Calls that were written to the log.
    pub logged: u64,
    /// When the daemon began, in seconds since 1970.
    pub begun: f64,
    /// Parts of the daemon, and how many milliseconds ago each was alive.
    pub silent_for: Vec<(&'static str, u64)>,
    /// Entries that the tables of rules, calls and events can hold.
    pub capacities: [u32; 3],
}
