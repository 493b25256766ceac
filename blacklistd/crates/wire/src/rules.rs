//! Rules as they are asked for and shown, and what the linter says of them.

use blacklist_model::{MatchKind, RuleAction, RuleDirection, RuleEdit, RuleId, RuleKind};
use serde::{Deserialize, Serialize};

/// What a rule says itself; what is absent is its list's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOverrides {
    /// Block or allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RuleKind>,
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// For calls of which direction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<RuleDirection>,
    /// What it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<RuleAction>,
    /// Whether allow rules of narrower scopes leave it in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandatory: Option<bool>,
}

/// A rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleObject {
    /// Its id.
    pub id: RuleId,
    /// The pattern as it was written.
    pub pattern: String,
    /// How it matches.
    #[serde(rename = "match")]
    pub matching: MatchKind,
    /// Canonical pattern; a prefix without its star.
    pub number: String,
    /// Name of its list.
    pub list: String,
    /// Block or allow.
    pub kind: RuleKind,
    /// For whom: names of scopes.
    pub scopes: Vec<String>,
    /// For calls of which direction.
    pub direction: RuleDirection,
    /// What it asks for.
    pub action: RuleAction,
    /// Whether allow rules of narrower scopes leave it in force.
    pub mandatory: bool,
    /// What of this it says itself.
    pub overrides: RuleOverrides,
    /// Dial plan it was read by; `none` for none.
    pub dial_plan: String,
    /// Why it is there.
    pub comment: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Not before, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Not from then on, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// Weekly schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Whether it is in force now.
    pub in_force: bool,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// `kernel` or `user-space`.
    pub decided_in: String,
    /// Why only user space decides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_user_space: Option<String>,
    /// Where it comes from: `manual`, `apply`, `import:GENERATION`, `feed:NAME`.
    pub origin: String,
    /// Generation in which it was made.
    pub generation: u64,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// Who made it.
    pub created_by: String,
    /// Calls that it decided.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
    /// What the operator should know; only after a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Rules that were changed together.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RulesChanged {
    /// After the change; removed ones as they were before it.
    pub rules: Vec<RuleObject>,
    /// The generation; none if there was nothing to change or it was only tried.
    pub generation: Option<u64>,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// The same change of several rules.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EditRequest {
    /// Which rules.
    pub rules: Vec<RuleId>,
    /// What is changed; nothing for their removal.
    #[serde(default)]
    pub edit: RuleEdit,
}

/// Rules that are listed by default.
pub const DEFAULT_RULES: u64 = 1000;

/// Rules.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleList {
    /// By id.
    pub rules: Vec<RuleObject>,
    /// How many there are with these filters.
    pub total: u64,
    /// How many were passed over.
    pub offset: u64,
}

/// Something that there is to say.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FindingObject {
    /// `refuse`: a change that brought this would be refused; or `warn`.
    pub severity: String,
    /// The rule it is about.
    pub rule: Option<RuleId>,
    /// What there is to say, and what to do.
    pub sentence: String,
}

/// All of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LintObject {
    /// How many rules were looked at.
    pub rules: u64,
    /// What was found.
    pub findings: Vec<FindingObject>,
}
