//! The patterns of a generation in the kernel: as a copy of the engine's table, or in the kernel's
//! stock tables.

use aya::Ebpf;
use aya::maps::lpm_trie::{Key, LpmTrie};
use aya::maps::{Array, ArrayOfMaps, HashMap, InnerMap, MapData};
use blacklist_common::buckets::{
    self, Bucket, BucketMemory, Cell, FILTER_WORDS, Filter, NoRoom, filter_place,
};
use blacklist_common::number::Number;
use blacklist_common::object::{INNER_MAP, MMAPABLE, NO_PREALLOC, SLOTS, map};
use blacklist_common::pattern::{EntryKey, Found, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{PREFIX_TAG_BITS, PrefixKey, PrefixValue};
use blacklist_generation::Buckets;

use super::generation::{absent_is_fine, failed, full_or_failed, room_for};
use super::mapped::Mapped;
use super::object::{take, take_array};
use super::plain::Plain;
use super::{KernelError, PatternTables};

/// Fewest entries of a stock table: single rules can be added without a new generation.
const LEAST_ENTRIES: u32 = 16_384;

type Table = Array<MapData, Plain<Bucket>>;
type Exact = HashMap<MapData, Plain<EntryKey>, Plain<Found>>;
type Prefixes = LpmTrie<MapData, Plain<PrefixKey>, Plain<PrefixValue>>;

/// The maps of maps.
pub(super) struct OuterPatterns {
    buckets: ArrayOfMaps<MapData, Table>,
    filters: Filters,
    exact: ArrayOfMaps<MapData, Exact>,
    prefixes: ArrayOfMaps<MapData, Prefixes>,
}

impl OuterPatterns {
    pub(super) fn take(ebpf: &mut Ebpf) -> Result<Self, KernelError> {
        Ok(Self {
            buckets: take(ebpf, map::BUCKETS)?
                .try_into()
                .map_err(failed("pattern"))?,
            filters: Filters::take(ebpf)?,
            exact: take(ebpf, map::EXACT)?
                .try_into()
                .map_err(failed("exact"))?,
            prefixes: take(ebpf, map::PREFIXES)?
                .try_into()
                .map_err(failed("prefix"))?,
        })
    }

    /// Puts a generation's patterns, those of `source`, into a slot.
    pub(super) fn set(
        &mut self,
        slot: u32,
        patterns: &Patterns,
        source: &Buckets,
    ) -> Result<(), KernelError> {
        match patterns {
            Patterns::Hashed(hashed) => {
                self.filters.fill(slot, source);
                self.buckets
                    .set(slot, &hashed.map, 0)
                    .map_err(failed("pattern"))
            }
            Patterns::Stock(stock) => {
                self.exact
                    .set(slot, &stock.exact, 0)
                    .map_err(failed("exact"))?;
                self.prefixes
                    .set(slot, &stock.prefixes, 0)
                    .map_err(failed("prefix"))
            }
        }
    }
}

/// Which prefixes and wildcards there may be, for both slots.
struct Filters(Mapped<Filter>);

impl Filters {
    fn take(ebpf: &mut Ebpf) -> Result<Self, KernelError> {
        let map = take_array(ebpf, map::FILTERS)?;
        Ok(Self(Mapped::new(map.fd(), SLOTS)?))
    }

    fn fill(&mut self, slot: u32, source: &Buckets) {
        for word in 0..FILTER_WORDS {
            self.0.set_word(slot as usize, word, 0);
        }
        for (key, ..) in source.iter() {
            self.add(slot, &key);
        }
    }

    fn add(&mut self, slot: u32, key: &EntryKey) {
        if key.is_pattern() {
            let (word, bit) = filter_place(key);
            let bits = self.0.word(slot as usize, word).unwrap_or_default();
            self.0.set_word(slot as usize, word, bits | bit);
        }
    }
}

/// The patterns of one generation.
pub(super) enum Patterns {
    Hashed(Hashed),
    Stock(Stock),
}

/// Our own table: an array map in this process's memory.
pub(super) struct Hashed {
    map: Table,
    memory: Memory,
}

struct Memory(Mapped<Bucket>);

/// The kernel's tables.
pub(super) struct Stock {
    capacity: u32,
    exact: Exact,
    prefixes: Prefixes,
}

impl Patterns {
    /// New maps with these patterns.
    pub(super) fn fill(buckets: &Buckets, kind: PatternTables) -> Result<Self, KernelError> {
        Ok(match kind {
            PatternTables::Hashed => Self::Hashed(Hashed::fill(buckets)?),
            PatternTables::Stock => Self::Stock(Stock::fill(buckets)?),
        })
    }

    /// Buckets of our own table.
    pub(super) fn buckets(&self) -> u32 {
        match self {
            Self::Hashed(hashed) => hashed.memory.buckets(),
            Self::Stock(_) => 0,
        }
    }

    /// Sets or removes the rule of a key and kind, in the slot where this generation is.
    pub(super) fn change(
        &mut self,
        outer: &mut OuterPatterns,
        slot: u32,
        (key, kind, rule): (&EntryKey, Kind, RuleRef),
    ) -> Result<(), KernelError> {
        if rule.is_some() {
            // Before the entry, which must not be there and not be found.
            outer.filters.add(slot, key);
        }
        match self {
            Self::Hashed(hashed) => {
                buckets::set(&mut hashed.memory, key, kind, rule).map_err(|NoRoom| {
                    KernelError::Full {
                        table: "pattern",
                        capacity: hashed.memory.buckets() * buckets::CELLS as u32,
                    }
                })
            }
            Self::Stock(stock) => stock.change(key, kind, rule),
        }
    }
}

impl Hashed {
    fn fill(buckets: &Buckets) -> Result<Self, KernelError> {
        let count = u32::try_from(buckets.buckets()).unwrap_or(u32::MAX);
        let map = Table::create(count, INNER_MAP | MMAPABLE).map_err(failed("pattern"))?;
        let mut memory = Memory(Mapped::new(descriptor(&map), count)?);
        for (index, bucket) in buckets.memory().enumerate() {
            memory.0.set(index, *bucket);
        }
        Ok(Self { map, memory })
    }
}

/// A map's file descriptor.
fn descriptor(map: &impl InnerMap) -> &aya::maps::MapFd {
    map.fd()
}

impl BucketMemory for Memory {
    fn buckets(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn cell(&self, bucket: u32, cell: usize) -> Cell {
        let bucket = self.0.get(bucket as usize).unwrap_or_default();
        bucket.cells.get(cell).copied().unwrap_or_default()
    }

    fn set_number(&mut self, bucket: u32, cell: usize, number: u64) {
        self.0.set_word(bucket as usize, 2 * cell, number);
    }

    fn set_word(&mut self, bucket: u32, cell: usize, word: u64) {
        self.0.set_word(bucket as usize, 2 * cell + 1, word);
    }
}

impl Stock {
    fn fill(buckets: &Buckets) -> Result<Self, KernelError> {
        let capacity = room_for(buckets.len(), LEAST_ENTRIES);
        let mut stock = Self {
            capacity,
            exact: Exact::create(capacity, NO_PREALLOC).map_err(failed("exact"))?,
            prefixes: Prefixes::create(capacity, NO_PREALLOC).map_err(failed("prefix"))?,
        };
        for (key, kind, rule) in buckets.iter() {
            stock.change(&key, kind, rule)?;
        }
        Ok(stock)
    }

    fn change(&mut self, key: &EntryKey, kind: Kind, rule: RuleRef) -> Result<(), KernelError> {
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
        let before = self.exact.get(&Plain(*key), 0).map(|Plain(found)| found);
        let mut found = before.unwrap_or_default();
        if let Some(place) = found.rules.get_mut(kind as usize) {
            *place = rule;
        }
        if found == Found::NONE {
            return absent_is_fine(self.exact.remove(&Plain(*key))).map_err(failed("exact"));
        }
        self.exact
            .insert(Plain(*key), Plain(found), 0)
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
            .insert(&key, Plain(PrefixValue { rule, digits }), 0)
            .map_err(full_or_failed("prefix", self.capacity))
    }
}
