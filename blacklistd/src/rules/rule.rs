//! A rule: what it matches, for whom, and what it asks for.

use std::fmt;

use blacklist_common::number::Number;
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::tables::Direction;
use serde::{Deserialize, Serialize};

use super::pattern::Pattern;

/// Why a rule, a change or a number was refused; each is a sentence that says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It could never do what it says.
    #[error("{0}")]
    Invalid(String),
    /// It stands in the way of another rule, or there is no room.
    #[error("{0}")]
    Conflict(String),
    /// There is no such rule.
    #[error("there is no rule {0}: see `blacklistd rule list`")]
    NotFound(RuleId),
}

/// A rule's number in the store; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RuleId(pub u32);

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Gives an enum of words its words.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),* $(,)? }) => {
        impl $name {
            /// The word for people, for `--json` and for the store.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// From its word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

/// Whether a rule lets through or blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ListKind {
    /// Blocks.
    #[default]
    Block,
    /// Lets through.
    Allow,
}

words!(ListKind { Block = "block", Allow = "allow" });

/// Calls of which direction a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleDirection {
    /// From a trunk to us.
    #[default]
    Inbound,
    /// From us to a trunk.
    Outbound,
    /// Either.
    Both,
}

words!(RuleDirection {
    Inbound = "inbound",
    Outbound = "outbound",
    Both = "both",
});

impl RuleDirection {
    /// The directions it covers.
    pub const fn directions(self) -> &'static [Direction] {
        match self {
            Self::Inbound => &[Direction::Inbound],
            Self::Outbound => &[Direction::Outbound],
            Self::Both => &[Direction::Inbound, Direction::Outbound],
        }
    }
}

/// What a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleAction {
    /// Let through: the action of every allow rule.
    Pass,
    /// Drop without an answer.
    Drop,
    /// Count and log, let through.
    Monitor,
}

words!(RuleAction {
    Pass = "pass",
    Drop = "drop",
    Monitor = "monitor",
});

impl RuleAction {
    const fn in_tables(self) -> Action {
        match self {
            Self::Pass => Action::Pass,
            Self::Drop => Action::Drop,
            Self::Monitor => Action::Monitor,
        }
    }
}

/// For whom a rule is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// For every call.
    Global,
    /// For calls of one local number.
    Number {
        /// Its canonical spelling.
        text: Box<str>,
        /// Its key.
        number: Number,
    },
}

impl Scope {
    /// The key of the local number; none for all.
    pub const fn number(&self) -> Option<Number> {
        match self {
            Self::Global => None,
            Self::Number { number, .. } => Some(*number),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Global => f.write_str("global"),
            Self::Number { text, .. } => write!(f, "number:{text}"),
        }
    }
}

/// A rule as the engine holds it; who made it and why stands in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number.
    pub id: RuleId,
    /// The pattern as it was written.
    pub written: Box<str>,
    /// The pattern as it is matched.
    pub pattern: Pattern,
    /// Block or allow.
    pub list: ListKind,
    /// For whom.
    pub scope: Scope,
    /// For calls of which direction.
    pub direction: RuleDirection,
    /// What it asks for.
    pub action: RuleAction,
    /// Whether it is in force.
    pub enabled: bool,
}

impl Rule {
    /// As the tables hold it, with its counters' slot.
    pub(super) const fn reference(&self, slot: u32) -> RuleRef {
        RuleRef::new(slot, self.action.in_tables(), ReasonClass::OwnList, false)
    }
}
