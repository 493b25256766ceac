//! Counter slots: what counts where. A slot stays with its rule while the rule exists, over
//! restarts too, so that counters keep their meaning.

use std::collections::{BTreeSet, HashMap};

use blacklist_common::rule::{MAXIMUM_SLOTS, RuleRef};
use blacklist_generation::Pages;
use blacklist_model::RuleAction;

use crate::counted::Counted;

/// Slots of one page.
const PAGE: usize = 16_384;

/// What each slot counts, and what it asks for. Copies share what neither has changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owners {
    /// Id of what a slot counts; 0 if it is free.
    ids: Pages<u32, PAGE>,
    /// Actions that say more than their word in the tables does.
    actions: Pages<Option<RuleAction>, PAGE>,
}

impl Owners {
    /// What a slot counts.
    pub(crate) fn counted(&self, slot: u32) -> Option<Counted> {
        Counted::from_id(self.id(slot))
    }

    /// The id of what a slot counts; 0 if it is free.
    pub(crate) fn id(&self, slot: u32) -> u32 {
        self.ids.get(slot as usize).copied().unwrap_or_default()
    }

    /// What a rule of the tables asks for; none for what is no rule.
    pub(crate) fn action_of(&self, rule: RuleRef) -> Option<RuleAction> {
        let Some(Counted::Rule(_)) = self.counted(rule.slot()) else {
            return None;
        };
        let said = self.actions.get(rule.slot() as usize).copied().flatten();
        said.filter(|said| said.in_tables() == rule.action())
            .or_else(|| RuleAction::of_tables(rule.action()))
    }

    /// Says what the rule of a slot asks for.
    pub(crate) fn set_action(&mut self, slot: u32, action: RuleAction) {
        let plain = RuleAction::of_tables(action.in_tables()) == Some(action);
        let said = (!plain).then_some(action);
        let place = slot as usize;
        // Most say no more than that: no memory is taken for them.
        if self.actions.get(place).copied().flatten() == said {
            return;
        }
        self.actions.grow(place + 1);
        if let Some(held) = self.actions.get_mut(place) {
            *held = said;
        }
    }
}

/// The slots in use and those that can be used again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slots {
    pub(crate) owners: Owners,
    /// Used by somebody who is gone.
    freed: BTreeSet<u32>,
    /// Who had a freed slot last: a change that is taken back finds it again.
    last: HashMap<u32, u32>,
    maximum: u32,
    used: usize,
}

impl Slots {
    /// `kept` are slots and ids as the kernel has them.
    pub(crate) fn new(maximum: u32, kept: &[(u32, u32)]) -> Self {
        let maximum = maximum.min(MAXIMUM_SLOTS - 1);
        let mut slots = Self {
            maximum,
            ..Self::default()
        };
        slots.owners.ids.push(0);
        for &(slot, id) in kept {
            if slot == 0 || slot > maximum {
                continue;
            }
            while slots.owners.ids.len() <= slot as usize {
                slots.freed.insert(slots.owners.ids.len() as u32);
                slots.owners.ids.push(0);
            }
            slots.last.entry(id).or_insert(slot);
        }
        slots.freed.remove(&0);
        slots
    }

    /// What a slot counts.
    pub(crate) fn counted(&self, slot: u32) -> Option<Counted> {
        self.owners.counted(slot)
    }

    /// The id of what a slot counts; 0 if it is free.
    pub(crate) fn id(&self, slot: u32) -> u32 {
        self.owners.id(slot)
    }

    /// A slot for somebody who has none. None if all are taken.
    pub(crate) fn give(&mut self, counted: Counted) -> Option<u32> {
        let id = counted.id();
        let slot = if let Some(slot) = self.last.remove(&id)
            && self.freed.remove(&slot)
        {
            slot
        } else if self.owners.ids.len() <= self.maximum as usize {
            self.owners.ids.push(0);
            self.owners.ids.len() as u32 - 1
        } else {
            self.freed.pop_first()?
        };
        if let Some(place) = self.owners.ids.get_mut(slot as usize) {
            *place = id;
        }
        self.used += 1;
        Some(slot)
    }

    /// Whether somebody who has no slot had one that nobody took since.
    pub(crate) fn remembers(&self, counted: Counted) -> bool {
        self.last
            .get(&counted.id())
            .is_some_and(|slot| self.freed.contains(slot))
    }

    /// Whoever had the slot is gone.
    pub(crate) fn free(&mut self, slot: u32) {
        if let Some(place) = self.owners.ids.get_mut(slot as usize)
            && *place != 0
        {
            self.last.insert(*place, slot);
            *place = 0;
            self.used -= 1;
            self.freed.insert(slot);
        }
    }

    /// All slots in use with the ids of what they count, by slot.
    pub(crate) fn in_use(&self) -> Vec<(u32, u32)> {
        (0..)
            .zip(self.owners.ids.iter())
            .filter(|(_, id)| **id != 0)
            .map(|(slot, id)| (slot, *id))
            .collect()
    }

    pub(crate) const fn used(&self) -> usize {
        self.used
    }

    pub(crate) const fn maximum(&self) -> u32 {
        self.maximum
    }
}
