//! What the tables shall hold: a whole generation, or single entries of the one in force. Plain
//! values, which the rules make and the kernel's side takes.

mod buckets;

use std::sync::Arc;

use blacklist_common::number::Number;
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_common::shape::Shape;
use blacklist_common::tables::TrunkEntry;
use ipnet::IpNet;

pub use buckets::Buckets;

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
}
