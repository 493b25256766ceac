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

use crate::enforcement::partitions::Content;
use crate::enforcement::shapes::Shapes;

/// Partitions of one page.
const PAGE: usize = 256;

/// Of two rules that match the one decides that comes first: the one with more literals.
pub(crate) type Order = (Reverse<u32>, RuleId);

/// A rule that only user space compares.
#[derive(Clone, Debug)]
pub(crate) struct UserRule {
    pub(crate) literals: u32,
    pub(crate) id: RuleId,
    pub(crate) kind: Kind,
    pub(crate) reference: RuleRef,
    pub(crate) glob: Glob,
}

impl UserRule {
    /// How it is counted.
    pub(crate) fn content(&self) -> Content {
        Content::User {
            names: self.glob.subject == Subject::Name,
        }
    }

    pub(crate) const fn order(&self) -> Order {
        (Reverse(self.literals), self.id)
    }
}

/// The tables that decide.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookup {
    pub(crate) buckets: Arc<Buckets>,
    pub(crate) shapes: Arc<Shapes>,
    /// By partition.
    pub(crate) scopes: Pages<ScopeEntry, PAGE>,
    pub(crate) numbers: Shards<Number, NumberEntry>,
    /// By partition, in their order.
    pub(crate) users: Arc<HashMap<u32, Vec<Arc<UserRule>>>>,
    pub(crate) protected: Arc<HashSet<Number>>,
}

impl Lookup {
    /// The rules of a partition that only user space compares.
    pub(crate) fn user_rules(&self, partition: u32) -> &[Arc<UserRule>] {
        self.users
            .get(&partition)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// What a partition holds.
    pub(crate) fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        self.scopes.get(partition as usize)
    }
}
