//! Rules as others keep numbers: what came of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorReport {
    /// Rules that were.
    pub written: u64,
    /// Rules in force that were not, by what keeps them out.
    pub left_out: BTreeMap<String, u64>,
}
