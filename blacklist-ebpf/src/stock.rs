//! The reference: rules and calls in the kernel's stock tables. They hold the same keys as our own,
//! and every test that compares the kernel with the host asks both.

use aya_ebpf::btf_maps::{ArrayOfMaps, HashMap, LpmTrie, LruHashMap};
use blacklist_common::calls::{self, CallEntry, in_cell, is_over, seen, tick};
use blacklist_common::pattern::{EntryKey, Found};
use blacklist_common::tables::{PREFIX_LOOKUP_BITS, PrefixKey, PrefixValue};

use crate::atomic::add;
use crate::calls::Calls;
use crate::clock::now;
use crate::maps::{Inner, NO_PREALLOC, SLOTS, map};
use crate::scratch::Room;
use crate::tables::{Patterns, aligned_key};

type Exact = HashMap<EntryKey, Inner<Found>, 1, NO_PREALLOC>;
type Prefixes = LpmTrie<PrefixKey, Inner<PrefixValue>, 1>;

map! {
    /// Every rule but prefixes.
    EXACT: ArrayOfMaps<Exact, SLOTS>;

    /// Prefixes.
    PREFIXES: ArrayOfMaps<Prefixes, SLOTS>;

    /// Calls that rules decided.
    CALLS_STOCK: LruHashMap<u64, CallEntry, 1>;
}

const ONLY_IF_NEW: u64 = 1;

aligned_key! {
    /// Four bytes of partition and kind, then the number.
    NumberPrefix, PrefixKey, bits at 0
}

/// By the kernel's hash tables and trie.
#[derive(Clone, Copy)]
pub(crate) struct Stock;

impl Patterns for Stock {
    const TRIES: bool = true;

    #[inline(always)]
    fn perhaps(_slot: u32, _key: &EntryKey) -> bool {
        true
    }

    #[inline(always)]
    fn entry(slot: u32, key: &EntryKey, found: &mut Found) {
        let Some(table) = EXACT.get(slot) else {
            return;
        };
        // SAFETY: a rule changed at this very moment may be seen before or after: each is one
        // aligned word.
        if let Some([value]) = unsafe { table.get(key) } {
            *found = *value;
        }
    }

    #[inline(always)]
    fn longest_prefix(slot: u32, key: &PrefixKey) -> PrefixValue {
        let Some(table) = PREFIXES.get(slot) else {
            return PrefixValue::default();
        };
        match table.get(NumberPrefix::new(PREFIX_LOOKUP_BITS, *key).key()) {
            Some([value]) => *value,
            None => PrefixValue::default(),
        }
    }
}

impl Calls for Stock {
    #[inline(always)]
    fn note_packet(fingerprint: u64, _room: &mut Room) -> bool {
        let fingerprint = in_cell(fingerprint);
        let now = tick(now());
        match CALLS_STOCK.get_ptr_mut(fingerprint) {
            Some(entry) => {
                // SAFETY: the pointer is valid for the run of the program, and its one word is
                // aligned.
                let word = unsafe { &raw mut (*entry).seen };
                // SAFETY: as above.
                let before = unsafe { word.read_volatile() };
                if is_over(before, now) {
                    // SAFETY: as above.
                    unsafe { word.write_volatile(seen(now, 1)) };
                    return true;
                }
                let ticks = now.wrapping_sub(calls::last_tick(before));
                // SAFETY: as above.
                unsafe { add(word, seen(ticks, 1)) };
                false
            }
            // Of two processors with the same call one inserts, the other learns that it was there.
            None => CALLS_STOCK
                .insert(fingerprint, CallEntry { seen: seen(now, 1) }, ONLY_IF_NEW)
                .is_ok(),
        }
    }
}
