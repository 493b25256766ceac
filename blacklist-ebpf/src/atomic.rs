//! Additions and exchanges on words of map values. The intrinsics, because the standard library has
//! no atomic operations for this target.

use core::intrinsics::{AtomicOrdering, atomic_cxchg, atomic_xadd, atomic_xchg};

/// Adds one to a word of this processor's own.
#[inline(always)]
pub(crate) fn add_to_processor(word: Option<*mut u64>) {
    if let Some(word) = word {
        // SAFETY: the entry belongs to this CPU alone.
        unsafe { *word = (*word).wrapping_add(1) };
    }
}

/// Adds to a word that other CPUs change too.
///
/// # Safety
/// The pointer must be valid and aligned.
#[inline(always)]
pub(crate) unsafe fn add(word: *mut u64, what: u64) {
    // SAFETY: the caller's pointer is valid and aligned.
    unsafe { atomic_xadd::<u64, u64, { AtomicOrdering::Relaxed }>(word, what) };
}

/// Replaces a word by another value. Whether it had the value `before`, without which it is left.
///
/// # Safety
/// The pointer must be valid and aligned.
#[inline(always)]
pub(crate) unsafe fn exchange(word: *mut u64, before: u64, after: u64) -> bool {
    // SAFETY: the caller's pointer is valid and aligned.
    let (_, is_exchanged) = unsafe {
        atomic_cxchg::<u64, { AtomicOrdering::SeqCst }, { AtomicOrdering::SeqCst }>(
            word, before, after,
        )
    };
    is_exchanged
}

/// Replaces a word, whatever its value is.
///
/// # Safety
/// The pointer must be valid and aligned.
#[inline(always)]
pub(crate) unsafe fn replace(word: *mut u64, after: u64) {
    // SAFETY: the caller's pointer is valid and aligned.
    unsafe { atomic_xchg::<u64, { AtomicOrdering::SeqCst }>(word, after) };
}
