//! Calls that were blocked and calls that passed, as pages.

use blacklist_figures::{BlockedCall, PassedCall};
use serde::{Deserialize, Serialize};

/// Calls that are listed by default.
pub const DEFAULT_CALLS: usize = 50;

/// Calls in an answer at most.
pub const MAXIMUM_CALLS: usize = 10_000;

/// Blocked calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CallList {
    /// The newest first; the oldest first with `after`.
    pub calls: Vec<BlockedCall>,
    /// Calls whose record was lost; they are counted all the same.
    pub lost: u64,
    /// Whether there are more; the next page is `before` the last one's id.
    pub more: bool,
}

/// What was removed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ForgottenObject {
    /// The number in its canonical spelling.
    pub number: String,
    /// Calls that were removed from the log.
    pub calls: u64,
    /// Calls that were removed from the sample of those that passed.
    pub seen: u64,
    /// Tries of PINs that were removed from the audit.
    #[serde(default)]
    pub attempts: u64,
    /// Rules that name the number; they stay.
    pub rules: Vec<u32>,
}

/// Calls that are listed by default.
pub const DEFAULT_SEEN: usize = 50;

/// Calls that passed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SeenList {
    /// The newest first.
    pub calls: Vec<PassedCall>,
}
