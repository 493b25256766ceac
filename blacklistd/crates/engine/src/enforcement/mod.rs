//! What is in force: the tables that decide about calls, the counter slots, the grants, and what
//! time changes next.

pub(crate) mod grants;
pub(crate) mod keys;
pub(crate) mod lookup;
pub(crate) mod partitions;
pub(crate) mod shapes;
pub(crate) mod slots;
pub(crate) mod tables;
pub(crate) mod touched;

use std::collections::{BTreeSet, HashMap};

use blacklist_generation::Tables;
use blacklist_model::{Refusal, RuleId};

use self::grants::Grants;
use self::slots::Slots;
use self::tables::EngineTables;
use self::touched::{Key, Value};
use crate::counted::Counted;
use crate::plan::Plan;

/// What decides about calls, and what of it the kernel does not have yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Enforcement {
    pub(crate) slots: Slots,
    pub(crate) tables: EngineTables,
    pub(crate) grants: Grants,
    /// Rules that time changes next, by second.
    pub(crate) timers: BTreeSet<(i64, RuleId)>,
    /// How many rules are in force.
    pub(crate) in_force: usize,
    /// Rules whose time has come and for which there was no room.
    pub(crate) late: HashMap<RuleId, Refusal>,
    /// The kernel's tables may differ in more than what is touched next.
    pub(crate) stale: bool,
}

impl Enforcement {
    /// The rules' part of a whole generation. The patterns are shared, not copied: drop them when
    /// they are in force, or the next change copies them.
    pub(crate) fn generation(&self) -> Tables {
        Tables {
            buckets: self.tables.lookup.buckets.clone(),
            shapes: self.tables.lookup.shapes.list(),
            numbers: self.tables.numbers(),
            scopes: self.tables.lookup.scopes.iter().copied().collect(),
            slots: self.slots.in_use(),
            grants: self.grants.list(),
            ..Tables::default()
        }
    }

    /// What the kernel has to do for all that was touched.
    pub(crate) fn plan(&mut self) -> Plan {
        let mut touched = std::mem::take(&mut self.tables.touched);
        let changes = touched.end(|key| match key {
            Key::Slot(slot) => Value::Slot(self.slots.id(slot)),
            Key::Grant(pair) => Value::Grant(self.grants.end(&pair)),
            Key::Entry(..) | Key::Number(_) | Key::Scope(_) | Key::Shape(_) => {
                self.tables.value(key)
            }
        });
        let reused = self.tables.take_reused();
        let stale = std::mem::take(&mut self.stale) || reused;
        match changes {
            Some(changes) if !stale => Plan::Changes { changes },
            _ => Plan::Whole,
        }
    }

    pub(crate) fn free_slot(&mut self, slot: u32) {
        let id = self.slots.id(slot);
        if id != 0 {
            self.tables
                .touched
                .note(Key::Slot(slot), || Value::Slot(id));
            self.slots.free(slot);
        }
    }

    /// A slot for somebody who has none; the caller made sure that there is one.
    pub(crate) fn give_slot(&mut self, counted: Counted) -> u32 {
        let Some(slot) = self.slots.give(counted) else {
            return 0;
        };
        let touched = &mut self.tables.touched;
        touched.note(Key::Slot(slot), || Value::Slot(0));
        slot
    }

    /// The slot that somebody had before, if nobody has taken it since; else 0. Its counters are kept
    /// although what they count is not in force.
    pub(crate) fn slot_again(&mut self, counted: Counted) -> u32 {
        if self.slots.remembers(counted) {
            self.give_slot(counted)
        } else {
            0
        }
    }
}
