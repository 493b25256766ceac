//! Counter slots: what counts where. A slot stays with its rule while the rule exists, over
//! restarts too, so that counters keep their meaning.

use std::collections::{BTreeSet, HashMap};

use blacklist_common::rule::MAXIMUM_SLOTS;

use super::counted::Counted;

/// The slots in use and those that can be used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Slots {
    /// Id of what a slot counts, by slot; 0 if it is free.
    ids: Vec<u32>,
    /// Used by somebody who is gone.
    freed: BTreeSet<u32>,
    /// Who had a freed slot last: a change that is taken back finds it again.
    last: HashMap<u32, u32>,
    maximum: u32,
    used: usize,
}

impl Slots {
    /// `kept` are slots and ids as the kernel has them.
    pub(super) fn new(maximum: u32, kept: &[(u32, u32)]) -> Self {
        let maximum = maximum.min(MAXIMUM_SLOTS - 1);
        let mut slots = Self {
            ids: vec![0],
            maximum,
            ..Self::default()
        };
        for &(slot, id) in kept {
            if slot == 0 || slot > maximum {
                continue;
            }
            while slots.ids.len() <= slot as usize {
                slots.freed.insert(slots.ids.len() as u32);
                slots.ids.push(0);
            }
            slots.last.entry(id).or_insert(slot);
        }
        slots.freed.remove(&0);
        slots
    }

    /// What a slot counts.
    pub(super) fn counted(&self, slot: u32) -> Option<Counted> {
        self.ids
            .get(slot as usize)
            .and_then(|id| Counted::from_id(*id))
    }

    /// The id of what a slot counts; 0 if it is free.
    pub(super) fn id(&self, slot: u32) -> u32 {
        self.ids.get(slot as usize).copied().unwrap_or_default()
    }

    /// A slot for somebody who has none. None if all are taken.
    pub(super) fn give(&mut self, counted: Counted) -> Option<u32> {
        let id = counted.id();
        let slot = if let Some(slot) = self.last.remove(&id)
            && self.freed.remove(&slot)
        {
            slot
        } else if self.ids.len() <= self.maximum as usize {
            self.ids.push(0);
            self.ids.len() as u32 - 1
        } else {
            self.freed.pop_first()?
        };
        if let Some(place) = self.ids.get_mut(slot as usize) {
            *place = id;
        }
        self.used += 1;
        Some(slot)
    }

    /// Whether somebody who has no slot had one that nobody took since.
    pub(super) fn remembers(&self, counted: Counted) -> bool {
        self.last
            .get(&counted.id())
            .is_some_and(|slot| self.freed.contains(slot))
    }

    /// Whoever had the slot is gone.
    pub(super) fn free(&mut self, slot: u32) {
        if let Some(place) = self.ids.get_mut(slot as usize)
            && *place != 0
        {
            self.last.insert(*place, slot);
            *place = 0;
            self.used -= 1;
            self.freed.insert(slot);
        }
    }

    /// All slots in use with the ids of what they count, by slot.
    pub(super) fn in_use(&self) -> Vec<(u32, u32)> {
        (0..)
            .zip(&self.ids)
            .filter(|(_, id)| **id != 0)
            .map(|(slot, id)| (slot, *id))
            .collect()
    }

    pub(super) const fn used(&self) -> usize {
        self.used
    }

    pub(super) const fn maximum(&self) -> u32 {
        self.maximum
    }
}
