//! Who gets past the rules: PINs and grants. No PIN is in the debug form of an object.

use serde::{Deserialize, Serialize};

/// That a scope has a PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PinObject {
    /// The scope.
    pub scope: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Who set it.
    pub author: String,
}

/// Scopes with a PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PinList {
    /// By the ids of the scopes.
    pub pins: Vec<PinObject>,
}

/// A PIN to be set.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinRequest {
    /// Its digits; absent if one is to be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
}

impl std::fmt::Debug for PinRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PinRequest")
    }
}

/// A scope whose PIN is another one, or gone.
#[derive(Clone, Serialize, Deserialize)]
pub struct PinChanged {
    /// The scope.
    pub scope: String,
    /// The PIN, if it was made here: this once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
    /// What the operator should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for PinChanged {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PinChanged of {}", self.scope)
    }
}

/// Whose tries are to be forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnlockRequest {
    /// A local number, or a scope.
    pub number: String,
}

/// Whose tries were forgotten.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UnlockedObject {
    /// The scope; of a local number its own.
    pub scope: String,
}

/// A grant.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantObject {
    /// Its id.
    pub id: u64,
    /// The party inside.
    pub local: String,
    /// The party outside.
    pub remote: String,
    /// Until when, RFC 3339; none until it is revoked.
    pub until: Option<String>,
    /// Whether it was meant for one call.
    pub once: bool,
    /// Since when, RFC 3339.
    pub since: String,
    /// Who wrote it, or which PIN.
    pub author: String,
    /// What the operator should know; only after a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Grants that hold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GrantList {
    /// By id.
    pub grants: Vec<GrantObject>,
}

/// A grant as it is asked for.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantBody {
    /// The party inside, in any spelling.
    pub local: String,
    /// The party outside.
    pub remote: String,
    /// How many seconds it holds; absent until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Whether it is for one call.
    #[serde(default)]
    pub once: bool,
    /// Dial plan by which both are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
}
