//! `/v1/live`: what a screen that is redrawn every second shows. All counters are totals, from
//! which clients compute rates.

use serde::{Deserialize, Serialize};

use super::counts::{BusyNumber, Counts, TrunkFigures};
use super::stats::RuleFigures;
use super::status::DaemonFigures;
use blacklist_model::RuleId;

/// What the rules of a list have blocked.
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
    /// Its id in the sample, such as `s17`.
    pub id: String,
    /// When it arrived, RFC 3339.
    pub time: String,
    /// Canonical caller, escaped; empty if unknown.
    pub caller: String,
    /// Canonical called party, escaped.
    pub called: String,
    /// The peer's trunk; empty if it belongs to none.
    pub trunk: String,
}

/// A blocked call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentCall {
    /// Its id in the log.
    pub id: u64,
    /// When its first packet arrived, RFC 3339.
    pub time: String,
    /// Canonical caller, escaped; empty if unknown.
    pub caller: String,
    /// Canonical called party, escaped.
    pub called: String,
    /// The rule's id; 0 for a scope's default, or if the rule was removed.
    pub rule: RuleId,
    /// The rule's pattern at that time.
    pub pattern: String,
    /// What was done.
    pub outcome: String,
}

/// The live view.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// The daemon's clock, RFC 3339.
    pub time: String,
    /// Milliseconds of a monotonic clock, for rates.
    pub monotonic: u64,
    /// The daemon's state.
    #[serde(flatten)]
    pub daemon: DaemonFigures,
    /// Trunks, and the peers that belong to none.
    pub trunks: Vec<TrunkFigures>,
    /// Lists.
    pub lists: Vec<ListFigures>,
    /// The rules that decided most calls, in descending order.
    pub rules: Vec<RuleFigures>,
    /// The callers with the most blocked calls today.
    pub callers: Vec<BusyNumber>,
    /// The called parties with the most blocked calls today.
    pub called: Vec<BusyNumber>,
    /// A sample of the calls that passed, newest first.
    pub seen: Vec<SeenParty>,
    /// Blocked calls, newest first.
    pub calls: Vec<RecentCall>,
    /// Number of rows in the log.
    pub rows: u64,
}
