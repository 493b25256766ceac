//! Rules in and out of the tables.

use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::partition;
use blacklist_common::tables::Direction;
use blacklist_model::{Effective, Pattern, Refusal, Rule, RuleId, count};

use crate::change::Editor;
use crate::counted::Counted;
use crate::enforcement::Enforcement;
use crate::enforcement::keys::{can_match, reference};
use crate::enforcement::partitions::Content;
use crate::enforcement::tables::TableRule;
use crate::register::index::Place;

/// Wildcards on names, and such with several `*`, that can be there: user space compares them one
/// by one.
pub(crate) const MAXIMUM_GLOBS: usize = 10_000;

impl Editor<'_> {
    /// Makes sure that `needed` rules can get slots; takes those of rules that are not in force if
    /// need be.
    pub(crate) fn ensure_slots(&mut self, needed: usize, what: &str) -> Result<(), Refusal> {
        let maximum = self.enforcement.slots.maximum() as usize;
        if self.enforcement.slots.used() + needed <= maximum {
            return Ok(());
        }
        let idle: Vec<Place> = self
            .register
            .index
            .iter()
            .filter(|(_, held)| !held.in_force && held.slot != 0)
            .map(|(place, _)| place)
            .collect();
        if self.enforcement.slots.used() + needed > maximum + idle.len() {
            return Err(Refusal::Conflict(format!(
                "table full: {what} has no room beside {} in force; raise maximum_rules ({maximum}) in [kernel] of the configuration, or remove rules",
                count(self.enforcement.in_force, "rule")
            )));
        }
        for place in idle {
            if let Some(held) = self.register.index.at_mut(place) {
                let slot = std::mem::take(&mut held.slot);
                self.enforcement.free_slot(slot);
            }
        }
        Ok(())
    }

    /// Puts a rule into the tables if it shall be in force, and notes when time changes that.
    pub(crate) fn enter(&mut self, place: Place) {
        let Some(held) = self.register.index.at(place) else {
            return;
        };
        let rule = held.rule.clone();
        if let Some(change) = rule
            .timing
            .as_ref()
            .and_then(|timing| timing.next_change(self.now))
        {
            self.enforcement
                .timers
                .insert((change.as_second(), rule.id));
        }
        if held.in_force || !self.register.is_due(&rule, self.now) {
            return;
        }
        let Some(effective) = self.register.effective(&rule) else {
            return;
        };
        let mut slot = held.slot;
        if slot == 0 {
            slot = self.enforcement.give_slot(Counted::Rule(rule.id));
            if slot == 0 {
                return;
            }
        }
        if let Some(held) = self.register.index.at_mut(place) {
            held.slot = slot;
            held.in_force = true;
        }
        self.enforcement.in_force += 1;
        self.enforcement
            .slots
            .owners
            .set_action(slot, effective.action);
        let reference = reference(&effective, slot, &rule.pattern);
        for (_, partition) in self.partitions_of(&rule, effective) {
            let Enforcement { tables, slots, .. } = &mut *self.enforcement;
            let table_rule = TableRule {
                id: rule.id,
                pattern: &rule.pattern,
                kind: effective.kind_in_tables(),
                reference,
                owner: &|slot| slots.id(slot),
            };
            tables.put(partition, &table_rule);
        }
    }

    /// Home and partition of each place at which a rule is entered.
    pub(crate) fn partitions_of(&self, rule: &Rule, effective: Effective) -> Vec<(u32, u32)> {
        let mut partitions = Vec::with_capacity(2);
        for home in self.register.homes(rule) {
            for direction in effective.directions() {
                if can_match(&rule.pattern, direction) {
                    partitions.push((home, partition(home, direction)));
                }
            }
        }
        partitions
    }

    /// Takes a rule out of the tables. List and homes are those with which it came in.
    pub(crate) fn leave(&mut self, place: Place) {
        let Some(held) = self.register.index.at_mut(place) else {
            return;
        };
        if !std::mem::take(&mut held.in_force) {
            return;
        }
        self.enforcement.in_force -= 1;
        let slot = held.slot;
        let rule = held.rule.clone();
        let Some(effective) = self.register.effective(&rule) else {
            return;
        };
        let reference = reference(&effective, slot, &rule.pattern);
        for (home, partition) in self.partitions_of(&rule, effective) {
            // The successors are looked for while nothing of the tables is borrowed.
            let successors =
                self.candidates(home, partition, &rule.pattern, effective.kind_in_tables());
            let successor = |_key: &EntryKey, content: Content| successor_at(&successors, content);
            let Enforcement { tables, slots, .. } = &mut *self.enforcement;
            let table_rule = TableRule {
                id: rule.id,
                pattern: &rule.pattern,
                kind: effective.kind_in_tables(),
                reference,
                owner: &|slot| slots.id(slot),
            };
            tables.remove(partition, &table_rule, successor);
        }
    }

    /// Rules in force that have keys of a pattern in a partition.
    fn candidates(
        &self,
        home: u32,
        partition: u32,
        pattern: &Pattern,
        kind: Kind,
    ) -> Vec<Candidate> {
        let direction = if partition & 1 == 0 {
            Direction::Inbound
        } else {
            Direction::Outbound
        };
        let mut candidates = Vec::new();
        for place in self.register.index.alike(home, pattern) {
            let Some(held) = self.register.index.at(place).filter(|held| held.in_force) else {
                continue;
            };
            let Some(effective) = self.register.effective(&held.rule) else {
                continue;
            };
            if effective.kind_in_tables() != kind
                || !effective.direction.covers(direction)
                || !can_match(&held.rule.pattern, direction)
                || self
                    .enforcement
                    .tables
                    .is_user_rule(partition, held.rule.id)
            {
                continue;
            }
            candidates.push(Candidate {
                id: held.rule.id,
                classes: held.rule.pattern.classes().map(|classes| classes.0),
                reference: reference(&effective, held.slot, &held.rule.pattern),
            });
        }
        candidates
    }
}

/// A rule that can take the place of another.
struct Candidate {
    id: RuleId,
    classes: Option<u32>,
    reference: RuleRef,
}

/// The rule that has a key: the one with the lowest id.
fn successor_at(candidates: &[Candidate], content: Content) -> RuleRef {
    let fits = |candidate: &&Candidate| match content {
        Content::Class(class) => candidate
            .classes
            .is_some_and(|classes| classes & class.bit() != 0),
        Content::Exact | Content::Prefix(_) | Content::Shape(..) | Content::User { .. } => true,
    };
    let successor = candidates
        .iter()
        .filter(fits)
        .min_by_key(|candidate| candidate.id);
    successor.map_or(RuleRef::NONE, |candidate| candidate.reference)
}
