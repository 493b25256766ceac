//! An array map in this process's memory: millions of counters without a system call for each.

use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::os::fd::AsFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};

use super::KernelError;
use super::plain::AbiType;

/// The entries of an array map that was made with `BPF_F_MMAPABLE`.
pub(super) struct Mapped<T> {
    start: NonNull<T>,
    entries: usize,
}

// SAFETY: the memory is shared with the kernel program anyhow; entries are only read and written
// by volatile accesses.
unsafe impl<T: Send> Send for Mapped<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Mapped<T> {}

impl<T: AbiType> Mapped<T> {
    /// Maps a map of `entries` entries; the size of an entry is a multiple of eight.
    pub(super) fn new(map: impl AsFd, entries: u32) -> Result<Self, KernelError> {
        const { assert!(size_of::<T>().is_multiple_of(8)) };
        let entries = entries as usize;
        let fail = |why: String| KernelError::failed("mapping a table into memory", why);
        let length = NonZeroUsize::new(entries * size_of::<T>())
            .ok_or_else(|| fail("it is empty".to_owned()))?;
        // SAFETY: a fresh mapping at an address of the kernel's choice touches nothing that
        // exists; its length is that of the map.
        let start = unsafe {
            mmap(
                None,
                length,
                ProtFlags::PROT_READ | ProtFlags::PROT_WRITE,
                MapFlags::MAP_SHARED,
                map,
                0,
            )
        }
        .map_err(|error| fail(error.to_string()))?;
        Ok(Self {
            start: start.cast(),
            entries,
        })
    }

    /// The entry at an index; none behind the end.
    pub(super) fn get(&self, index: usize) -> Option<T>
    where
        T: Copy,
    {
        // SAFETY: the index is inside of the mapping, which lives as long as `self`.
        (index < self.entries).then(|| unsafe { self.start.add(index).read_volatile() })
    }

    /// Sets an entry. False behind the end.
    pub(super) fn set(&mut self, index: usize, value: T) -> bool {
        if index >= self.entries {
            return false;
        }
        // SAFETY: as in `get`.
        unsafe { self.start.add(index).write_volatile(value) };
        true
    }

    /// Sets one of the 64-bit words of an entry, as a whole, behind all that was set before. False
    /// behind the end.
    pub(super) fn set_word(&mut self, index: usize, word: usize, value: u64) -> bool {
        if index >= self.entries || word >= size_of::<T>() / 8 {
            return false;
        }
        // SAFETY: the word is inside of an entry that is inside of the mapping; entries are
        // multiples of eight bytes, and the mapping begins on a page. Other processors read the
        // word at the same time, therefore it is atomic.
        let place =
            unsafe { AtomicU64::from_ptr(self.start.add(index).cast::<u64>().add(word).as_ptr()) };
        #[cfg(test)]
        let before = place.load(Ordering::Relaxed);
        place.store(value, Ordering::Release);
        #[cfg(test)]
        announce(Written {
            size: size_of::<T>(),
            word,
            before,
            after: value,
        });
        true
    }

    /// One of the 64-bit words of an entry; none behind the end.
    pub(super) fn word(&self, index: usize, word: usize) -> Option<u64> {
        if index >= self.entries || word >= size_of::<T>() / 8 {
            return None;
        }
        // SAFETY: as in `set_word`; this process is the only writer.
        Some(unsafe {
            self.start
                .add(index)
                .cast::<u64>()
                .add(word)
                .read_volatile()
        })
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.entries
    }
}

impl<T> Drop for Mapped<T> {
    fn drop(&mut self) {
        let start: NonNull<c_void> = self.start.cast();
        // SAFETY: the mapping was made in `new` with this length and nobody else refers to it.
        let unmapped = unsafe { munmap(start, self.entries * size_of::<T>()) };
        debug_assert!(unmapped.is_ok());
    }
}

/// A word that was written, for tests.
#[cfg(test)]
#[derive(Clone, Copy, Debug)]
pub(super) struct Written {
    /// Bytes of an entry of its table.
    pub(super) size: usize,
    /// Its place in the entry.
    pub(super) word: usize,
    pub(super) before: u64,
    pub(super) after: u64,
}

#[cfg(test)]
type WordWatcher = Box<dyn FnMut(Written)>;

#[cfg(test)]
std::thread_local! {
    static WATCHER: std::cell::RefCell<Option<WordWatcher>> = const { std::cell::RefCell::new(None) };
}

/// Has each word that this thread writes announced.
#[cfg(test)]
pub(super) fn watch_words(watcher: Option<WordWatcher>) {
    WATCHER.with_borrow_mut(|held| *held = watcher);
}

#[cfg(test)]
fn announce(written: Written) {
    WATCHER.with_borrow_mut(|watcher| {
        if let Some(watcher) = watcher {
            watcher(written);
        }
    });
}
