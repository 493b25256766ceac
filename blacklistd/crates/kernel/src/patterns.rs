//! The patterns of a generation in the kernel: as a copy of the engine's table, or in the kernel's
//! stock tables.

use blacklist_common::buckets::{
    self, Bucket, BucketMemory, Cell, FILTER_WORDS, Filter, NoRoom, filter_place,
};
use blacklist_common::object::{INNER_MAP, MMAPABLE, SLOTS, map};
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_generation::Buckets;

use super::filling::failed;
use super::mapped::Mapped;
use super::maps::{Array, Arrays};
use super::side::{Maker, Side};
use super::stock::{StockPatterns, StockSlots};
use super::{KernelError, PatternTables};

/// The maps of maps.
pub(super) struct OuterPatterns {
    buckets: Arrays<Bucket>,
    filters: Filters,
    stock: StockSlots,
}

impl OuterPatterns {
    pub(super) fn open(side: &mut Side) -> Result<Self, KernelError> {
        Ok(Self {
            buckets: side.tables(map::BUCKETS)?,
            filters: Filters(side.mapped(map::FILTERS, SLOTS)?),
            stock: StockSlots::open(side)?,
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
                    .set(slot, &hashed.map)
                    .map_err(failed("pattern"))
            }
            Patterns::Stock(stock) => self.stock.set(slot, stock),
        }
    }
}

/// Which prefixes and wildcards there may be, for both slots.
struct Filters(Mapped<Filter>);

impl Filters {
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
    Stock(StockPatterns),
}

/// Our own table: an array map in this process's memory.
pub(super) struct Hashed {
    map: Array<Bucket>,
    memory: Memory,
}

struct Memory(Mapped<Bucket>);

impl Patterns {
    /// New maps with these patterns.
    pub(super) fn fill(
        maker: &Maker,
        buckets: &Buckets,
        kind: PatternTables,
    ) -> Result<Self, KernelError> {
        Ok(match kind {
            PatternTables::Hashed => Self::Hashed(Hashed::fill(maker, buckets)?),
            PatternTables::Stock => Self::Stock(StockPatterns::fill(maker, buckets)?),
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
    fn fill(maker: &Maker, buckets: &Buckets) -> Result<Self, KernelError> {
        let count = u32::try_from(buckets.buckets()).unwrap_or(u32::MAX);
        let map: Array<Bucket> = maker.create("pattern", count, INNER_MAP | MMAPABLE)?;
        let mut memory = Memory(Mapped::new(map.descriptor(), count)?);
        for (index, bucket) in buckets.memory().enumerate() {
            memory.0.set(index, *bucket);
        }
        Ok(Self { map, memory })
    }
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
