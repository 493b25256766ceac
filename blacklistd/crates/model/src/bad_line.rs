//! A line of a list that is no rule.

use serde::{Deserialize, Serialize};

/// A line that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// Its number in the file, from 1.
    pub line: u64,
    /// Why it is no rule.
    pub reason: String,
    /// Its text, cut where it is long.
    pub text: String,
}
