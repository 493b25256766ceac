//! Working memory back to zero, by words. For the BPF target a `memset`, which the compiler makes
//! of ordinary assignments, is a function that writes single bytes.

/// Working memory that may be all zero.
///
/// # Safety
/// The type must be valid with all bytes zero, aligned to eight bytes, and a multiple of eight
/// bytes long.
pub(crate) unsafe trait Clear: Sized {
    /// Sets all bytes to zero.
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
