//! The kernel's stock tables (hash table, LPM trie), the reference: patterns of a generation, and the
//! calls that are remembered.

use aya::maps::lpm_trie::Key;
use blacklist_common::calls::CallEntry;
use blacklist_common::number::Number;
use blacklist_common::object::{NO_PREALLOC, map};
use blacklist_common::pattern::{EntryKey, Found, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{PREFIX_TAG_BITS, PrefixKey, PrefixValue};
use blacklist_generation::Buckets;

use super::KernelError;
use super::filling::{absent_is_fine, failed, full_or_failed, room_for};
use super::maps::{Hash, Hashes, Trie, Tries};
use super::plain::Plain;
use super::side::{Maker, Side};

/// Fewest entries of a stock table: single rules can be added without a new generation.
const LEAST_ENTRIES: u32 = 16_384;

/// The maps of maps, two slots each.
pub(super) struct StockSlots {
    exact: Hashes<EntryKey, Found>,
    prefixes: Tries<PrefixKey, PrefixValue>,
}

impl StockSlots {
    pub(super) fn open(side: &mut Side) -> Result<Self, KernelError> {
        Ok(Self {
            exact: side.tables(map::EXACT)?,
            prefixes: side.tables(map::PREFIXES)?,
        })
    }

    /// Puts a generation's patterns into a slot.
    pub(super) fn set(&mut self, slot: u32, patterns: &StockPatterns) -> Result<(), KernelError> {
        self.exact
            .set(slot, &patterns.exact)
            .map_err(failed("exact"))?;
        self.prefixes
            .set(slot, &patterns.prefixes)
            .map_err(failed("prefix"))
    }
}

/// The patterns of one generation.
pub(super) struct StockPatterns {
    capacity: u32,
    exact: Hash<EntryKey, Found>,
    prefixes: Trie<PrefixKey, PrefixValue>,
}

impl StockPatterns {
    /// New maps with these patterns.
    pub(super) fn fill(maker: &Maker, buckets: &Buckets) -> Result<Self, KernelError> {
        let capacity = room_for(buckets.len(), LEAST_ENTRIES);
        let mut stock = Self {
            capacity,
            exact: maker.create("exact", capacity, NO_PREALLOC)?,
            prefixes: maker.create("prefix", capacity, NO_PREALLOC)?,
        };
        for (key, kind, rule) in buckets.iter() {
            stock.change(&key, kind, rule)?;
        }
        Ok(stock)
    }

    /// Sets or removes the rule of a key and kind.
    pub(super) fn change(
        &mut self,
        key: &EntryKey,
        kind: Kind,
        rule: RuleRef,
    ) -> Result<(), KernelError> {
        match key.prefix_digits() {
            Some(digits) => self.change_prefix(key, digits, kind, rule),
            None => self.change_exact(key, kind, rule),
        }
    }

    fn change_exact(
        &mut self,
        key: &EntryKey,
        kind: Kind,
        rule: RuleRef,
    ) -> Result<(), KernelError> {
        let mut found = self.exact.get(key).unwrap_or_default();
        if let Some(place) = found.rules.get_mut(kind as usize) {
            *place = rule;
        }
        if found == Found::NONE {
            return absent_is_fine(self.exact.remove(key)).map_err(failed("exact"));
        }
        self.exact
            .set(key, found, 0)
            .map_err(full_or_failed("exact", self.capacity))
    }

    fn change_prefix(
        &mut self,
        key: &EntryKey,
        digits: u32,
        kind: Kind,
        rule: RuleRef,
    ) -> Result<(), KernelError> {
        let bits = Number::prefix_bits(digits);
        let data = PrefixKey::new(key.partition(), kind as u32, key.number);
        let key = Key::new(PREFIX_TAG_BITS + bits, Plain(data));
        if !rule.is_some() {
            return absent_is_fine(self.prefixes.remove(&key)).map_err(failed("prefix"));
        }
        self.prefixes
            .set(&key, PrefixValue { rule, digits }, 0)
            .map_err(full_or_failed("prefix", self.capacity))
    }
}

/// The calls that are remembered.
pub struct StockCalls(Hash<u64, CallEntry>);

impl StockCalls {
    pub(super) fn open(side: &mut Side) -> Result<Self, KernelError> {
        Ok(Self(side.table(map::CALLS_STOCK)?))
    }

    /// How often and when last a call came.
    pub(super) fn seen(&self, fingerprint: u64) -> Option<u64> {
        Some(self.0.get(&fingerprint).ok()?.seen)
    }
}
