//! What the tables shall hold: a whole generation, or single entries of the one in force. Plain
//! values, which the rules make and the kernel's side takes.

use blacklist_common::number::Number;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{
    ExactKey, ExactValue, NumberEntry, PrefixKey, ScopeEntry, TrunkEntry,
};
use ipnet::IpNet;

/// A whole generation.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// Exact rules.
    pub exact: Vec<(ExactKey, ExactValue)>,
    /// Allow rules that are prefixes: fixed bits of the number, key, rule.
    pub allow_prefixes: Vec<(u32, PrefixKey, RuleRef)>,
    /// Block rules that are prefixes.
    pub block_prefixes: Vec<(u32, PrefixKey, RuleRef)>,
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

/// One entry of the generation in force; `None` removes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// An exact number.
    Exact(ExactKey, Option<ExactValue>),
    /// An allow prefix: fixed bits of the number, key, rule.
    AllowPrefix(u32, PrefixKey, Option<RuleRef>),
    /// A block prefix.
    BlockPrefix(u32, PrefixKey, Option<RuleRef>),
    /// A number.
    Number(Number, Option<NumberEntry>),
    /// A partition.
    Scope(u32, ScopeEntry),
    /// Rule id of a counter slot; 0 frees it.
    Slot(u32, u32),
}
