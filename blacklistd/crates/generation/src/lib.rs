//! What the tables shall hold: a whole generation, or single entries of the one in force. Plain
//! values, which the rules make and the kernel's side takes.

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
    /// Every rule that the kernel can decide, by its key.
    pub buckets: Arc<Buckets>,
    /// Shapes of wildcards; the first has the number
    /// [`blacklist_common::shape::FIRST_WILDCARD_SHAPE`].
    pub shapes: Vec<Shape>,
    /// Local numbers with scopes of their own, and protected numbers.
    pub numbers: Vec<(Number, NumberEntry)>,
    /// What each partition holds; index is the partition.
    pub scopes: Vec<ScopeEntry>,
    /// Trunks by index; the first is the unnamed one.
    pub trunks: Vec<TrunkEntry>,
    /// Which trunk a peer belongs to.
    pub peers: Vec<(IpNet, u16)>,
    /// UDP ports that are judged.
    pub ports: Vec<u16>,
    /// Rule id of each counter slot in use.
    pub slots: Vec<(u32, u32)>,
    /// Who may call whom, and until when. They belong to no generation: those that are not here are
    /// ended when it is put in force.
    pub grants: Vec<(GrantKey, GrantEnd)>,
}

/// Grants that can be in force at once.
pub const MAXIMUM_GRANTS: usize = 65_536;

/// When a grant ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantEnd {
    /// At this time of the wall clock, in whole seconds.
    At(Timestamp),
    /// When somebody revokes it.
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

/// One entry of the generation in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The rule of a key and kind; [`RuleRef::NONE`] removes it.
    Entry(EntryKey, Kind, RuleRef),
    /// A shape of wildcards, by its number.
    Shape(u8, Shape),
    /// A number; none removes it.
    Number(Number, Option<NumberEntry>),
    /// A partition.
    Scope(u32, ScopeEntry),
    /// Rule id of a counter slot; 0 frees it.
    Slot(u32, u32),
    /// A grant; none ends it.
    Grant(GrantKey, Option<GrantEnd>),
}
