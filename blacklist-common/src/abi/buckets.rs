//! The table of patterns: buckets of one cache line, four cells each, in the memory of an array
//! map. A key stands in the bucket of its hash or in one of those behind; a bucket whose keys went
//! on says so.
//!
//! There is one writer, and readers that never wait. A cell's number is written once and never
//! changed: an entry that goes leaves the number behind, and only the same number can use the cell
//! again. Partition, kind and rule are one word, written as a whole. So a reader sees each entry
//! before or after a change and never half of two. What was left behind goes when the table is
//! made anew.

use crate::number::Number;
use crate::pattern::{EntryKey, Found, KIND_PLACES, Kind, SPILLED};
use crate::rule::RuleRef;

/// Cells of a bucket.
pub const CELLS: usize = 4;
/// Buckets that are looked through for a key.
pub const MAXIMUM_CHAIN: u32 = 16;

/// One entry; none if its rule is zero.
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

/// The bucket of a key, of so many.
#[inline(always)]
pub const fn home(key: &EntryKey, buckets: u32) -> u32 {
    (((mix(key) >> 32) * buckets as u64) >> 32) as u32
}

/// Words of a filter.
pub const FILTER_WORDS: usize = 1 << 17;

/// One bit for each key with gaps, small enough for a cache: most lengths of prefixes that a
/// number does not have are told without a look at the table. Of two keys with one bit neither is
/// missed; a bit stays until the filter is made anew.
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
    /// Whether a key may stand in the table; certainly if it does.
    #[inline(always)]
    pub fn perhaps(&self, key: &EntryKey) -> bool {
        let (word, bit) = filter_place(key);
        match self.words.get(word) {
            Some(word) => load(word) & bit != 0,
            None => true,
        }
    }
}

/// The bucket behind another.
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
    /// Writes a cell's word, as a whole, behind the number.
    fn set_word(&mut self, bucket: u32, cell: usize, word: u64);
}

/// There is no cell for another key where it must stand: a table with more room is needed.
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
    /// It stands here.
    There(u32, usize),
    /// It stands nowhere; here it could.
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

/// The entry of a cell; none if it has none.
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

/// Whether a number can stand in the table: zero marks a cell that was never used.
pub const fn can_hold(number: Number) -> bool {
    number.0 != 0
}
