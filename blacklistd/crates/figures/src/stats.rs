//! `/v1/stats`: what was blocked in a period, by which rules, from whom and when.

use serde::{Deserialize, Serialize};

use super::counts::{BusyNumber, NamedCounts, Shares, TrunkFigures};
use blacklist_model::{RuleId, RuleKind};

/// Rows of each kind where the request names no number.
pub const DEFAULT_TOP: usize = 10;

/// The name among lists of what scopes' defaults decided.
pub const DEFAULTS_OF_SCOPES: &str = "(defaults of scopes)";

/// What one rule decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFigures {
    /// Its id; 0 for a scope's default.
    pub id: RuleId,
    /// Its pattern; `default of SCOPE` for a scope's default; empty if it is gone.
    pub pattern: String,
    /// Block or allow.
    pub kind: RuleKind,
    /// Its list; empty for a scope's default, and for a rule that is gone.
    pub list: String,
    /// For whom it is; none in `/v1/live`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Calls that it decided.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
}

/// One hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourFigures {
    /// Its beginning, RFC 3339.
    pub time: String,
    /// Calls that were kept from going through.
    pub blocked: u64,
    /// Calls that would have been.
    pub monitored: u64,
    /// Calls that were let through.
    pub passed: u64,
}

/// What was counted, in all or in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// What became of calls, on both paths.
    #[serde(flatten)]
    pub shares: Shares,
    /// Calls that were held on the line.
    #[serde(default)]
    pub held_calls: u64,
    /// Seconds for which they were.
    #[serde(default)]
    pub held_seconds: u64,
    /// Blocked calls that are not in the log, because events were lost.
    pub lost: u64,
    /// Calls that may have been counted twice, at most.
    pub forgotten: u64,
    /// Calls that were counted twice, as far as is known.
    pub recounted: u64,
    /// By action.
    pub actions: Vec<NamedCounts>,
    /// By list, the busiest first.
    pub lists: Vec<NamedCounts>,
    /// By trunk, the busiest first.
    pub trunks: Vec<TrunkFigures>,
}

/// The whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// From when, RFC 3339; none for the beginning.
    pub since: Option<String>,
    /// Until when, RFC 3339; none if until this moment.
    pub until: Option<String>,
    /// What was counted.
    #[serde(flatten)]
    pub sums: Sums,
    /// Blocked calls of a hundred that were judged; none if there were none.
    pub blocked_share: Option<f64>,
    /// By hour; empty for more than 31 days.
    pub hours: Vec<HourFigures>,
    /// Rules that decided anything, the busiest first.
    pub rules: Vec<RuleFigures>,
    /// Whose calls were blocked most.
    pub callers: Vec<BusyNumber>,
    /// Who was called most by blocked callers.
    pub called: Vec<BusyNumber>,
    /// Whether callers and called were counted one by one, so that there is no error.
    pub counted_one_by_one: bool,
}
