//! What there is to say of a change.

use blacklist_model::RuleId;

/// How grave a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The change is not made.
    Refuse,
    /// The operator should know.
    Warn,
}

/// What there is to say of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How grave it is.
    pub severity: Severity,
    /// The rule it is about; none for lists, scopes and rules without a number.
    pub rule: Option<RuleId>,
    /// What there is to say, and what to do.
    pub sentence: String,
}
