//! The event ring as its reader sees it: events are looked at first and released later, when what
//! they say is on disk. Until then their room is not written over, and a daemon that is killed in
//! between finds them again.
//!
//! Layout and protocol: Documentation/bpf/ringbuf.rst and kernel/bpf/ringbuf.c.

use std::ffi::c_void;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use nix::sys::mman::{MapFlags, ProtFlags, mmap, munmap};
use nix::unistd::{SysconfVar, sysconf};

use blacklist_common::event::Event;

use super::KernelError;

/// The record is not written to its end (`BPF_RINGBUF_BUSY_BIT`).
const BUSY: u32 = 1 << 31;
/// The record was given up (`BPF_RINGBUF_DISCARD_BIT`).
const DISCARDED: u32 = 1 << 30;
/// Bytes of a record's header (`BPF_RINGBUF_HDR_SZ`).
const HEADER: u64 = 8;

/// The reader's side of the ring.
pub struct EventRing {
    map: OwnedFd,
    /// The page with the reader's position; the only one that is ours to write.
    consumer: Mapping,
    /// The page with the writers' position, and the data, twice one behind the other.
    producer: Mapping,
    page: usize,
    size: u64,
    /// Up to where events were looked at.
    looked: u64,
}

/// Memory that is shared with the kernel.
struct Mapping {
    start: NonNull<c_void>,
    length: NonZeroUsize,
}

// SAFETY: the memory belongs to the process, not to a thread; it is read and written by atomic and
// volatile accesses.
unsafe impl Send for Mapping {}

impl Mapping {
    fn new(
        map: BorrowedFd<'_>,
        length: usize,
        protection: ProtFlags,
        offset: usize,
    ) -> Result<Self, KernelError> {
        let fail = |why: String| KernelError::failed("mapping the event ring into memory", why);
        let length = NonZeroUsize::new(length).ok_or_else(|| fail("it is empty".to_owned()))?;
        let offset = i64::try_from(offset).map_err(|error| fail(error.to_string()))?;
        // SAFETY: a fresh mapping at an address of the kernel's choice touches nothing that exists.
        let start = unsafe { mmap(None, length, protection, MapFlags::MAP_SHARED, map, offset) }
            .map_err(|error| fail(error.to_string()))?;
        Ok(Self { start, length })
    }

    /// The word at the beginning.
    fn position(&self) -> &AtomicU64 {
        // SAFETY: the mapping is a page at least, begins on one, and lives as long as the
        // reference; the kernel changes the word as a whole.
        unsafe { AtomicU64::from_ptr(self.start.cast::<u64>().as_ptr()) }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping was made in `new` with this length and nobody else refers to it.
        let unmapped = unsafe { munmap(self.start, self.length.get()) };
        debug_assert!(unmapped.is_ok());
    }
}

/// Bytes of a page: of each position's.
pub(super) fn page_size() -> Option<usize> {
    let bytes = sysconf(SysconfVar::PAGE_SIZE).ok().flatten()?;
    usize::try_from(bytes).ok()
}

impl EventRing {
    /// The ring of a map of `size` bytes.
    pub(super) fn new(map: impl AsFd, size: u32) -> Result<Self, KernelError> {
        let fail = |why: String| KernelError::failed("mapping the event ring into memory", why);
        let page = page_size().ok_or_else(|| fail("the size of a page is not known".to_owned()))?;
        let map = map
            .as_fd()
            .try_clone_to_owned()
            .map_err(|error| fail(error.to_string()))?;
        let write = ProtFlags::PROT_READ | ProtFlags::PROT_WRITE;
        let consumer = Mapping::new(map.as_fd(), page, write, 0)?;
        let length = page + 2 * size as usize;
        let producer = Mapping::new(map.as_fd(), length, ProtFlags::PROT_READ, page)?;
        let looked = consumer.position().load(Ordering::Acquire);
        Ok(Self {
            map,
            consumer,
            producer,
            page,
            size: u64::from(size),
            looked,
        })
    }

    /// Becomes readable when there are events behind those that were released.
    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.map.as_fd()
    }

    /// Up to where events were looked at, in bytes since the ring was made.
    pub const fn position(&self) -> u64 {
        self.looked
    }

    /// Up to where events were released.
    pub fn released(&self) -> u64 {
        self.consumer.position().load(Ordering::Acquire)
    }

    /// Bytes of events that are not released.
    pub fn waiting(&self) -> u64 {
        let written = self.producer.position().load(Ordering::Acquire);
        written.wrapping_sub(self.released())
    }

    /// Passes over what lies before a position; for a daemon that knows that it has taken these
    /// events already.
    pub fn skip_to(&mut self, position: u64) {
        let written = self.producer.position().load(Ordering::Acquire);
        while self.looked < position && self.looked < written {
            let Some(next) = self.record_end(self.looked) else {
                return;
            };
            self.looked = next;
        }
        self.release();
    }

    /// Releases what was looked at.
    pub fn release(&mut self) {
        self.consumer
            .position()
            .store(self.looked, Ordering::Release);
    }

    /// Goes back to what was not released.
    pub fn rewind(&mut self) {
        self.looked = self.released();
    }

    /// Length and flags of the record at a position.
    fn header(&self, position: u64) -> u32 {
        let place = self.data(position);
        // SAFETY: records begin at multiples of eight inside of the data; the kernel changes the
        // word as a whole.
        unsafe { AtomicU32::from_ptr(place.cast::<u32>().as_ptr()) }.load(Ordering::Acquire)
    }

    fn data(&self, position: u64) -> NonNull<u8> {
        let offset = self.page + (position & (self.size - 1)) as usize;
        // SAFETY: the offset is inside of the mapping: the data is there twice, and a record that
        // begins in the first half ends in the second at the latest.
        unsafe { self.producer.start.cast::<u8>().add(offset) }
    }

    /// Where the record at a position ends; none while it is written.
    fn record_end(&self, position: u64) -> Option<u64> {
        let header = self.header(position);
        if header & BUSY != 0 {
            return None;
        }
        let length = u64::from(header & !DISCARDED) + HEADER;
        Some(position + length.next_multiple_of(HEADER))
    }

    /// The next event; none if there is none, or it is not written to its end.
    pub fn next_event(&mut self) -> Option<Event> {
        loop {
            let written = self.producer.position().load(Ordering::Acquire);
            if self.looked >= written {
                return None;
            }
            let end = self.record_end(self.looked)?;
            let header = self.header(self.looked);
            let place = self.data(self.looked + HEADER);
            self.looked = end;
            let length = (header & !DISCARDED) as usize;
            if header & DISCARDED != 0 || length < size_of::<Event>() {
                continue;
            }
            // SAFETY: the record is at least as long as an event, which consists of integers and
            // arrays of bytes; it is complete, and stays until it is released.
            return Some(unsafe { place.cast::<Event>().read_unaligned() });
        }
    }
}
