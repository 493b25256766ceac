//! What a call is looked up in: as much of the engine's tables as a decision needs, in parts that
//! copies share.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use blacklist_common::number::Number;
use blacklist_common::pattern::Kind;
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_generation::{Buckets, Pages, Shards};
use blacklist_model::{Glob, RuleId, Subject};

use super::partitions::Content;
use super::shapes::Shapes;

/// Partitions of one page.
const PAGE: usize = 256;

/// Of two rules that match the one decides that comes first: the one with more literals.
pub(super) type Order = (Reverse<u32>, RuleId);

/// A rule that only user space compares.
#[derive(Clone, Debug)]
pub(super) struct UserRule {
    pub(super) literals: u32,
    pub(super) id: RuleId,
    pub(super) kind: Kind,
    pub(super) reference: RuleRef,
    pub(super) glob: Glob,
}

impl UserRule {
    /// How it is counted.
    pub(super) fn content(&self) -> Content {
        Content::User {
            names: self.glob.subject == Subject::Name,
        }
    }

    pub(super) const fn order(&self) -> Order {
        (Reverse(self.literals), self.id)
    }
}

/// The tables that decide.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookup {
    pub(super) buckets: Arc<Buckets>,
    pub(super) shapes: Arc<Shapes>,
    /// By partition.
    pub(super) scopes: Pages<ScopeEntry, PAGE>,
    pub(super) numbers: Shards<Number, NumberEntry>,
    /// By partition, in their order.
    pub(super) users: Arc<HashMap<u32, Vec<Arc<UserRule>>>>,
    pub(super) protected: Arc<HashSet<Number>>,
}

impl Lookup {
    /// The rules of a partition that only user space compares.
    pub(super) fn user_rules(&self, partition: u32) -> &[Arc<UserRule>] {
        self.users
            .get(&partition)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// What a partition holds.
    pub(super) fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        self.scopes.get(partition as usize)
    }
}
