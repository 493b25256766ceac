//! The table of patterns in this process's memory: the engine looks rules up in it, and the
//! kernel's memory becomes a copy of it.

use blacklist_common::buckets::{self, Bucket, BucketMemory, CELLS, Cell, MAXIMUM_CHAIN};
use blacklist_common::pattern::{EntryKey, Found, Kind};
use blacklist_common::rule::RuleRef;

use super::Pages;

/// Buckets of one page: 64 KiB.
const PAGE: usize = 1024;

/// Minimum number of buckets, so that single rules can be added without a new generation.
const LEAST_BUCKETS: usize = 4096;

/// A table that grows as it is filled. Copies share every page that none of them has written.
#[derive(Clone, Debug)]
pub struct Buckets {
    memory: Memory,
    entries: usize,
}

#[derive(Clone, Debug)]
struct Memory(Pages<Bucket, PAGE>);

impl Default for Buckets {
    fn default() -> Self {
        Self::with_room(0)
    }
}

impl Buckets {
    /// An empty table with room for twice as many entries.
    pub fn with_room(entries: usize) -> Self {
        let buckets = (entries / 2).clamp(LEAST_BUCKETS, u32::MAX as usize);
        Self {
            memory: Memory(Pages::blank(buckets)),
            entries: 0,
        }
    }

    /// Sets, replaces or (by [`RuleRef::NONE`]) removes the rule of a key and kind. Returns the
    /// previous rule.
    pub fn set(&mut self, key: &EntryKey, kind: Kind, rule: RuleRef) -> RuleRef {
        let before = self.get(key, kind);
        if before == rule {
            return before;
        }
        while buckets::set(&mut self.memory, key, kind, rule).is_err() {
            self.grow();
        }
        match (before.is_some(), rule.is_some()) {
            (false, true) => self.entries += 1,
            (true, false) => self.entries -= 1,
            _ => {}
        }
        before
    }

    /// The rule of a key and kind.
    pub fn get(&self, key: &EntryKey, kind: Kind) -> RuleRef {
        buckets::get(&self.memory, key, kind)
    }

    /// Adds the rules of a key to `found`, as the kernel does.
    pub fn find(&self, key: &EntryKey, found: &mut Found) {
        let count = self.memory.buckets();
        let mut place = buckets::home(key, count);
        for _ in 0..MAXIMUM_CHAIN {
            let Some(bucket) = self.memory.0.get(place as usize) else {
                return;
            };
            if !buckets::look(bucket, key, found) {
                return;
            }
            place = buckets::next(place, count);
        }
    }

    /// Number of entries.
    pub const fn len(&self) -> usize {
        self.entries
    }

    /// Whether there are no entries.
    pub const fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// All entries, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (EntryKey, Kind, RuleRef)> + '_ {
        let cells = self.memory.0.iter().flat_map(|bucket| bucket.cells);
        cells.filter_map(buckets::entry)
    }

    /// Number of buckets.
    pub const fn buckets(&self) -> usize {
        self.memory.0.len()
    }

    /// The buckets, as they are copied to the kernel.
    pub fn memory(&self) -> impl Iterator<Item = &Bucket> {
        self.memory.0.iter()
    }

    fn grow(&mut self) {
        let mut room = self.memory.0.len() * 2 * CELLS / 2;
        loop {
            let mut larger = Self::with_room(room);
            let done = self
                .iter()
                .try_for_each(|(key, kind, rule)| {
                    buckets::set(&mut larger.memory, &key, kind, rule)
                })
                .is_ok();
            if done {
                self.memory = larger.memory;
                return;
            }
            room *= 2;
        }
    }
}

impl BucketMemory for Memory {
    fn buckets(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn cell(&self, bucket: u32, cell: usize) -> Cell {
        let bucket = self.0.get(bucket as usize);
        bucket
            .and_then(|bucket| bucket.cells.get(cell))
            .copied()
            .unwrap_or_default()
    }

    fn set_number(&mut self, bucket: u32, cell: usize, number: u64) {
        if let Some(bucket) = self.0.get_mut(bucket as usize)
            && let Some(cell) = bucket.cells.get_mut(cell)
        {
            cell.number = number;
        }
    }

    fn set_word(&mut self, bucket: u32, cell: usize, word: u64) {
        if let Some(bucket) = self.0.get_mut(bucket as usize)
            && let Some(cell) = bucket.cells.get_mut(cell)
        {
            cell.word = word;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use blacklist_common::number::Number;

    use super::*;

    /// A small xorshift generator.
    fn next(state: &mut u64) -> u64 {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state
    }

    #[test]
    fn holds_what_a_map_holds() {
        let mut table = Buckets::default();
        let mut map = HashMap::new();
        let mut state = 88_172_645_463_325_252;
        for turn in 1..200_000_u32 {
            let random = next(&mut state);
            let number = Number((1 << 60) | (random % 20_000));
            let key = match random >> 60 {
                0..8 => EntryKey::exact((random >> 50) as u32 % 3, number),
                _ => EntryKey::prefix((random >> 50) as u32 % 3, number, 3 + (turn % 13)),
            };
            let kind = Kind::ALL[(random >> 40) as usize % 3];
            let rule = RuleRef(if (random >> 32) & 3 == 0 { 0 } else { turn });
            let before = table.set(&key, kind, rule);
            let was = map.insert((key, kind), rule).unwrap_or_default();
            assert_eq!(before, was);
        }
        map.retain(|_, rule| rule.is_some());
        assert_eq!(table.len(), map.len());
        assert_eq!(table.iter().count(), map.len());
        for ((key, kind), rule) in &map {
            let mut found = Found::NONE;
            table.find(key, &mut found);
            assert_eq!(found.of(*kind), *rule);
        }
    }

    #[test]
    fn a_million_leave_short_ways() {
        let mut table = Buckets::with_room(1_000_000);
        let size = table.buckets();
        for index in 0..1_000_000_u64 {
            let number = Number((1 << 60) | 0xFFF_FFFF | (index << 28));
            table.set(&EntryKey::exact(0, number), Kind::Block, RuleRef(1));
        }
        assert_eq!(table.buckets(), size, "the table grew");
        let spilled = table
            .memory()
            .filter(|bucket| bucket.cells[0].word >> 31 & 1 != 0)
            .count();
        assert!(spilled * 10 < size, "{spilled} of {size} buckets went on");
    }
}
