//! The engine's tables: what answers the questions that the kernel's maps answer, and the entries
//! that make the kernel's maps the same.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use blacklist_common::number::Number;
use blacklist_common::pattern::{EntryKey, Found, KIND_PLACES, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::{
    NUMBER_PROTECTED, NumberEntry, SCOPE_HAS_ALLOW_PATTERNS, SCOPE_HAS_EXACT, ScopeEntry,
};
use blacklist_common::shape::Shape;
use blacklist_common::tables::{self, GrantKey, PrefixValue};

use super::scopes::Scopes;
use crate::generation::{Buckets, Change, Tables};

/// Digits that a prefix can have, and none.
const LENGTHS: usize = 16;

/// Rules that a partition holds.
#[derive(Clone, Copy, Debug, Default)]
struct Contents {
    exact: u32,
    /// By the number of their kind.
    prefixes: [u32; KIND_PLACES],
    /// By their digits.
    lengths: [u32; LENGTHS],
}

/// Where a rule stands, or what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Entry(EntryKey, Kind),
    Number(Number),
    Scope(u32),
}

/// All tables.
#[derive(Clone, Debug, Default)]
pub(super) struct EngineTables {
    buckets: Arc<Buckets>,
    contents: HashMap<u32, Contents>,
    entries: HashMap<u32, ScopeEntry>,
    pub(super) scopes: Scopes,
    pub(super) protected: HashSet<Number>,
}

impl EngineTables {
    /// No rules.
    pub(super) fn new(protected: HashSet<Number>) -> Self {
        Self {
            protected,
            ..Self::default()
        }
    }

    /// Sets or removes (by [`RuleRef::NONE`]) the rule of a key and kind.
    pub(super) fn set(&mut self, key: &EntryKey, kind: Kind, rule: RuleRef) {
        let before = Arc::make_mut(&mut self.buckets).set(key, kind, rule);
        if before.is_some() == rule.is_some() {
            return;
        }
        let count = |count: &mut u32| {
            *count = if rule.is_some() {
                *count + 1
            } else {
                count.saturating_sub(1)
            };
        };
        let contents = self.contents.entry(key.partition()).or_default();
        match key.prefix_digits() {
            None => count(&mut contents.exact),
            Some(digits) => {
                if let Some(place) = contents.prefixes.get_mut(kind as usize) {
                    count(place);
                }
                if let Some(place) = contents.lengths.get_mut(digits as usize) {
                    count(place);
                }
            }
        }
        let entry = contents.entry();
        if entry == ScopeEntry::EMPTY {
            self.contents.remove(&key.partition());
            self.entries.remove(&key.partition());
        } else {
            self.entries.insert(key.partition(), entry);
        }
    }

    /// What the kernel must hold at a key.
    pub(super) fn entry(&self, key: Key) -> Change {
        match key {
            Key::Entry(key, kind) => Change::Entry(key, kind, self.buckets.get(&key, kind)),
            Key::Number(number) => Change::Number(number, self.number_entry(number)),
            Key::Scope(partition) => Change::Scope(partition, self.scope_entry(partition)),
        }
    }

    fn number_entry(&self, number: Number) -> Option<NumberEntry> {
        let mut entry = NumberEntry::default();
        if self.protected.contains(&number) {
            entry.flags = NUMBER_PROTECTED;
        }
        if let (Some(id), Some(first)) = (self.scopes.of_number(number), entry.scopes.first_mut()) {
            *first = id;
            entry.scope_count = 1;
        }
        (entry != NumberEntry::default()).then_some(entry)
    }

    fn scope_entry(&self, partition: u32) -> ScopeEntry {
        self.entries.get(&partition).copied().unwrap_or_default()
    }

    /// The rules' part of a whole generation, in a fixed order.
    pub(super) fn generation(&self) -> Tables {
        let mut numbers: Vec<Number> = self
            .protected
            .iter()
            .copied()
            .chain(self.scopes.numbers())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        let partitions = self.contents.keys().max().map_or(0, |last| last + 1).max(2);
        Tables {
            buckets: Arc::clone(&self.buckets),
            numbers: numbers
                .into_iter()
                .filter_map(|number| Some((number, self.number_entry(number)?)))
                .collect(),
            scopes: (0..partitions)
                .map(|partition| self.scope_entry(partition))
                .collect(),
            ..Tables::default()
        }
    }
}

impl Contents {
    /// As the tables hold it.
    fn entry(&self) -> ScopeEntry {
        let mut entry = ScopeEntry::EMPTY;
        if self.exact > 0 {
            entry.contents |= SCOPE_HAS_EXACT;
        }
        for (kind, count) in self.prefixes.iter().enumerate() {
            if *count > 0 {
                entry.contents |= SCOPE_HAS_ALLOW_PATTERNS << kind;
            }
        }
        let lengths = (0..LENGTHS as u8).zip(self.lengths).rev();
        let used = lengths.filter(|(_, count)| *count > 0);
        for (place, (digits, _)) in entry.shapes.iter_mut().zip(used) {
            *place = digits;
            entry.prefix_count += 1;
            entry.shape_count += 1;
        }
        entry
    }
}

impl tables::Tables for EngineTables {
    const COMPLETE: bool = true;
    const TRIES: bool = false;

    fn perhaps(&self, _key: &EntryKey) -> bool {
        true
    }

    fn entry(&self, key: &EntryKey, found: &mut Found) {
        self.buckets.find(key, found);
    }

    fn longest_prefix(&self, _partition: u32, _kind: u32, _number: Number) -> PrefixValue {
        PrefixValue::default()
    }

    fn shape(&self, _number: u8) -> Option<&Shape> {
        None
    }

    fn number(&self, number: Number, entry: &mut NumberEntry) -> bool {
        match self.number_entry(number) {
            Some(known) => {
                *entry = known;
                true
            }
            None => false,
        }
    }

    fn is_protected(&self, number: Number) -> bool {
        self.protected.contains(&number)
    }

    fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        self.entries.get(&partition)
    }

    fn granted(&self, _key: &GrantKey) -> bool {
        false
    }

    fn rule_id(&self, slot: u32) -> u32 {
        slot
    }

    fn user(&self, _partition: u32, _found: &mut Found) {}
}
