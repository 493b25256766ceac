//! What a counter slot counts, as an id.

use blacklist_model::{RuleId, ScopeId};

/// What a counter slot counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Counted {
    /// Calls that a rule decided.
    Rule(RuleId),
    /// Calls that a scope's blocking default decided.
    Default(ScopeId),
}

/// Bit of an id in the slot table that says that it is a scope's.
pub const DEFAULT_OF_SCOPE: u32 = 0x8000_0000;

impl Counted {
    /// From an id in the slot table; none for 0.
    pub const fn from_id(id: u32) -> Option<Self> {
        match id {
            0 => None,
            id if id & DEFAULT_OF_SCOPE != 0 => {
                Some(Self::Default(ScopeId(id & !DEFAULT_OF_SCOPE)))
            }
            id => Some(Self::Rule(RuleId(id))),
        }
    }

    /// The id in the slot table.
    pub const fn id(self) -> u32 {
        match self {
            Self::Rule(rule) => rule.0,
            Self::Default(scope) => scope.0 | DEFAULT_OF_SCOPE,
        }
    }
}
