//! All rules, and what each change of one means for the tables: first computed, then taken back if
//! the kernel refuses it.

use std::collections::{BTreeMap, HashMap, HashSet};

use blacklist_common::number::Number;
use blacklist_common::pattern::Kind;
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::partition;

use super::draft::Draft;
use super::lint;
use super::pattern::PatternKind;
use super::rule::{ListKind, Refusal, Rule, RuleId};
use super::slots::Slots;
use super::tables::{EngineTables, Key};
use crate::generation::{Change, Tables};

/// A pattern of one list kind, one direction and one local number: what only one rule may have.
type Claim = (PatternKind, Number, ListKind, u8, Option<Number>);

/// What the kernel has to do for a change of one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Slot whose counters are another rule's and must be reset first.
    pub reset: Option<u32>,
    /// Entries, in an order in which no call in between is judged by half a change.
    pub changes: Vec<Change>,
}

/// All rules.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    rules: BTreeMap<RuleId, Rule>,
    claims: HashMap<Claim, RuleId>,
    slots: Slots,
    pub(super) tables: EngineTables,
}

impl RuleSet {
    /// No rules. `slots` are those that the kernel has in use (slot, rule id); `exists` says which
    /// rules will be there.
    pub fn new(
        protected: HashSet<Number>,
        maximum_rules: u32,
        slots: &[(u32, u32)],
        exists: impl Fn(RuleId) -> bool,
    ) -> Self {
        Self {
            slots: Slots::new(maximum_rules, slots, exists),
            tables: EngineTables::new(protected),
            ..Self::default()
        }
    }

    /// A rule by its id.
    pub fn get(&self, id: RuleId) -> Option<&Rule> {
        self.rules.get(&id)
    }

    /// All rules, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.values()
    }

    /// The rule whose counters stand in a slot.
    pub fn of_slot(&self, slot: u32) -> Option<&Rule> {
        self.get(self.slots.rule(slot)?)
    }

    /// The slot of a rule's counters; none if it was never in force.
    pub fn slot(&self, id: RuleId) -> Option<u32> {
        self.slots.get(id)
    }

    /// Whether no rule blocks a number.
    pub fn is_protected(&self, number: Number) -> bool {
        self.tables.protected.contains(&number)
    }

    pub(super) fn protected(&self) -> impl Iterator<Item = Number> + '_ {
        self.tables.protected.iter().copied()
    }

    /// The rules' part of a whole generation.
    pub fn generation(&self) -> Tables {
        Tables {
            slots: self.slots.in_use(),
            ..self.tables.generation()
        }
    }

    /// Judges a rule against the others; `id` is its own, 0 for a new one. Returns what an
    /// operator should know.
    ///
    /// # Errors
    /// It could never match, blocks an emergency number, or another rule says the same.
    pub fn lint(&self, draft: &Draft, id: RuleId) -> Result<Vec<String>, Refusal> {
        let rule = Rule {
            id,
            ..draft.rule.clone()
        };
        lint::refuse(self, &rule)?;
        Ok(lint::warnings(self, &rule))
    }

    /// Another rule that has the same pattern in the same place, in force or not.
    pub(super) fn twin(&self, rule: &Rule) -> Option<&Rule> {
        claims(rule)
            .filter_map(|claim| self.claims.get(&claim))
            .filter(|id| **id != rule.id)
            .find_map(|id| self.rules.get(id))
    }

    /// Puts a rule in place of the one with its id, or adds it.
    ///
    /// # Errors
    /// Another rule has its pattern, or all slots are taken. Nothing is changed then.
    pub fn put(&mut self, rule: &Rule) -> Result<Plan, Refusal> {
        if let Some(other) = self.twin(rule) {
            return Err(Refusal::Conflict(format!(
                "duplicate: rule {} has the pattern {} already",
                other.id, other.written
            )));
        }
        let mut plan = Plan::default();
        if rule.enabled {
            let Some(given) = self.slots.give(rule.id) else {
                return Err(Refusal::Conflict(format!(
                    "table full: rule {} ({}) has no room, {} rules are in force; raise maximum_rules in [kernel] of the configuration, or remove rules",
                    rule.id,
                    rule.written,
                    self.slots.maximum()
                )));
            };
            plan.reset = given.used.then_some(given.slot);
            plan.changes.push(Change::Slot(given.slot, rule.id.0));
        }
        let old = self.rules.insert(rule.id, rule.clone());
        if let Some(old) = &old {
            for claim in claims(old) {
                self.claims.remove(&claim);
            }
        }
        self.claims
            .extend(claims(rule).map(|claim| (claim, rule.id)));
        let entries = self.transition(old.as_ref(), Some(rule));
        plan.changes.extend(entries);
        Ok(plan)
    }

    /// Takes a rule out of the tables, before [`Self::forget`]. Putting it again takes this back.
    pub fn retire(&mut self, id: RuleId) -> Plan {
        let Some(rule) = self.rules.get_mut(&id) else {
            return Plan::default();
        };
        let old = rule.clone();
        rule.enabled = false;
        let mut changes = self.transition(Some(&old), None);
        if let Some(slot) = self.slots.get(id) {
            changes.push(Change::Slot(slot, 0));
        }
        Plan {
            reset: None,
            changes,
        }
    }

    /// Forgets a rule; its slot can be given to another one.
    pub fn forget(&mut self, id: RuleId) {
        if let Some(rule) = self.rules.remove(&id) {
            if rule.enabled {
                self.transition(Some(&rule), None);
            }
            for claim in claims(&rule) {
                self.claims.remove(&claim);
            }
            self.slots.free(id);
        }
    }

    /// Changes the tables from one form of a rule to another, and says what the kernel must do.
    fn transition(&mut self, old: Option<&Rule>, new: Option<&Rule>) -> Vec<Change> {
        let old = old.filter(|rule| rule.enabled);
        let new = new.filter(|rule| rule.enabled);
        let numbers = [old, new]
            .into_iter()
            .flatten()
            .filter_map(|rule| rule.scope.number());
        let mut keys: Vec<Key> = numbers.map(Key::Number).collect();
        keys.dedup();
        // Before the scope has its id: a number lists it only from then on.
        let mut before: Vec<Change> = keys.iter().map(|key| self.tables.entry(*key)).collect();
        if let Some(rule) = new {
            self.tables.scopes.take(&rule.scope);
        }
        for rule in [old, new].into_iter().flatten() {
            for key in self.keys(rule) {
                if !keys.contains(&key) {
                    keys.push(key);
                    before.push(self.tables.entry(key));
                }
            }
        }
        if let Some(rule) = old {
            self.write(rule, RuleRef::NONE);
        }
        if let Some(rule) = new {
            let slot = self.slots.get(rule.id).unwrap_or_default();
            self.write(rule, rule.reference(slot));
        }
        if let Some(rule) = old {
            self.tables.scopes.release(&rule.scope);
        }
        let mut changes: Vec<(u8, Change)> = Vec::new();
        for (key, before) in keys.iter().zip(before) {
            let after = self.tables.entry(*key);
            if before != after {
                changes.push((phase(&before, &after), after));
            }
        }
        changes.sort_by_key(|(phase, _)| *phase);
        changes.into_iter().map(|(_, change)| change).collect()
    }

    /// Where a rule stands, and its partitions.
    fn keys(&self, rule: &Rule) -> Vec<Key> {
        let mut keys = Vec::new();
        for partition in self.partitions(rule) {
            keys.push(Key::Scope(partition));
            keys.push(Key::Entry(rule.pattern.key(partition), kind(rule)));
        }
        keys
    }

    fn partitions(&self, rule: &Rule) -> Vec<u32> {
        let Some(scope) = self.tables.scopes.id(&rule.scope) else {
            return Vec::new();
        };
        let directions = rule.direction.directions().iter();
        directions
            .map(|direction| partition(scope, *direction))
            .collect()
    }

    fn write(&mut self, rule: &Rule, reference: RuleRef) {
        for partition in self.partitions(rule) {
            let key = rule.pattern.key(partition);
            self.tables.set(&key, kind(rule), reference);
        }
    }
}

const fn kind(rule: &Rule) -> Kind {
    match rule.list {
        ListKind::Allow => Kind::Allow,
        ListKind::Block => Kind::Block,
    }
}

fn claims(rule: &Rule) -> impl Iterator<Item = Claim> + use<> {
    let kind = rule.pattern.kind;
    let number = rule.pattern.number;
    let list = rule.list;
    let scope = rule.scope.number();
    let directions = rule.direction.directions().iter();
    directions.map(move |direction| (kind, number, list, *direction as u8, scope))
}

/// The order within a change: what makes room first, rules, who is asked for them; then the same
/// backwards for what goes. A partition's bit is set before its first rule and cleared after its
/// last.
const fn phase(before: &Change, after: &Change) -> u8 {
    match (before, after) {
        (_, Change::Slot(..)) => 0,
        (Change::Scope(_, before), Change::Scope(_, after))
            if after.contents & !before.contents == 0
                && after.shape_count <= before.shape_count =>
        {
            6
        }
        (_, Change::Scope(..) | Change::Shape(..)) => 1,
        (_, Change::Entry(_, _, rule)) if rule.is_some() => 2,
        (_, Change::Number(_, Some(entry))) if entry.scope_count > 0 => 3,
        (_, Change::Number(..)) => 4,
        (_, Change::Entry(..)) => 5,
    }
}
