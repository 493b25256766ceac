//! The engine's tables: they answer what the kernel's maps answer, and remember what a change
//! touched, so that the kernel's maps can be made the same.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use blacklist_common::number::{Number, NumberKind};
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::{
    NUMBER_PROTECTED, NumberEntry, SCOPE_HAS_DEFAULT, ScopeEntry, partition,
};
use blacklist_common::tables::Direction;

use super::glob::{Glob, Subject};
use super::partitions::{Content, Partition};
use super::pattern::Pattern;
use super::resolved::{self, Resolved};
use super::rule::RuleId;
use super::shapes::Shapes;
use super::touched::{Key, Touched, Value};
use super::wildcard;
use crate::generation::Buckets;

/// A rule that only user space compares.
#[derive(Clone, Debug)]
pub(super) struct UserRule {
    pub(super) literals: u32,
    pub(super) id: RuleId,
    pub(super) kind: Kind,
    pub(super) reference: RuleRef,
    pub(super) glob: Glob,
}

impl UserRule {
    /// How it is counted.
    fn content(&self) -> Content {
        Content::User {
            names: self.glob.subject == Subject::Name,
        }
    }
}

/// What a scope's default does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum DefaultEntry {
    #[default]
    Unset,
    Allow,
    Block(RuleRef),
}

/// All tables.
#[derive(Clone, Debug, Default)]
pub(super) struct EngineTables {
    buckets: Arc<Buckets>,
    shapes: Shapes,
    partitions: HashMap<u32, Partition>,
    scopes: Vec<ScopeEntry>,
    /// Lists and defaults of scopes, which their entries have beside what is counted.
    lists: HashMap<u32, Vec<u32>>,
    defaults: HashMap<u32, DefaultEntry>,
    numbers: HashMap<Number, NumberEntry>,
    users: HashMap<u32, Vec<UserRule>>,
    pub(super) protected: HashSet<Number>,
    pub(super) touched: Touched,
}

impl EngineTables {
    /// No rules.
    pub(super) fn new(protected: HashSet<Number>, rules: usize) -> Self {
        let mut tables = Self {
            buckets: Arc::new(Buckets::with_room(rules)),
            ..Self::default()
        };
        for number in &protected {
            let entry = NumberEntry {
                flags: NUMBER_PROTECTED,
                ..NumberEntry::default()
            };
            tables.numbers.insert(*number, entry);
        }
        tables.protected = protected;
        tables
    }

    /// The shape number under which a wildcard is decided by the kernel in this partition; none
    /// if it is left to user space.
    fn shape_here(&self, pattern: &Pattern, partition: u32) -> Option<u8> {
        let number = self.shapes.number(&pattern.shape()?.0)?;
        self.partitions
            .get(&partition)?
            .uses(number)
            .then_some(number)
    }

    /// Whether a wildcard that is a mask would find room in a partition.
    fn has_room(&self, pattern: &Pattern, partition: u32) -> bool {
        pattern.shape().is_some_and(|(shape, _)| {
            let number = self.shapes.number(&shape);
            let here = self.partitions.get(&partition);
            here.is_none_or(|here| here.has_room(number)) && self.shapes.has_room(&shape)
        })
    }

    /// Puts a rule into one partition, where `rivals` are the others of its kind at its keys.
    pub(super) fn put(&mut self, partition: u32, rule: &Entrant<'_>) {
        let shaped = rule.pattern.shape();
        if rule.pattern.glob().is_some()
            || shaped.is_some() && !self.has_room(rule.pattern, partition)
        {
            self.put_user(partition, rule);
            return;
        }
        let number = shaped.and_then(|(shape, _)| {
            let number = self.shapes.number(&shape);
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
        for (key, content) in resolved::keys(rule.pattern, partition, number) {
            self.count(partition, content, rule.resolved.kind, true);
            let standing = self.buckets.get(&key, rule.resolved.kind);
            if rule.beats(standing) {
                self.set_entry(key, rule.resolved.kind, rule.reference);
            }
        }
    }

    fn take_shape(&mut self, shape: &blacklist_common::shape::Shape) -> Option<u8> {
        let number = self.shapes.take(shape)?;
        self.touched.note(Key::Shape(number), || Value::Nothing);
        Some(number)
    }

    /// Takes a rule out of one partition. `heir` finds the rule that comes after it at a key.
    pub(super) fn remove(
        &mut self,
        partition: u32,
        rule: &Entrant<'_>,
        heir: impl Fn(&EntryKey, Content) -> RuleRef,
    ) {
        if self.remove_user(partition, rule) {
            return;
        }
        let number = self.shape_here(rule.pattern, partition);
        for (key, content) in resolved::keys(rule.pattern, partition, number) {
            if self.buckets.get(&key, rule.resolved.kind).slot() == rule.reference.slot() {
                self.set_entry(key, rule.resolved.kind, heir(&key, content));
            }
            self.count(partition, content, rule.resolved.kind, false);
        }
        if let Some(number) = number
            && !self
                .partitions
                .get(&partition)
                .is_some_and(|here| here.uses(number))
        {
            self.shapes.release(number);
        }
    }

    fn set_entry(&mut self, key: EntryKey, kind: Kind, rule: RuleRef) {
        let buckets = Arc::make_mut(&mut self.buckets);
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

    fn put_user(&mut self, partition: u32, rule: &Entrant<'_>) {
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
            kind: rule.resolved.kind,
            reference: rule.reference,
            glob,
        };
        let users = self.users.entry(partition).or_default();
        let order = |user: &UserRule| (std::cmp::Reverse(user.literals), user.id);
        let at = users.partition_point(|other| order(other) < order(&user));
        let content = user.content();
        users.insert(at, user);
        self.count(partition, content, rule.resolved.kind, true);
    }

    fn remove_user(&mut self, partition: u32, rule: &Entrant<'_>) -> bool {
        let Some(users) = self.users.get_mut(&partition) else {
            return false;
        };
        let Some(at) = users.iter().position(|user| user.id == rule.id) else {
            return false;
        };
        let content = users.remove(at).content();
        if users.is_empty() {
            self.users.remove(&partition);
        }
        self.count(partition, content, rule.resolved.kind, false);
        true
    }

    /// Whether a rule stands among those that only user space compares.
    pub(super) fn is_user_rule(&self, partition: u32, id: RuleId) -> bool {
        let users = self.users.get(&partition);
        users.is_some_and(|users| users.iter().any(|user| user.id == id))
    }

    /// How many rules only user space compares in a partition.
    pub(super) fn user_rules(&self, partition: u32) -> &[UserRule] {
        self.users
            .get(&partition)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Writes a partition's entry anew.
    fn refresh(&mut self, partition: u32) {
        let mut entry = self
            .partitions
            .get(&partition)
            .map_or(ScopeEntry::EMPTY, Partition::entry);
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
        if self.scopes.len() <= place {
            self.scopes.resize(place + 1, ScopeEntry::EMPTY);
        }
        if let Some(held) = self.scopes.get_mut(place) {
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
    pub(super) fn set_lists(&mut self, index: u32, lists: Vec<u32>) {
        if lists.is_empty() {
            self.lists.remove(&index);
        } else {
            self.lists.insert(index, lists);
        }
        self.refresh_both(index);
    }

    /// Sets what a scope does with calls that no rule names.
    pub(super) fn set_default(&mut self, index: u32, default: DefaultEntry) {
        if default == DefaultEntry::Unset {
            self.defaults.remove(&index);
        } else {
            self.defaults.insert(index, default);
        }
        self.refresh_both(index);
    }

    /// Sets the scopes of a number.
    pub(super) fn set_number(&mut self, number: Number, mut entry: NumberEntry) {
        if self.protected.contains(&number) {
            entry.flags |= NUMBER_PROTECTED;
        }
        let before = if entry == NumberEntry::default() {
            self.numbers.remove(&number)
        } else {
            self.numbers.insert(number, entry)
        };
        self.touched
            .note(Key::Number(number), || Value::Number(before));
    }

    pub(super) const fn buckets(&self) -> &Arc<Buckets> {
        &self.buckets
    }

    pub(super) const fn shapes(&self) -> &Shapes {
        &self.shapes
    }

    pub(super) const fn shapes_mut(&mut self) -> &mut Shapes {
        &mut self.shapes
    }

    pub(super) fn number(&self, number: Number) -> Option<&NumberEntry> {
        self.numbers.get(&number)
    }

    pub(super) fn numbers(&self) -> Vec<(Number, NumberEntry)> {
        let mut numbers: Vec<_> = self
            .numbers
            .iter()
            .map(|(number, entry)| (*number, *entry))
            .collect();
        numbers.sort_unstable_by_key(|(number, _)| *number);
        numbers
    }

    pub(super) fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        self.scopes.get(partition as usize)
    }

    pub(super) fn scopes(&self) -> &[ScopeEntry] {
        &self.scopes
    }

    /// What stands at a key.
    pub(super) fn value(&self, key: Key) -> Value {
        match key {
            Key::Entry(key, kind) => Value::Rule(self.buckets.get(&key, kind)),
            Key::Number(number) => Value::Number(self.number(number).copied()),
            Key::Scope(partition) => {
                let entry = self.scope(partition).copied();
                Value::Scope(Box::new(entry.unwrap_or(ScopeEntry::EMPTY)))
            }
            Key::Shape(number) => self
                .shapes
                .get(number)
                .map_or(Value::Nothing, |shape| Value::Shape(*shape)),
            // Neither is in these tables.
            Key::Slot(_) | Key::Grant(_) => Value::Nothing,
        }
    }
}

/// A rule on its way into or out of a partition.
pub(super) struct Entrant<'a> {
    pub(super) id: RuleId,
    pub(super) pattern: &'a Pattern,
    pub(super) resolved: Resolved,
    pub(super) reference: RuleRef,
    /// The id of the rule that has a slot.
    pub(super) owner: &'a dyn Fn(u32) -> u32,
}

impl Entrant<'_> {
    /// Whether it takes the place of a rule that stands at its key: the lowest id stands.
    fn beats(&self, standing: RuleRef) -> bool {
        !standing.is_some()
            || standing.slot() == self.reference.slot()
            || self.id.0 < (self.owner)(standing.slot())
    }
}

/// The digits of a number as characters.
pub(super) fn digits_of(number: Number) -> Vec<u8> {
    match number.kind() {
        NumberKind::E164 | NumberKind::Local => (0..number.digits())
            .map(|index| wildcard::character(number.nibble(index)))
            .collect(),
        NumberKind::None | NumberKind::Text => Vec::new(),
    }
}
