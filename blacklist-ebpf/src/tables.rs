//! The lookup tables of the generation in force.

use core::marker::PhantomData;

use aya_ebpf::helpers::generated::bpf_ktime_get_ns;
use blacklist_common::buckets::{self, MAXIMUM_CHAIN};
use blacklist_common::decide::{Tables, is_longer};
use blacklist_common::number::Number;
use blacklist_common::pattern::{EntryKey, Found};
use blacklist_common::repeat::{Repeat as _, Step};
use blacklist_common::scope::{NUMBER_PROTECTED, NumberEntry, ScopeEntry};
use blacklist_common::shape::{MAXIMUM_SHAPES, Shape};
use blacklist_common::tables::{
    GenerationEntry, GrantKey, MAXIMUM_TRUNKS, PORT_WORDS, PeerKey, PrefixKey, PrefixValue,
    TrunkEntry,
};

use crate::bounded::BoundedLoop;
use crate::maps::{
    BUCKETS, FILTERS, GENERATIONS, GRANTS, NUMBERS, PEERS, PORTS, RULES, SCOPES, SHAPES, TRUNKS,
};

/// How patterns are looked up.
pub(crate) trait Patterns {
    /// Whether there is a table of prefixes.
    const TRIES: bool;
    /// Whether a key with gaps may have rules; true of every key that has.
    fn perhaps(slot: u32, key: &EntryKey) -> bool;
    /// Adds the rules of a key in a slot to `found`.
    fn entry(slot: u32, key: &EntryKey, found: &mut Found);
    /// The rule with the longest prefix.
    fn longest_prefix(slot: u32, key: &PrefixKey) -> PrefixValue;
}

/// By our own table.
#[derive(Clone, Copy)]
pub(crate) struct Hashed;

impl Patterns for Hashed {
    const TRIES: bool = false;

    #[inline(always)]
    fn perhaps(slot: u32, key: &EntryKey) -> bool {
        match FILTERS.get(slot) {
            Some(filter) => filter.perhaps(key),
            None => true,
        }
    }

    // A function of its own: it is asked from several places.
    #[inline(never)]
    fn entry(slot: u32, key: &EntryKey, found: &mut Found) {
        let Some(generation) = GENERATIONS.get(slot) else {
            return;
        };
        let Some(table) = BUCKETS.get(slot) else {
            return;
        };
        let count = generation.buckets;
        let home = buckets::home(key, count);
        if let Some([bucket]) = table.get(home)
            && buckets::look(bucket, key, found)
        {
            BoundedLoop::repeat(MAXIMUM_CHAIN - 1, move |index| {
                let mut place = home.wrapping_add(index).wrapping_add(1);
                if place >= count {
                    place = place.wrapping_sub(count);
                }
                let Some(table) = BUCKETS.get(slot) else {
                    return Step::Stop;
                };
                match table.get(place) {
                    Some([bucket]) if buckets::look(bucket, key, found) => Step::Again,
                    _ => Step::Stop,
                }
            });
        }
    }

    #[inline(always)]
    fn longest_prefix(_slot: u32, _key: &PrefixKey) -> PrefixValue {
        PrefixValue::default()
    }
}

/// The tables in one of the two slots. Read once from the settings, so that a packet sees one
/// generation, wholly.
#[derive(Clone, Copy)]
pub(crate) struct KernelTables<P> {
    pub(crate) slot: u32,
    patterns: PhantomData<P>,
}

impl<P> KernelTables<P> {
    /// The tables of a slot.
    #[inline(always)]
    pub(crate) const fn of(slot: u32) -> Self {
        Self {
            slot,
            patterns: PhantomData,
        }
    }

    #[inline(always)]
    fn generation(&self) -> Option<&'static GenerationEntry> {
        GENERATIONS.get(self.slot)
    }

    /// Whether a UDP port (host order) is judged.
    #[inline(always)]
    pub(crate) fn has_port(&self, port: u16) -> bool {
        match PORTS.get(self.slot * PORT_WORDS + (u32::from(port) >> 6)) {
            Some(bits) => bits >> (port & 63) & 1 != 0,
            None => false,
        }
    }

    /// The trunk of a peer; the unnamed one for all others.
    #[inline(always)]
    pub(crate) fn trunk(&self, peer: &PeerKey) -> Option<&'static TrunkEntry> {
        let mut index = 0_u32;
        if let Some(peers) = PEERS.get(self.slot)
            && let Some(trunk) = peers.get(Address::new(128, *peer).key())
        {
            index = *trunk as u32;
        }
        TRUNKS.get(self.slot * MAXIMUM_TRUNKS + (index & (MAXIMUM_TRUNKS - 1)))
    }
}

/// Declares a trie's key that is placed so that the words of its data are aligned: the verifier
/// demands that of the stack, and in the kernel's packed layout the data follows four bytes of
/// length.
macro_rules! aligned_key {
    ($(#[$doc:meta])* $name:ident, $data:ty, bits at $offset:literal $(, $padding:ident)?) => {
        $(#[$doc])*
        #[repr(C, align(8))]
        struct $name {
            $($padding: u32,)?
            bits: u32,
            data: $data,
        }

        impl $name {
            #[inline(always)]
            const fn new(bits: u32, data: $data) -> Self {
                Self {
                    $($padding: 0,)?
                    bits,
                    data,
                }
            }

            /// The packed key inside.
            #[inline(always)]
            fn key(&self) -> &aya_ebpf::btf_maps::lpm_trie::Key<$data> {
                // SAFETY: from `bits` on the layout is that of a packed key, as the data, made of
                // bytes, follows without a gap; the pointer is derived from the whole value.
                unsafe {
                    &*core::ptr::from_ref(self)
                        .cast::<u8>()
                        .add($offset)
                        .cast()
                }
            }
        }

        const _: () = {
            assert!(align_of::<$data>() == 1);
            assert!(core::mem::offset_of!($name, bits) == $offset);
            assert!(core::mem::offset_of!($name, data) == $offset + 4);
        };
    };
}

pub(crate) use aligned_key;

aligned_key! {
    /// An address.
    Address, PeerKey, bits at 4, padding
}

impl<P: Patterns> Tables for KernelTables<P> {
    const COMPLETE: bool = false;
    const TRIES: bool = P::TRIES;

    #[inline(always)]
    fn perhaps(&self, key: &EntryKey) -> bool {
        P::perhaps(self.slot, key)
    }

    #[inline(always)]
    fn entry(&self, key: &EntryKey, found: &mut Found) {
        P::entry(self.slot, key, found);
    }

    #[inline(always)]
    fn longest_prefix(&self, partition: u32, kind: u32, number: Number) -> PrefixValue {
        P::longest_prefix(self.slot, &PrefixKey::new(partition, kind, number))
    }

    #[inline(always)]
    fn shape(&self, number: u8) -> Option<&Shape> {
        SHAPES.get(self.slot * MAXIMUM_SHAPES + u32::from(number))
    }

    #[inline(always)]
    fn number(&self, number: Number, entry: &mut NumberEntry) -> bool {
        match self.generation() {
            Some(generation) if !is_longer(number, generation.known_digits) => {}
            _ => return false,
        }
        let Some(table) = NUMBERS.get(self.slot) else {
            return false;
        };
        // SAFETY: values are replaced as a whole; one changed at this very moment may be seen
        // before or after.
        match unsafe { table.get(number) } {
            Some([value]) => {
                *entry = *value;
                true
            }
            None => false,
        }
    }

    #[inline(always)]
    fn is_protected(&self, number: Number) -> bool {
        match self.generation() {
            Some(generation) if !is_longer(number, generation.protected_digits) => {}
            _ => return false,
        }
        let Some(table) = NUMBERS.get(self.slot) else {
            return false;
        };
        // SAFETY: as for `number`.
        match unsafe { table.get(number) } {
            Some([value]) => value.flags & NUMBER_PROTECTED != 0,
            None => false,
        }
    }

    #[inline(always)]
    fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        let [scope] = SCOPES.get(self.slot)?.get(partition)?;
        Some(scope)
    }

    #[inline(always)]
    fn granted(&self, key: &GrantKey) -> bool {
        // SAFETY: a grant is one aligned word.
        match unsafe { GRANTS.get(key) } {
            Some(until) => {
                // SAFETY: the helper takes nothing and only reads the clock.
                let now = unsafe { bpf_ktime_get_ns() };
                now < *until
            }
            None => false,
        }
    }

    #[inline(always)]
    fn rule_id(&self, slot: u32) -> u32 {
        match RULES.get(slot) {
            Some(entry) => entry.rule,
            None => u32::MAX,
        }
    }

    #[inline(always)]
    fn user(&self, _partition: u32, _found: &mut Found) {}
}
