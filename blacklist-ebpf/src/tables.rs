//! The lookup tables of the generation in force.

use aya_ebpf::btf_maps::lpm_trie::Key;
use aya_ebpf::helpers::generated::bpf_ktime_get_ns;
use blacklist_common::number::Number;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{
    ExactKey, ExactValue, GrantKey, MAXIMUM_TRUNKS, NumberEntry, PORT_WORDS, PREFIX_LOOKUP_BITS,
    PeerKey, PrefixKey, PrefixValue, ScopeEntry, Tables, TrunkEntry,
};

use crate::maps::{
    ALLOW_PREFIX, BLOCK_PREFIX, EXACT, GRANTS, NUMBERS, PEERS, PORTS, SCOPES, TRUNKS,
};

/// The tables in one of the two slots. Read once from the settings, so that a packet sees one
/// generation, wholly.
#[derive(Clone, Copy)]
pub(crate) struct KernelTables {
    pub(crate) slot: u32,
}

impl KernelTables {
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
/// demands that of the stack, and in the kernel's packed layout the data stands behind four bytes
/// of length.
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
            fn key(&self) -> &Key<$data> {
                // SAFETY: from `bits` on the layout is that of a packed key, as the data, made of
                // bytes, follows without a gap; the pointer is derived from the whole value.
                unsafe {
                    &*core::ptr::from_ref(self)
                        .cast::<u8>()
                        .add($offset)
                        .cast::<Key<$data>>()
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

aligned_key! {
    /// Four bytes of partition, then the number.
    NumberPrefix, PrefixKey, bits at 0
}

aligned_key! {
    /// An address.
    Address, PeerKey, bits at 4, padding
}

impl Tables for KernelTables {
    #[inline(always)]
    fn exact(&self, key: &ExactKey) -> ExactValue {
        let Some(table) = EXACT.get(self.slot) else {
            return ExactValue::default();
        };
        // SAFETY: values are replaced as a whole; a rule changed at this very moment may be seen
        // before or after, each half is one aligned word.
        match unsafe { table.get(key) } {
            Some(value) => *value,
            None => ExactValue::default(),
        }
    }

    #[inline(always)]
    fn allow_prefix(&self, key: &PrefixKey) -> RuleRef {
        match ALLOW_PREFIX.get(self.slot) {
            Some(table) => longest(table.get(NumberPrefix::new(PREFIX_LOOKUP_BITS, *key).key())),
            None => RuleRef::NONE,
        }
    }

    #[inline(always)]
    fn block_prefix(&self, key: &PrefixKey) -> RuleRef {
        match BLOCK_PREFIX.get(self.slot) {
            Some(table) => longest(table.get(NumberPrefix::new(PREFIX_LOOKUP_BITS, *key).key())),
            None => RuleRef::NONE,
        }
    }

    #[inline(always)]
    fn number(&self, number: Number) -> Option<NumberEntry> {
        let table = NUMBERS.get(self.slot)?;
        // SAFETY: as for `exact`.
        unsafe { table.get(number) }.copied()
    }

    #[inline(always)]
    fn scope(&self, partition: u32) -> ScopeEntry {
        match SCOPES.get(self.slot) {
            Some(table) => table.get(partition).copied().unwrap_or_default(),
            None => ScopeEntry::default(),
        }
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
}

#[inline(always)]
fn longest(found: Option<&PrefixValue>) -> RuleRef {
    match found {
        Some(value) => value.rule(),
        None => RuleRef::NONE,
    }
}
