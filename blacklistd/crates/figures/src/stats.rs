//! `/v1/stats`: what was blocked in a period, by which rules, from whom and when.

use serde::{Deserialize, Serialize};

use super::counts::{BusyNumber, NamedCounts, Shares, TrunkFigures};
use blacklist_model::{RuleId, RuleKind};

/// Rows of each kind if the request sets no number.
pub const DEFAULT_TOP: usize = 10;

/// The name, among lists, for calls that the defaults of scopes decided.
pub const DEFAULTS_OF_SCOPES: &str = "(defaults of scopes)";

/// Calls that a rule decided.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleFigures {
    /// Its id; 0 for a scope's default.
    pub id: RuleId,
    /// Its pattern; `default of SCOPE` for a scope's default; empty if the rule was removed.
    pub pattern: String,
    /// Block or allow.
    pub kind: RuleKind,
    /// Its list; empty for a scope's default or a removed rule.
    pub list: String,
    /// Its scopes; `None` in `/v1/live`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// Calls that it decided.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
}

/// The calls of 1 hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourFigures {
    /// Its start, RFC 3339.
    pub time: String,
    /// Calls that were blocked.
    pub blocked: u64,
    /// Calls that would have been blocked.
    pub monitored: u64,
    /// Calls that were let through.
    pub passed: u64,
}

/// Totals, overall or of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Calls by what happened to them, on both paths.
    #[serde(flatten)]
    pub shares: Shares,
    /// Calls that were held on the line.
    #[serde(default)]
    pub held_calls: u64,
    /// Total seconds for which they were held.
    #[serde(default)]
    pub held_seconds: u64,
    /// Blocked calls that are missing from the log because events were lost.
    pub lost: u64,
    /// Calls that may have been counted twice; an upper bound.
    pub forgotten: u64,
    /// Calls that are known to be counted twice.
    pub recounted: u64,
    /// By action.
    pub actions: Vec<NamedCounts>,
    /// By list, in descending order.
    pub lists: Vec<NamedCounts>,
    /// By trunk, in descending order.
    pub trunks: Vec<TrunkFigures>,
}

/// The statistics of a period.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    /// Start of the period, RFC 3339; `None` for the beginning.
    pub since: Option<String>,
    /// End of the period, RFC 3339; `None` for now.
    pub until: Option<String>,
    /// What was counted.
    #[serde(flatten)]
    pub sums: Sums,
    /// Percentage of judged calls that were blocked; `None` if there were none.
    pub blocked_share: Option<f64>,
    /// By hour; empty for periods of more than 31 days.
    pub hours: Vec<HourFigures>,
    /// Rules that decided any calls, in descending order.
    pub rules: Vec<RuleFigures>,
    /// The callers with the most blocked calls.
    pub callers: Vec<BusyNumber>,
    /// The called parties with the most blocked calls.
    pub called: Vec<BusyNumber>,
    /// Whether callers and called parties were counted exactly.
    pub counted_one_by_one: bool,
}
