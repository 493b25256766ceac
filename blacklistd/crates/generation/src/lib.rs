//! The contents of the tables: a whole generation, or changes to single entries. Plain values, made
//! by the engine and applied by the kernel crate.

mod buckets;
mod pages;
mod shards;

use std::sync::Arc;

use blacklist_common::number::Number;
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_common::shape::Shape;
use blacklist_common::tables::{GrantKey, TrunkEntry};
use ipnet::IpNet;
use jiff::Timestamp;

pub use buckets::Buckets;
pub use pages::Pages;
pub use shards::Shards;

/// A whole generation.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Every rule that the kernel matches, by key.
    pub buckets: Arc<Buckets>,
    /// Shapes of wildcards; the first has the number
    /// [`blacklist_common::shape::FIRST_WILDCARD_SHAPE`].
    pub shapes: Vec<Shape>,
    /// Local numbers with scopes of their own, and protected numbers.
    pub numbers: Vec<(Number, NumberEntry)>,
    /// What each partition holds, by its index.
    pub scopes: Vec<ScopeEntry>,
    /// Trunks by index; the first is the one of peers that no trunk names.
    pub trunks: Vec<TrunkEntry>,
    /// The trunk of each peer network.
    pub peers: Vec<(IpNet, u16)>,
    /// UDP ports on which calls are judged.
    pub ports: Vec<u16>,
    /// Counter slots in use, each with its rule id.
    pub slots: Vec<(u32, u32)>,
    /// Grants, each with its end. They belong to no generation: installing this one ends those that
    /// are missing here.
    pub grants: Vec<(GrantKey, GrantEnd)>,
}

/// Maximum number of grants in force at once.
pub const MAXIMUM_GRANTS: usize = 65_536;

/// When a grant ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantEnd {
    /// At this time of the wall clock, in whole seconds.
    At(Timestamp),
    /// When it is revoked.
    Open,
}

impl GrantEnd {
    /// Whether it is over at `now`.
    pub fn is_over(self, now: Timestamp) -> bool {
        match self {
            Self::At(end) => end <= now,
            Self::Open => false,
        }
    }
}

/// A change to the generation in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Sets the rule of a key and kind; [`RuleRef::NONE`] removes it.
    Entry(EntryKey, Kind, RuleRef),
    /// Sets the shape with a number.
    Shape(u8, Shape),
    /// Sets a number; `None` removes it.
    Number(Number, Option<NumberEntry>),
    /// Sets a partition.
    Scope(u32, ScopeEntry),
    /// Sets the rule id of a counter slot; 0 frees the slot.
    Slot(u32, u32),
    /// Sets a grant; `None` ends it.
    Grant(GrantKey, Option<GrantEnd>),
}
