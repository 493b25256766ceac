//! `/v1/live`: what a screen shows that is drawn again every second. All counters are totals;
//! whoever asks twice knows the rates.

use serde::{Deserialize, Serialize};

use super::counts::{BusyNumber, Counts, TrunkFigures};
use super::stats::RuleFigures;
use super::status::DaemonFigures;
use blacklist_model::RuleId;

/// What the rules of one list blocked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListFigures {
    /// Its name.
    pub name: String,
    /// Blocked by its rules.
    pub blocked: Counts,
}

/// A call that passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// The daemon's clock, RFC 3339.
    pub time: String,
    /// Milliseconds of a clock that nobody sets, for rates.
    pub monotonic: u64,
    /// How the daemon is.
    #[serde(flatten)]
    pub daemon: DaemonFigures,
    /// Trunks, and the peers that no trunk names.
    pub trunks: Vec<TrunkFigures>,
    /// Lists.
    pub lists: Vec<ListFigures>,
    /// The rules that decided most, the busiest first.
    pub rules: Vec<RuleFigures>,
    /// The callers of most blocked calls of today.
    pub callers: Vec<BusyNumber>,
    /// The called parties of most blocked calls of today.
    pub called: Vec<BusyNumber>,
    /// A sample of the calls that passed, the newest first.
    pub seen: Vec<SeenParty>,
    /// Blocked calls, the newest first.
    pub calls: Vec<RecentCall>,
    /// Rows in the log.
    pub rows: u64,
}
