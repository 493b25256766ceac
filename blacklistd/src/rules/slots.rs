//! Counter slots: which rule counts where. A slot stays with its rule while the rule exists, over
//! restarts too, so that counters keep their meaning.

use std::collections::{BTreeSet, HashMap};

use super::rule::RuleId;

/// The slots in use and those that can be used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    of_rule: HashMap<RuleId, u32>,
    of_slot: HashMap<u32, RuleId>,
    /// Used by a rule that is gone; its counters must be reset first.
    freed: BTreeSet<u32>,
    /// No slot from here on was ever used.
    next: u32,
    maximum: u32,
}

/// A slot that a rule was given.
pub(super) struct Given {
    pub(super) slot: u32,
    /// Whether counters of another rule still stand there.
    pub(super) used: bool,
}

impl Slots {
    /// `kept` are slots and rule ids as the kernel has them; those of rules that are gone are
    /// given to `freed`.
    pub(super) fn new(maximum: u32, kept: &[(u32, u32)], exists: impl Fn(RuleId) -> bool) -> Self {
        let mut slots = Self {
            next: 1,
            maximum,
            ..Self::default()
        };
        for &(slot, rule) in kept {
            if slot == 0 || slot > maximum {
                continue;
            }
            let rule = RuleId(rule);
            slots.next = slots.next.max(slot.saturating_add(1));
            if exists(rule) && !slots.of_rule.contains_key(&rule) {
                slots.of_rule.insert(rule, slot);
                slots.of_slot.insert(slot, rule);
            }
        }
        slots.freed = (1..slots.next)
            .filter(|slot| !slots.of_slot.contains_key(slot))
            .collect();
        slots
    }

    /// The slot of a rule that has one.
    pub(super) fn get(&self, rule: RuleId) -> Option<u32> {
        self.of_rule.get(&rule).copied()
    }

    /// The rule of a slot.
    pub(super) fn rule(&self, slot: u32) -> Option<RuleId> {
        self.of_slot.get(&slot).copied()
    }

    /// The slot of a rule; a fresh one if it has none. None if all are taken.
    pub(super) fn give(&mut self, rule: RuleId) -> Option<Given> {
        if let Some(slot) = self.get(rule) {
            return Some(Given { slot, used: false });
        }
        let given = if self.next <= self.maximum {
            let slot = self.next;
            self.next += 1;
            Given { slot, used: false }
        } else {
            Given {
                slot: self.freed.pop_first()?,
                used: true,
            }
        };
        self.of_rule.insert(rule, given.slot);
        self.of_slot.insert(given.slot, rule);
        Some(given)
    }

    /// The rule is gone.
    pub(super) fn free(&mut self, rule: RuleId) {
        if let Some(slot) = self.of_rule.remove(&rule) {
            self.of_slot.remove(&slot);
            self.freed.insert(slot);
        }
    }

    /// All slots in use with their rules' ids, by slot.
    pub(super) fn in_use(&self) -> Vec<(u32, u32)> {
        let mut list: Vec<(u32, u32)> = self
            .of_slot
            .iter()
            .map(|(slot, rule)| (*slot, rule.0))
            .collect();
        list.sort_unstable();
        list
    }

    pub(super) const fn maximum(&self) -> u32 {
        self.maximum
    }
}
