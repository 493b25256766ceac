//! Scopes and the numbers in them.

use blacklist_model::{DefaultPolicy, ScopeId};
use serde::{Deserialize, Serialize};

/// A scope.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScopeObject {
    /// Its id; 0 is the global one.
    pub id: ScopeId,
    /// `global`, `account:NAME`, `group:NAME` or `number:NUMBER`.
    pub name: String,
    /// What becomes of calls that no rule decides.
    pub default: DefaultPolicy,
    /// Why it is there.
    pub comment: String,
    /// How many local numbers belong to it.
    pub members: u64,
    /// Lists that are assigned to it.
    pub lists: Vec<String>,
    /// How many rules name it by themselves.
    pub rules: u64,
    /// Calls that its default decided.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
    /// Generation in which it was made.
    pub generation: u64,
    /// What the operator should know; only after a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Scopes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ScopeList {
    /// By id.
    pub scopes: Vec<ScopeObject>,
    /// How many there are.
    pub total: u64,
}

/// Numbers that belong to a scope.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MemberList {
    /// The scope.
    pub scope: String,
    /// Their canonical spellings.
    pub numbers: Vec<String>,
    /// What the operator should know; only after a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Numbers that are to belong to a scope, or not any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberRequest {
    /// In any spelling.
    pub numbers: Vec<String>,
    /// Dial plan by which they are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
}

/// Scopes that are listed by default.
pub const DEFAULT_SCOPES: usize = 1000;
