//! Rules in and out of the tables.

use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::partition;
use blacklist_common::tables::Direction;
use blacklist_model::{Effective, Pattern, Refusal, Rule, RuleId};
use jiff::Timestamp;

use super::counted::Counted;
use super::index::Place;
use super::keys::{can_match, reference};
use super::partitions::Content;
use super::set::RuleSet;
use super::tables::Entrant;
use super::touched::{Key, Value};

/// Wildcards on names, and such with several `*`, that can be there: user space compares them one
/// by one.
pub(super) const MAXIMUM_GLOBS: usize = 10_000;

/// The home in the index of rules whose list is assigned to no scope.
const NO_HOME: u32 = u32::MAX;

impl RuleSet {
    /// Whether a rule shall be in force.
    pub(super) fn is_due(&self, rule: &Rule, now: Timestamp) -> bool {
        let list = self.list(rule.list);
        list.is_some_and(|list| Effective::is_due(rule, list, now))
    }

    /// Makes sure that so many rules can get slots; takes those of rules that are not in force if
    /// need be.
    pub(super) fn ensure_slots(&mut self, needed: usize, what: &str) -> Result<(), Refusal> {
        let maximum = self.slots.maximum() as usize;
        if self.slots.used() + needed <= maximum {
            return Ok(());
        }
        let idle: Vec<Place> = self
            .index
            .iter()
            .filter(|(_, held)| !held.in_force && held.slot != 0)
            .map(|(place, _)| place)
            .collect();
        if self.slots.used() + needed > maximum + idle.len() {
            return Err(Refusal::Conflict(format!(
                "table full: {what} has no room, {} rules are in force; raise maximum_rules ({maximum}) in [kernel] of the configuration, or remove rules",
                self.in_force
            )));
        }
        for place in idle {
            if let Some(held) = self.index.at_mut(place) {
                let slot = std::mem::take(&mut held.slot);
                self.free_slot(slot);
            }
        }
        Ok(())
    }

    pub(super) fn free_slot(&mut self, slot: u32) {
        let id = self.slots.id(slot);
        if id != 0 {
            self.tables
                .touched
                .note(Key::Slot(slot), || Value::Slot(id));
            self.slots.free(slot);
        }
    }

    /// A slot for somebody who has none; [`Self::ensure_slots`] made sure that there is one.
    pub(super) fn give_slot(&mut self, counted: Counted) -> u32 {
        let Some(slot) = self.slots.give(counted) else {
            return 0;
        };
        let touched = &mut self.tables.touched;
        touched.note(Key::Slot(slot), || Value::Slot(0));
        slot
    }

    /// The slot that somebody had before, if nobody took it since; else 0. Counters stand there
    /// although what they count is not in force.
    pub(super) fn slot_again(&mut self, counted: Counted) -> u32 {
        if self.slots.remembers(counted) {
            self.give_slot(counted)
        } else {
            0
        }
    }

    /// Puts a rule into the tables if it shall be in force, and notes when time changes that.
    pub(super) fn enter(&mut self, place: Place, now: Timestamp) {
        let Some(held) = self.index.at(place) else {
            return;
        };
        let rule = held.rule.clone();
        if let Some(change) = rule
            .timing
            .as_ref()
            .and_then(|timing| timing.next_change(now))
        {
            self.timers.insert((change.as_second(), rule.id));
        }
        if held.in_force || !self.is_due(&rule, now) {
            return;
        }
        let Some(effective) = self.effective(&rule) else {
            return;
        };
        let mut slot = held.slot;
        if slot == 0 {
            slot = self.give_slot(Counted::Rule(rule.id));
            if slot == 0 {
                return;
            }
        }
        if let Some(held) = self.index.at_mut(place) {
            held.slot = slot;
            held.in_force = true;
        }
        self.in_force += 1;
        self.slots.owners.set_action(slot, effective.action);
        let reference = reference(&effective, slot, &rule.pattern);
        for (_, partition) in self.partitions_of(&rule, effective) {
            let Self { tables, slots, .. } = self;
            let entrant = Entrant {
                id: rule.id,
                pattern: &rule.pattern,
                kind: effective.kind_in_tables(),
                reference,
                owner: &|slot| slots.id(slot),
            };
            tables.put(partition, &entrant);
        }
    }

    /// Home and partition of each place where a rule stands.
    pub(super) fn partitions_of(&self, rule: &Rule, effective: Effective) -> Vec<(u32, u32)> {
        let mut partitions = Vec::with_capacity(2);
        for home in self.homes(rule) {
            for direction in effective.directions() {
                if can_match(&rule.pattern, direction) {
                    partitions.push((home, partition(home, direction)));
                }
            }
        }
        partitions
    }

    /// Takes a rule out of the tables. List and homes are those with which it came in.
    pub(super) fn leave(&mut self, place: Place) {
        let Some(held) = self.index.at_mut(place) else {
            return;
        };
        if !std::mem::take(&mut held.in_force) {
            return;
        }
        self.in_force -= 1;
        let slot = held.slot;
        let rule = held.rule.clone();
        let Some(effective) = self.effective(&rule) else {
            return;
        };
        let reference = reference(&effective, slot, &rule.pattern);
        for (home, partition) in self.partitions_of(&rule, effective) {
            // The heirs are looked for while nothing of the tables is borrowed.
            let heirs = self.rivals(home, partition, &rule.pattern, effective.kind_in_tables());
            let heir = |_key: &EntryKey, content: Content| heir_at(&heirs, content);
            let Self { tables, slots, .. } = self;
            let entrant = Entrant {
                id: rule.id,
                pattern: &rule.pattern,
                kind: effective.kind_in_tables(),
                reference,
                owner: &|slot| slots.id(slot),
            };
            tables.remove(partition, &entrant, heir);
        }
    }

    /// Rules in force that stand at keys of a pattern in a partition.
    fn rivals(&self, home: u32, partition: u32, pattern: &Pattern, kind: Kind) -> Vec<Rival> {
        let direction = if partition & 1 == 0 {
            Direction::Inbound
        } else {
            Direction::Outbound
        };
        let mut rivals = Vec::new();
        for place in self.index.alike(home, pattern) {
            let Some(held) = self.index.at(place).filter(|held| held.in_force) else {
                continue;
            };
            let Some(effective) = self.effective(&held.rule) else {
                continue;
            };
            if effective.kind_in_tables() != kind
                || !effective.direction.covers(direction)
                || !can_match(&held.rule.pattern, direction)
                || self.tables.is_user_rule(partition, held.rule.id)
            {
                continue;
            }
            rivals.push(Rival {
                id: held.rule.id,
                classes: held.rule.pattern.classes().map(|classes| classes.0),
                reference: reference(&effective, held.slot, &held.rule.pattern),
            });
        }
        rivals
    }

    /// Homes under which a rule is found: those in the tables or, if it has none, a common one.
    pub(super) fn index_homes(&self, rule: &Rule) -> Vec<u32> {
        let mut homes = self.homes(rule);
        if homes.is_empty() {
            homes.push(NO_HOME);
        }
        homes
    }

    /// A rule has its homes from now on.
    pub(super) fn settle(&mut self, place: Place) {
        let homes = self
            .index
            .at(place)
            .map(|held| self.index_homes(&held.rule))
            .unwrap_or_default();
        for home in homes {
            self.index.settle(place, home);
        }
    }

    /// A rule leaves its homes.
    pub(super) fn unsettle(&mut self, place: Place) {
        let homes = self
            .index
            .at(place)
            .map(|held| self.index_homes(&held.rule))
            .unwrap_or_default();
        for home in homes {
            self.index.leave(place, home);
        }
    }
}

/// A rule that can stand in the place of another.
struct Rival {
    id: RuleId,
    classes: Option<u32>,
    reference: RuleRef,
}

/// The rule that stands at a key: the one with the lowest id.
fn heir_at(rivals: &[Rival], content: Content) -> RuleRef {
    let fits = |rival: &&Rival| match content {
        Content::Class(class) => rival
            .classes
            .is_some_and(|classes| classes & class.bit() != 0),
        Content::Exact | Content::Prefix(_) | Content::Shape(..) | Content::User { .. } => true,
    };
    let heir = rivals.iter().filter(fits).min_by_key(|rival| rival.id);
    heir.map_or(RuleRef::NONE, |rival| rival.reference)
}
