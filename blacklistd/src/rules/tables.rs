//! The engine's tables: hash maps that answer what the kernel's maps answer, and the entries that
//! make the kernel's maps the same.

use std::collections::{HashMap, HashSet};

use blacklist_common::number::Number;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{
    self, ExactKey, ExactValue, GrantKey, NUMBER_PROTECTED, NumberEntry, PrefixKey,
    SCOPE_HAS_ALLOW_PREFIXES, SCOPE_HAS_BLOCK_PREFIXES, SCOPE_HAS_EXACT, ScopeEntry,
};

use super::prefixes::PrefixTable;
use super::rule::ListKind;
use super::scopes::Scopes;
use crate::generation::{Change, Tables};

/// Rules of each kind that a partition holds.
#[derive(Clone, Copy, Debug, Default)]
struct Contents {
    exact: u32,
    allow_prefixes: u32,
    block_prefixes: u32,
}

/// Where a rule stands, or what goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Exact(ExactKey),
    Prefix(ListKind, u32, PrefixKey),
    Number(Number),
    Scope(u32),
}

/// All tables.
#[derive(Clone, Debug, Default)]
pub(super) struct EngineTables {
    exact: HashMap<ExactKey, ExactValue>,
    allow_prefixes: PrefixTable,
    block_prefixes: PrefixTable,
    contents: HashMap<u32, Contents>,
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

    /// Sets or removes (by [`RuleRef::NONE`]) the exact rule of a kind.
    pub(super) fn set_exact(&mut self, key: ExactKey, list: ListKind, rule: RuleRef) {
        let value = self.exact.entry(key).or_default();
        let place = match list {
            ListKind::Allow => &mut value.allow,
            ListKind::Block => &mut value.block,
        };
        let was = place.is_some();
        *place = rule;
        if *value == ExactValue::default() {
            self.exact.remove(&key);
        }
        self.count(key.partition, was, rule.is_some(), |contents| {
            &mut contents.exact
        });
    }

    /// Sets or removes the prefix rule of a kind.
    pub(super) fn set_prefix(&mut self, list: ListKind, bits: u32, key: PrefixKey, rule: RuleRef) {
        let partition = u32::from_be_bytes(key.partition);
        let table = match list {
            ListKind::Allow => &mut self.allow_prefixes,
            ListKind::Block => &mut self.block_prefixes,
        };
        let was = table.get(bits, &key).is_some();
        table.set(bits, &key, rule);
        self.count(partition, was, rule.is_some(), |contents| match list {
            ListKind::Allow => &mut contents.allow_prefixes,
            ListKind::Block => &mut contents.block_prefixes,
        });
    }

    fn count(
        &mut self,
        partition: u32,
        was: bool,
        is: bool,
        place: impl Fn(&mut Contents) -> &mut u32,
    ) {
        if was == is {
            return;
        }
        let contents = self.contents.entry(partition).or_default();
        let count = place(contents);
        *count = if is {
            *count + 1
        } else {
            count.saturating_sub(1)
        };
        let Contents {
            exact,
            allow_prefixes,
            block_prefixes,
        } = *contents;
        if exact + allow_prefixes + block_prefixes == 0 {
            self.contents.remove(&partition);
        }
    }

    /// What the kernel must hold at a key.
    pub(super) fn entry(&self, key: Key) -> Change {
        match key {
            Key::Exact(key) => Change::Exact(key, self.exact.get(&key).copied()),
            Key::Prefix(ListKind::Allow, bits, key) => {
                let rule = self.allow_prefixes.get(bits, &key);
                Change::AllowPrefix(bits, key, rule.is_some().then_some(rule))
            }
            Key::Prefix(ListKind::Block, bits, key) => {
                let rule = self.block_prefixes.get(bits, &key);
                Change::BlockPrefix(bits, key, rule.is_some().then_some(rule))
            }
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
        let mut entry = ScopeEntry::default();
        if let Some(contents) = self.contents.get(&partition) {
            for (count, bit) in [
                (contents.exact, SCOPE_HAS_EXACT),
                (contents.allow_prefixes, SCOPE_HAS_ALLOW_PREFIXES),
                (contents.block_prefixes, SCOPE_HAS_BLOCK_PREFIXES),
            ] {
                if count > 0 {
                    entry.contents |= bit;
                }
            }
        }
        entry
    }

    /// The rules' part of a whole generation, in a fixed order.
    pub(super) fn generation(&self) -> Tables {
        let mut exact: Vec<_> = self
            .exact
            .iter()
            .map(|(key, value)| (*key, *value))
            .collect();
        exact.sort_unstable_by_key(|(key, _)| (key.partition, key.number));
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
            exact,
            allow_prefixes: self.allow_prefixes.entries(),
            block_prefixes: self.block_prefixes.entries(),
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

impl tables::Tables for EngineTables {
    fn exact(&self, key: &ExactKey) -> ExactValue {
        self.exact.get(key).copied().unwrap_or_default()
    }

    fn allow_prefix(&self, key: &PrefixKey) -> RuleRef {
        self.allow_prefixes.longest(key)
    }

    fn block_prefix(&self, key: &PrefixKey) -> RuleRef {
        self.block_prefixes.longest(key)
    }

    fn number(&self, number: Number) -> Option<NumberEntry> {
        self.number_entry(number)
    }

    fn scope(&self, partition: u32) -> ScopeEntry {
        self.scope_entry(partition)
    }

    fn granted(&self, _key: &GrantKey) -> bool {
        false
    }
}
