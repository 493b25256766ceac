//! What a fetched feed changes: entries that are new, missing, or present again.

use std::collections::HashSet;

use blacklist_model::RuleSpec;
use jiff::Timestamp;

use super::host::Held;

/// The changes, applied as one generation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedPlan {
    /// New entries.
    pub add: Vec<RuleSpec>,
    /// Ids of rules to remove.
    pub remove: Vec<u32>,
    /// Ids of rules that are missing in the feed and expire at [`Self::aged_until`].
    pub age: Vec<u32>,
    /// When they expire.
    pub aged_until: Option<Timestamp>,
    /// Ids of rules that were missing and are present again: they do not expire.
    pub revive: Vec<u32>,
}

impl FeedPlan {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        let Self {
            add,
            remove,
            age,
            aged_until: _,
            revive,
        } = self;
        add.is_empty() && remove.is_empty() && age.is_empty() && revive.is_empty()
    }

    /// The changes in words, for the history.
    pub fn summary(&self) -> String {
        format!(
            "{} added, {} removed, {} vanished and kept for a while, {} back again",
            self.add.len(),
            self.remove.len(),
            self.age.len(),
            self.revive.len()
        )
    }

    /// Plans a rule of the feed that is in force. `fresh` holds the current entries of the feed;
    /// those left after all rules are new. `aged_until` is when a missing entry expires; `None`
    /// removes it at once.
    pub(super) fn held<K: std::hash::Hash + Eq>(
        &mut self,
        held: &Held,
        key: &K,
        fresh: &mut HashSet<K>,
        now: Timestamp,
    ) {
        let is_there = fresh.remove(key);
        match (is_there, held.aged_until) {
            (true, Some(_)) => self.revive.push(held.id),
            (true, None) => {}
            (false, Some(until)) if until <= now || self.aged_until.is_none() => {
                self.remove.push(held.id);
            }
            (false, Some(_)) => {}
            (false, None) if self.aged_until.is_some() => self.age.push(held.id),
            (false, None) => self.remove.push(held.id),
        }
    }
}
