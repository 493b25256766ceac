//! Generations: what changed, who changed it, and the way back.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Generations that are listed by default.
pub const DEFAULT_GENERATIONS: u64 = 50;

/// Differences in an answer by default.
pub const DEFAULT_DIFFERENCES: usize = 1000;

/// A generation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GenerationObject {
    /// Its number.
    pub generation: u64,
    /// When it was made, RFC 3339.
    pub at: String,
    /// Who made it.
    pub author: String,
    /// From where: `socket`, `import FILE`, `feed NAME`, `apply FILE`.
    pub source: String,
    /// By which command.
    pub action: String,
    /// A sentence.
    pub summary: String,
    /// Rules, lists, scopes and members that were added.
    pub added: u64,
    /// Those that were changed.
    pub changed: u64,
    /// Those that were removed.
    pub removed: u64,
}

/// Generations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct HistoryList {
    /// The newest first.
    pub generations: Vec<GenerationObject>,
}

/// What differs between two generations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DiffObject {
    /// The one.
    pub from: u64,
    /// The other.
    pub to: u64,
    /// How much is there that was not.
    pub added: u64,
    /// How much is not as it was.
    pub changed: u64,
    /// How much is gone.
    pub removed: u64,
    /// Scopes, lists, members, rules.
    pub changes: Vec<ChangeObject>,
    /// How many more there are.
    pub more: u64,
}

/// A step back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UndoneObject {
    /// The generation it leads back to, or that was undone.
    pub generation: GenerationObject,
    /// Its own generation; none if there was nothing to do or it was only tried.
    pub made: Option<u64>,
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Rules that are back.
    pub added: u64,
    /// Rules that are as they were.
    pub changed: u64,
    /// Rules that are gone.
    pub removed: u64,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// A record before and after.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangeObject {
    /// `rule`, `list`, `scope`, `member` or `feed`.
    pub what: String,
    /// A rule's id, a list's or scope's name, a member's number.
    pub id: String,
    /// As it stood; null if it was not there.
    pub before: Option<Map<String, Value>>,
    /// After the change; null if it was removed.
    pub after: Option<Map<String, Value>>,
}

/// The difference that was made, or would be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AppliedObject {
    /// The file.
    pub file: String,
    /// Its generation; none if there was nothing to change or it was only tried.
    pub generation: Option<u64>,
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Rules that are added.
    pub added: u64,
    /// Rules that are changed.
    pub changed: u64,
    /// Rules that are removed.
    pub removed: u64,
    /// Rules that already are as the file says.
    pub unchanged: u64,
    /// Scopes, lists, members, rules, before and after.
    pub changes: Vec<ChangeObject>,
    /// How many more there are.
    pub more: u64,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

/// Entries in an answer by default.
pub const DEFAULT_AUDIT_ENTRIES: u64 = 50;

/// Records of one entry in an answer by default.
pub const DEFAULT_AUDIT_CHANGES: usize = 20;

/// A change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Who, when, from where, by which command.
    #[serde(flatten)]
    pub generation: GenerationObject,
    /// What became of each record.
    pub changes: Vec<ChangeObject>,
    /// How many more there are; `diff` tells them.
    pub more: u64,
}

/// Changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AuditList {
    /// The newest first.
    pub entries: Vec<AuditEntry>,
    /// Tries of PINs, the newest first; none if only some changes are asked for.
    #[serde(default)]
    pub attempts: Vec<AttemptObject>,
}

/// A try of a PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct AttemptObject {
    /// When, RFC 3339.
    pub at: String,
    /// The local number that was called.
    pub local: String,
    /// Who called.
    pub caller: String,
    /// `right`, `wrong`, `early`, `locked` or `no-pin`.
    pub outcome: String,
    /// The scope whose PIN it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
}
