//! The engine's tables: they answer what the kernel's maps answer, and remember what a change
//! touched, so that the kernel's maps can be made the same.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use blacklist_common::number::{Number, NumberKind};
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::{NUMBER_PROTECTED, NumberEntry, SCOPE_HAS_DEFAULT, partition};
use blacklist_common::tables::Direction;
use blacklist_generation::Buckets;
use blacklist_model::{Glob, Pattern, RuleId, wildcard};

use crate::enforcement::keys::keys;
use crate::enforcement::lookup::{Lookup, UserRule};
use crate::enforcement::partitions::{Content, Partition};
use crate::enforcement::shapes::Shapes;
use crate::enforcement::touched::{Key, Touched, Value};

/// What a scope's default does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum DefaultEntry {
    #[default]
    Unset,
    Allow,
    Block(RuleRef),
}

/// All tables.
#[derive(Clone, Debug, Default)]
pub(crate) struct EngineTables {
    /// What decides.
    pub(crate) lookup: Lookup,
    partitions: HashMap<u32, Partition>,
    /// Lists and defaults of scopes, which their entries have beside what is counted.
    lists: HashMap<u32, Vec<u32>>,
    defaults: HashMap<u32, DefaultEntry>,
    pub(crate) touched: Touched,
}

impl EngineTables {
    /// No rules.
    pub(crate) fn new(protected: HashSet<Number>, rules: usize) -> Self {
        let mut lookup = Lookup {
            buckets: Arc::new(Buckets::with_room(rules)),
            ..Lookup::default()
        };
        for number in &protected {
            let entry = NumberEntry {
                flags: NUMBER_PROTECTED,
                ..NumberEntry::default()
            };
            lookup.numbers.set(*number, Some(entry));
        }
        lookup.protected = Arc::new(protected);
        Self {
            lookup,
            ..Self::default()
        }
    }

    /// The shape number under which a wildcard is decided by the kernel in this partition; none
    /// if it is left to user space.
    fn shape_here(&self, pattern: &Pattern, partition: u32) -> Option<u8> {
        let number = self.lookup.shapes.number(&pattern.shape()?.0)?;
        self.partitions
            .get(&partition)?
            .uses(number)
            .then_some(number)
    }

    /// Whether a wildcard that is a mask would find room in a partition.
    fn has_room(&self, pattern: &Pattern, partition: u32) -> bool {
        pattern.shape().is_some_and(|(shape, _)| {
            let number = self.lookup.shapes.number(&shape);
            let here = self.partitions.get(&partition);
            here.is_none_or(|here| here.has_room(number)) && self.lookup.shapes.has_room(&shape)
        })
    }

    /// Puts a rule into one partition, where `candidates` are the others of its kind at its keys.
    pub(crate) fn put(&mut self, partition: u32, rule: &TableRule<'_>) {
        let shaped = rule.pattern.shape();
        if rule.pattern.glob().is_some()
            || shaped.is_some() && !self.has_room(rule.pattern, partition)
        {
            self.put_user(partition, rule);
            return;
        }
        let number = shaped.and_then(|(shape, _)| {
            let number = self.lookup.shapes.number(&shape);
            let used = number.is_some_and(|number| {
                self.partitions
                    .get(&partition)
                    .is_some_and(|here| here.uses(number))
            });
            if used {
                number
            } else {
                self.take_shape(&shape)
            }
        });
        for (key, content) in keys(rule.pattern, partition, number) {
            self.count(partition, content, rule.kind, true);
            let standing = self.lookup.buckets.get(&key, rule.kind);
            if rule.beats(standing) {
                self.set_entry(key, rule.kind, rule.reference);
            }
        }
    }

    fn take_shape(&mut self, shape: &blacklist_common::shape::Shape) -> Option<u8> {
        let number = self.shapes_mut().take(shape)?;
        self.touched.note(Key::Shape(number), || Value::Nothing);
        Some(number)
    }

    /// Takes a rule out of one partition. `successor` finds the rule that comes after it at a key.
    pub(crate) fn remove(
        &mut self,
        partition: u32,
        rule: &TableRule<'_>,
        successor: impl Fn(&EntryKey, Content) -> RuleRef,
    ) {
        if self.remove_user(partition, rule) {
            return;
        }
        let number = self.shape_here(rule.pattern, partition);
        for (key, content) in keys(rule.pattern, partition, number) {
            if self.lookup.buckets.get(&key, rule.kind).slot() == rule.reference.slot() {
                self.set_entry(key, rule.kind, successor(&key, content));
            }
            self.count(partition, content, rule.kind, false);
        }
        if let Some(number) = number
            && !self
                .partitions
                .get(&partition)
                .is_some_and(|here| here.uses(number))
        {
            self.shapes_mut().release(number);
        }
    }

    fn set_entry(&mut self, key: EntryKey, kind: Kind, rule: RuleRef) {
        let buckets = Arc::make_mut(&mut self.lookup.buckets);
        let before = buckets.set(&key, kind, rule);
        self.touched
            .note(Key::Entry(key, kind), || Value::Rule(before));
    }

    fn count(&mut self, partition: u32, content: Content, kind: Kind, more: bool) {
        let counted = self.partitions.entry(partition).or_default();
        if counted.count(content, kind, more) {
            self.refresh(partition);
        }
    }

    fn put_user(&mut self, partition: u32, rule: &TableRule<'_>) {
        let glob = match rule.pattern.glob() {
            Some(glob) => glob.clone(),
            None => match wildcard::tokens(rule.pattern) {
                Some((subject, tokens)) => Glob {
                    subject,
                    tokens: tokens.into(),
                },
                None => return,
            },
        };
        let user = UserRule {
            literals: glob.literals(),
            id: rule.id,
            kind: rule.kind,
            reference: rule.reference,
            glob,
        };
        let users = self.users_mut().entry(partition).or_default();
        let at = users.partition_point(|other| other.order() < user.order());
        let content = user.content();
        users.insert(at, Arc::new(user));
        self.count(partition, content, rule.kind, true);
    }

    fn remove_user(&mut self, partition: u32, rule: &TableRule<'_>) -> bool {
        let users = self.lookup.user_rules(partition);
        let Some(at) = users.iter().position(|user| user.id == rule.id) else {
            return false;
        };
        let all = self.users_mut();
        let Some(users) = all.get_mut(&partition) else {
            return false;
        };
        let content = users.remove(at).content();
        if users.is_empty() {
            all.remove(&partition);
        }
        self.count(partition, content, rule.kind, false);
        true
    }

    /// Whether a rule is one of those that only user space compares.
    pub(crate) fn is_user_rule(&self, partition: u32, id: RuleId) -> bool {
        let users = self.lookup.user_rules(partition);
        users.iter().any(|user| user.id == id)
    }

    fn users_mut(&mut self) -> &mut HashMap<u32, Vec<Arc<UserRule>>> {
        Arc::make_mut(&mut self.lookup.users)
    }

    /// Writes a partition's entry anew.
    fn refresh(&mut self, partition: u32) {
        let mut entry = self
            .partitions
            .get(&partition)
            .map(Partition::entry)
            .unwrap_or_default();
        let index = partition >> 1;
        if let Some(lists) = self.lists.get(&index) {
            for (place, list) in entry.lists.iter_mut().zip(lists) {
                *place = *list;
                entry.list_count += 1;
            }
        }
        match self.defaults.get(&index).copied().unwrap_or_default() {
            DefaultEntry::Unset => {}
            DefaultEntry::Allow => entry.contents |= SCOPE_HAS_DEFAULT,
            DefaultEntry::Block(rule) => {
                entry.contents |= SCOPE_HAS_DEFAULT;
                entry.default_block = rule;
            }
        }
        let place = partition as usize;
        self.lookup.scopes.grow(place + 1);
        if let Some(held) = self.lookup.scopes.get_mut(place) {
            let before = std::mem::replace(held, entry);
            self.touched
                .note(Key::Scope(partition), || Value::Scope(Box::new(before)));
        }
    }

    fn refresh_both(&mut self, index: u32) {
        self.refresh(partition(index, Direction::Inbound));
        self.refresh(partition(index, Direction::Outbound));
    }

    /// Sets the lists that a scope shares with others.
    pub(crate) fn set_lists(&mut self, index: u32, lists: Vec<u32>) {
        if lists.is_empty() {
            self.lists.remove(&index);
        } else {
            self.lists.insert(index, lists);
        }
        self.refresh_both(index);
    }

    /// Sets what a scope does with calls that no rule names.
    pub(crate) fn set_default(&mut self, index: u32, default: DefaultEntry) {
        if default == DefaultEntry::Unset {
            self.defaults.remove(&index);
        } else {
            self.defaults.insert(index, default);
        }
        self.refresh_both(index);
    }

    /// Sets the scopes of a number.
    pub(crate) fn set_number(&mut self, number: Number, mut entry: NumberEntry) {
        if self.lookup.protected.contains(&number) {
            entry.flags |= NUMBER_PROTECTED;
        }
        let entry = (entry != NumberEntry::default()).then_some(entry);
        let before = self.lookup.numbers.set(number, entry);
        self.touched
            .note(Key::Number(number), || Value::Number(before));
    }

    pub(crate) fn shapes_mut(&mut self) -> &mut Shapes {
        Arc::make_mut(&mut self.lookup.shapes)
    }

    /// A number was given to another shape since this was asked last.
    pub(crate) fn take_reused(&mut self) -> bool {
        // Asked at every change: shapes that copies share stay shared.
        self.lookup.shapes.reused && std::mem::take(&mut self.shapes_mut().reused)
    }

    pub(crate) fn numbers(&self) -> Vec<(Number, NumberEntry)> {
        let numbers = self.lookup.numbers.iter();
        let mut numbers: Vec<_> = numbers.map(|(number, entry)| (*number, *entry)).collect();
        numbers.sort_unstable_by_key(|(number, _)| *number);
        numbers
    }

    /// What is stored at a key.
    pub(crate) fn value(&self, key: Key) -> Value {
        match key {
            Key::Entry(key, kind) => Value::Rule(self.lookup.buckets.get(&key, kind)),
            Key::Number(number) => Value::Number(self.lookup.numbers.get(&number).copied()),
            Key::Scope(partition) => {
                let entry = self.lookup.scope(partition).copied();
                Value::Scope(Box::new(entry.unwrap_or_default()))
            }
            Key::Shape(number) => self
                .lookup
                .shapes
                .get(number)
                .map_or(Value::Nothing, |shape| Value::Shape(*shape)),
            // Neither is in these tables.
            Key::Slot(_) | Key::Grant(_) => Value::Nothing,
        }
    }
}

/// A rule on its way into or out of a partition.
pub(crate) struct TableRule<'a> {
    pub(crate) id: RuleId,
    pub(crate) pattern: &'a Pattern,
    pub(crate) kind: Kind,
    pub(crate) reference: RuleRef,
    /// The id of the rule that has a slot.
    pub(crate) owner: &'a dyn Fn(u32) -> u32,
}

impl TableRule<'_> {
    /// Whether it replaces a rule that has its key: the one with the lowest id has it.
    fn beats(&self, standing: RuleRef) -> bool {
        !standing.is_some()
            || standing.slot() == self.reference.slot()
            || self.id.0 < (self.owner)(standing.slot())
    }
}

/// The digits of a number as characters.
pub(crate) fn digits_of(number: Number) -> Vec<u8> {
    match number.kind() {
        NumberKind::E164 | NumberKind::Local => (0..number.digits())
            .map(|index| wildcard::character(number.nibble(index)))
            .collect(),
        NumberKind::None | NumberKind::Text => Vec::new(),
    }
}
