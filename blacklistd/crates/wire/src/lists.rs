//! Named lists and the scopes they are assigned to.

use blacklist_model::{ListId, RuleAction, RuleDirection, RuleKind};
use serde::{Deserialize, Serialize};

/// A list.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListObject {
    /// Its id.
    pub id: ListId,
    /// Its name.
    pub name: String,
    /// What its rules are if they do not say it themselves.
    pub kind: RuleKind,
    /// Direction of its rules.
    pub direction: RuleDirection,
    /// What its rules ask for; none for the kind's own.
    pub action: Option<RuleAction>,
    /// Whether allow rules of narrower scopes leave its rules in force.
    pub mandatory: bool,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Names of the scopes it is assigned to.
    pub scopes: Vec<String>,
    /// Why it is there.
    pub comment: String,
    /// How many rules it has.
    pub rules: u64,
    /// How many of them are enabled.
    pub enabled_rules: u64,
    /// Generation in which it was made.
    pub generation: u64,
    /// When it was made, RFC 3339.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub created_at: String,
    /// Who made it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub created_by: String,
    /// What the operator should know; only after a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// All lists.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListList {
    /// By id.
    pub lists: Vec<ListObject>,
}

/// Scopes that a list is assigned to or taken from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssignRequest {
    /// Their names.
    pub scopes: Vec<String>,
}
