//! What a fetched feed changes: entries that are new, that vanished, that came back.

use std::collections::HashSet;

use blacklist_model::RuleSpec;
use jiff::Timestamp;

use super::host::Held;

/// What is to be changed, as one generation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedPlan {
    /// New entries.
    pub add: Vec<RuleSpec>,
    /// Numbers of rules that end.
    pub remove: Vec<u32>,
    /// Numbers of rules that have vanished from the feed and end at [`Self::aged_until`].
    pub age: Vec<u32>,
    /// When they end.
    pub aged_until: Option<Timestamp>,
    /// Numbers of rules that had vanished and are there again: they end no more.
    pub revive: Vec<u32>,
}

impl FeedPlan {
    /// Whether there is nothing to be changed.
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

    /// What it changes, for the history.
    pub fn summary(&self) -> String {
        format!(
            "{} added, {} removed, {} vanished and kept for a while, {} back again",
            self.add.len(),
            self.remove.len(),
            self.age.len(),
            self.revive.len()
        )
    }

    /// Takes in a rule of the feed that is in force. `fresh` is what the feed says by now; what is
    /// left in it when all rules were taken in is new. `aged_until` is when a vanished entry ends;
    /// none if it ends at once.
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
