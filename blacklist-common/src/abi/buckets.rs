//! The table of patterns: buckets of one cache line, four cells each, in the memory of an array
//! map. A key is stored in the bucket of its hash or in one of those after it; a bucket whose keys
//! went on says so.
//!
//! There is one writer, and readers that never wait. A cell's number is written once and never
//! changed: an entry that goes leaves the number behind, and only the same number can use the cell
//! again. Partition, kind and rule are one word, written as a whole. So a reader sees each entry
//! before or after a change and never half of two. Numbers without an entry go when the table is
//! made anew.

use crate::pattern::{EntryKey, Found, KIND_PLACES, Kind, SPILLED};
use crate::rule::RuleRef;

/// Cells of a bucket.
pub const CELLS: usize = 4;
/// Buckets that are looked through for a key.
pub const MAXIMUM_CHAIN: u32 = 16;

/// One entry; unused if its rule is zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Cell {
    /// The key's number; zero if the cell was never used.
    pub number: u64,
    /// The key's place and the kind in the low half, the rule in the high one.
    pub word: u64,
}

/// Four entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C, align(64))]
pub struct Bucket {
    /// The first one's word also carries whether keys of this bucket went on.
    pub cells: [Cell; CELLS],
}

const _: () = assert!(size_of::<Bucket>() == 64);

/// The word's bits that say who the entry is.
const TAG: u64 = (!SPILLED) as u64;
const KIND_BITS: u64 = 3;

#[inline(always)]
const fn mix(key: &EntryKey) -> u64 {
    let mixed = (key.number.0 ^ (key.place as u64).wrapping_mul(0xA076_1D64_78BD_642F))
        .wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 32).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// The bucket of a key, of `buckets`.
#[inline(always)]
pub const fn home(key: &EntryKey, buckets: u32) -> u32 {
    (((mix(key) >> 32) * buckets as u64) >> 32) as u32
}

/// Words of a filter.
pub const FILTER_WORDS: usize = 1 << 17;

/// One bit for each key with gaps, small enough for a cache: most lengths of prefixes that a
/// number does not have are ruled out without a look at the table. Of two keys with one bit neither
/// is missed; a bit stays until the filter is made anew.
#[repr(C)]
pub struct Filter {
    /// The bits.
    pub words: [u64; FILTER_WORDS],
}

/// Word of a key in a filter, and its bit.
#[inline(always)]
pub const fn filter_place(key: &EntryKey) -> (usize, u64) {
    let mixed = mix(key);
    (
        (mixed >> 6) as usize & (FILTER_WORDS - 1),
        1 << (mixed & 63),
    )
}

impl Filter {
    /// Whether a key may be in the table; true of every key that is.
    #[inline(always)]
    pub fn perhaps(&self, key: &EntryKey) -> bool {
        let (word, bit) = filter_place(key);
        match self.words.get(word) {
            Some(word) => load(word) & bit != 0,
            None => true,
        }
    }
}

/// The bucket after another.
#[inline(always)]
pub const fn next(bucket: u32, buckets: u32) -> u32 {
    let next = bucket.wrapping_add(1);
    if next >= buckets { 0 } else { next }
}

#[inline(always)]
fn load(word: &u64) -> u64 {
    // SAFETY: a reference is valid and aligned; volatile, because another processor may write the
    // word, which is read as a whole.
    unsafe { core::ptr::from_ref(word).read_volatile() }
}

/// Adds a bucket's rules of a key to `found`. True if keys went on to the next bucket.
#[inline(always)]
pub fn look(bucket: &Bucket, key: &EntryKey, found: &mut Found) -> bool {
    let [first, _, _, _] = &bucket.cells;
    let spilled = load(&first.word) as u32 & SPILLED != 0;
    for cell in &bucket.cells {
        let word = load(&cell.word);
        if load(&cell.number) == key.number.0
            && word & TAG & !KIND_BITS == key.place as u64
            && let Some(place) = found.rules.get_mut(word as usize & (KIND_PLACES - 1))
        {
            let rule = (word >> 32) as u32;
            if rule != 0 {
                *place = RuleRef(rule);
            }
        }
    }
    spilled
}

/// The memory of a table, for its one writer.
pub trait BucketMemory {
    /// How many buckets there are; not zero.
    fn buckets(&self) -> u32;
    /// A cell of a bucket; both are inside.
    fn cell(&self, bucket: u32, cell: usize) -> Cell;
    /// Writes a cell's number.
    fn set_number(&mut self, bucket: u32, cell: usize, number: u64);
    /// Writes a cell's word, as a whole, after the number.
    fn set_word(&mut self, bucket: u32, cell: usize, word: u64);
}

/// There is no cell for another key where it must be: a table with more room is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoRoom;

/// The rule of a key and kind.
pub fn get(memory: &impl BucketMemory, key: &EntryKey, kind: Kind) -> RuleRef {
    match seek(memory, key, kind) {
        Seek::There(bucket, cell) => RuleRef((memory.cell(bucket, cell).word >> 32) as u32),
        Seek::Free(_) | Seek::NoRoom => RuleRef::NONE,
    }
}

/// Sets, replaces or (by [`RuleRef::NONE`]) removes the rule of a key and kind.
///
/// # Errors
/// No room; nothing is changed.
pub fn set(
    memory: &mut impl BucketMemory,
    key: &EntryKey,
    kind: Kind,
    rule: RuleRef,
) -> Result<(), NoRoom> {
    let word = u64::from(key.tag(kind)) | u64::from(rule.0) << 32;
    match seek(memory, key, kind) {
        Seek::There(bucket, cell) => {
            let spilled = memory.cell(bucket, cell).word & u64::from(SPILLED);
            memory.set_word(bucket, cell, word | spilled);
            Ok(())
        }
        _ if !rule.is_some() => Ok(()),
        Seek::NoRoom => Err(NoRoom),
        Seek::Free((bucket, cell)) => {
            let spilled = memory.cell(bucket, cell).word & u64::from(SPILLED);
            memory.set_number(bucket, cell, key.number.0);
            memory.set_word(bucket, cell, word | spilled);
            let mut passed = home(key, memory.buckets());
            while passed != bucket {
                let first = memory.cell(passed, 0).word;
                memory.set_word(passed, 0, first | u64::from(SPILLED));
                passed = next(passed, memory.buckets());
            }
            Ok(())
        }
    }
}

enum Seek {
    /// It is here.
    There(u32, usize),
    /// It is nowhere; here it could be.
    Free((u32, usize)),
    NoRoom,
}

fn seek(memory: &impl BucketMemory, key: &EntryKey, kind: Kind) -> Seek {
    let mut bucket = home(key, memory.buckets());
    let mut free = None;
    for _ in 0..MAXIMUM_CHAIN.min(memory.buckets()) {
        let spilled = memory.cell(bucket, 0).word & u64::from(SPILLED) != 0;
        for index in 0..CELLS {
            let cell = memory.cell(bucket, index);
            let is_used = cell.word >> 32 != 0;
            if is_used && cell.number == key.number.0 && cell.word & TAG == u64::from(key.tag(kind))
            {
                return Seek::There(bucket, index);
            }
            let fits = cell.number == 0 || cell.number == key.number.0;
            if !is_used && fits && free.is_none() {
                free = Some((bucket, index));
            }
        }
        if !spilled && free.is_some() {
            break;
        }
        bucket = next(bucket, memory.buckets());
    }
    free.map_or(Seek::NoRoom, Seek::Free)
}

/// The entry of a cell; `None` if it has none.
pub const fn entry(cell: Cell) -> Option<(EntryKey, Kind, RuleRef)> {
    let rule = RuleRef((cell.word >> 32) as u32);
    if !rule.is_some() {
        return None;
    }
    match EntryKey::of_cell(cell.number, cell.word as u32) {
        Some((key, kind)) => Some((key, kind, rule)),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use std::collections::BTreeMap;
    use std::vec;
    use std::vec::Vec;

    use super::*;
    use crate::number::Number;
    use crate::rule::{Action, ReasonClass};

    struct Memory(Vec<Bucket>);

    impl BucketMemory for Memory {
        fn buckets(&self) -> u32 {
            self.0.len() as u32
        }

        fn cell(&self, bucket: u32, cell: usize) -> Cell {
            self.0[bucket as usize].cells[cell]
        }

        fn set_number(&mut self, bucket: u32, cell: usize, number: u64) {
            let known = &mut self.0[bucket as usize].cells[cell].number;
            assert!(*known == 0 || *known == number, "a cell keeps its number");
            *known = number;
        }

        fn set_word(&mut self, bucket: u32, cell: usize, word: u64) {
            self.0[bucket as usize].cells[cell].word = word;
        }
    }

    impl Memory {
        fn of(buckets: usize) -> Self {
            Self(vec![Bucket::default(); buckets])
        }

        /// The rules of a key as a reader finds them.
        fn found(&self, key: &EntryKey) -> Found {
            let mut found = Found::NONE;
            let mut bucket = home(key, self.buckets());
            for _ in 0..MAXIMUM_CHAIN {
                if !look(&self.0[bucket as usize], key, &mut found) {
                    break;
                }
                bucket = next(bucket, self.buckets());
            }
            found
        }
    }

    fn rule(slot: u32) -> RuleRef {
        RuleRef::new(slot, Action::Drop, ReasonClass::OwnList, false)
    }

    #[test]
    fn readers_find_what_the_writer_has_set() {
        let mut memory = Memory::of(64);
        let mut expected = BTreeMap::new();
        let mut state = 1_u64;
        for slot in 1..2000 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let number = Number((1 << 60) | ((state >> 33) % 150));
            let key = EntryKey::exact((state >> 40) as u32 & 1, number);
            let kind = Kind::ALL[(state >> 50) as usize % 3];
            let rule = if state >> 60 & 1 == 0 {
                rule(slot)
            } else {
                RuleRef::NONE
            };
            if set(&mut memory, &key, kind, rule).is_ok() {
                expected.insert((key.number, key.place, kind as u32), rule);
                assert_eq!(get(&memory, &key, kind), rule);
            }
        }
        assert!(expected.len() > 100, "{}", expected.len());
        for ((number, place, kind), rule) in expected {
            let key = EntryKey {
                number,
                place,
                padding: 0,
            };
            assert_eq!(
                memory.found(&key).rules[kind as usize],
                rule,
                "{key:?} {kind}"
            );
        }
    }

    #[test]
    fn a_full_table_refuses_and_keeps_what_it_has() {
        let mut memory = Memory::of(1);
        let key = |number| EntryKey::exact(0, Number(1 << 60 | number));
        for number in 0..CELLS as u64 {
            assert_eq!(set(&mut memory, &key(number), Kind::Block, rule(7)), Ok(()));
        }
        assert_eq!(
            set(&mut memory, &key(99), Kind::Block, rule(8)),
            Err(NoRoom)
        );
        assert_eq!(
            set(&mut memory, &key(99), Kind::Block, RuleRef::NONE),
            Ok(())
        );
        assert_eq!(memory.found(&key(0)).of(Kind::Block), rule(7));
        assert_eq!(memory.found(&key(99)), Found::NONE);
    }

    #[test]
    fn entries_come_back() {
        let mut memory = Memory::of(1);
        let key = EntryKey::pattern(3, Number(1 << 60 | 5));
        set(&mut memory, &key, Kind::Mandatory, rule(9)).unwrap();
        let cell = memory.cell(0, 0);
        assert_eq!(entry(cell), Some((key, Kind::Mandatory, rule(9))));
        assert_eq!(entry(Cell::default()), None);
    }

    #[test]
    fn homes_are_inside() {
        for number in 0..1000 {
            let key = EntryKey::exact(0, Number(number));
            assert!(home(&key, 7) < 7);
            assert!(filter_place(&key).0 < FILTER_WORDS);
        }
        assert_eq!(next(6, 7), 0);
    }
}
