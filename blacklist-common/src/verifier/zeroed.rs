//! Working memory that is valid when it is all zero, and is cleared by words. For the BPF target a
//! `memset`, which the compiler makes of ordinary assignments, is a function that writes single bytes.

/// Memory that may be all zero.
///
/// # Safety
/// The type must be valid with all bytes zero.
pub(crate) unsafe trait Zeroed: Sized {
    /// All bytes zero.
    // SAFETY: an implementor promises that this is a valid value.
    const ZERO: Self = unsafe { core::mem::zeroed() };

    /// Sets all bytes to zero. Of types that are aligned to eight bytes and a multiple of eight bytes
    /// long.
    #[inline(always)]
    fn clear(&mut self) {
        const {
            assert!(align_of::<Self>() == 8 && size_of::<Self>().is_multiple_of(8));
        }
        let words = core::ptr::from_mut(self).cast::<u64>();
        let mut index = 0;
        while index < size_of::<Self>() / 8 {
            // SAFETY: the index is inside of `self`, which is aligned and valid with zeros;
            // volatile, so that the loop does not become a `memset`.
            unsafe { words.add(index).write_volatile(0) };
            index += 1;
        }
    }
}
