//! Table types as bytes for the kernel.

use blacklist_common::answer::Answer;
use blacklist_common::buckets::{Bucket, Filter};
use blacklist_common::calls::{CallBucket, CallEntry};
use blacklist_common::event::Event;
use blacklist_common::number::Number;
use blacklist_common::pattern::{EntryKey, Found};
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_common::shape::Shape;
use blacklist_common::tables::{
    Counter, GenerationEntry, GrantKey, PrefixKey, PrefixValue, ReplyPort, Settings, SlotEntry,
    Traffic, TrunkEntry,
};

use aya::maps::lpm_trie::Key;

/// A value that is handed to the kernel byte for byte.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(super) struct Plain<T>(pub(super) T);

/// Types of the ABI: `repr(C)` or transparent, without implicit padding, valid for any bytes.
pub(super) trait AbiType: 'static {}

impl AbiType for u32 {}
impl AbiType for u64 {}
impl AbiType for [u8; 16] {}
impl AbiType for Event {}
impl<T: AbiType + Copy> AbiType for Key<Plain<T>> {}

impl AbiType for Answer {}
impl AbiType for Bucket {}
impl AbiType for CallBucket {}
impl AbiType for CallEntry {}
impl AbiType for Counter {}
impl AbiType for EntryKey {}
impl AbiType for Filter {}
impl AbiType for Found {}
impl AbiType for GenerationEntry {}
impl AbiType for GrantKey {}
impl AbiType for Number {}
impl AbiType for NumberEntry {}
impl AbiType for PrefixKey {}
impl AbiType for PrefixValue {}
impl AbiType for ScopeEntry {}
impl AbiType for Settings {}
impl AbiType for Shape {}
impl AbiType for SlotEntry {}
impl AbiType for Traffic {}
impl AbiType for ReplyPort {}
impl AbiType for TrunkEntry {}

// SAFETY: only types of the ABI are wrapped; they consist of integers and arrays of integers with
// explicit padding, so every byte is initialised and every value is valid.
unsafe impl<T: AbiType + Copy> aya::Pod for Plain<T> {}

/// A value as bytes.
pub(super) const fn bytes<T: AbiType>(value: &T) -> &[u8] {
    // SAFETY: the pointer is that of a value that outlives the slice; types of the ABI have no
    // implicit padding, so every byte is initialised.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(value).cast(), size_of::<T>()) }
}

/// The value that bytes are; none if they are too few or too many.
pub(super) fn value<T: AbiType + Copy>(bytes: &[u8]) -> Option<T> {
    // SAFETY: the length is that of the type, which is valid for any bytes; the read needs no
    // alignment.
    (bytes.len() == size_of::<T>()).then(|| unsafe { bytes.as_ptr().cast::<T>().read_unaligned() })
}
