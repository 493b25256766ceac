use serde::{Deserialize, Serialize};

/// A line of a list file that is not a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadLine {
    /// Line number in the file, from 1.
    pub line: u64,
    /// Why it is not a rule.
    pub reason: String,
    /// Its text, truncated if long.
    pub text: String,
}
