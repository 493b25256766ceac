//! Working memory of one packet, in the values of maps: the verifier does not follow what is stored
//! there, and a stack in the kernel is too small for a message.

use aya_ebpf::btf_maps::PerCpuArray;
use blacklist_common::calls::CallCell;
use blacklist_common::decide::Walk;
use blacklist_common::frame::Extensions;
use blacklist_common::message::Reader;
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::RuleRef;

use crate::maps::map;

/// Working memory of one packet.
#[repr(C)]
pub(crate) struct Scratch {
    pub(crate) reader: Reader,
    pub(crate) walk: Walk,
    pub(crate) packet: PacketState,
    pub(crate) room: Room,
}

/// What is known of a packet beside its text: how it came, and what is decided of it.
#[repr(C)]
pub(crate) struct PacketState {
    /// The hash of the Call-ID; zero where it does not matter.
    pub(crate) fingerprint: u64,
    /// IPv4 as `::ffff:a.b.c.d`.
    pub(crate) source: [u8; 16],
    pub(crate) destination: [u8; 16],
    /// The settings' active word.
    pub(crate) active: u64,
    /// The rule that decided.
    pub(crate) rule: RuleRef,
    pub(crate) interface: u32,
    /// As in the packet; of fragments only.
    pub(crate) identification: u32,
    pub(crate) protocol: u32,
    /// `SETTING_...` bits.
    pub(crate) settings: u32,
    pub(crate) source_port: u16,
    pub(crate) destination_port: u16,
    pub(crate) trunk: u16,
    pub(crate) outbound: u16,
    /// Offset of the UDP header.
    pub(crate) udp: u32,
    /// 1 if the trunk's calls are dropped while the daemon that would answer them is absent.
    pub(crate) drops: u32,
    /// What became of it, on its way through memory that the verifier does not follow.
    pub(crate) outcome: Outcome,
}

/// The oldest cell of a bucket of calls, and how much room the bucket has.
#[repr(C)]
pub(crate) struct Oldest {
    /// The cell as it was read.
    pub(crate) cell: CallCell,
    pub(crate) age: u32,
    /// The cell's place in the bucket.
    pub(crate) index: u32,
    /// Cells that were never used or whose calls are over.
    pub(crate) free: u32,
    pub(crate) home: u32,
}

/// Where a call would find room.
#[repr(C)]
pub(crate) struct Room {
    pub(crate) buckets: [Oldest; 2],
}

/// Bytes of the longest header that is read at once.
pub(crate) const HEADER_BYTES: usize = 40;

map! {
    /// Working memory of one packet.
    SCRATCH: PerCpuArray<Scratch, 1>;
    /// Working memory of a walk over extension headers.
    EXTENSIONS: PerCpuArray<Extensions, 1>;
    /// A header of a packet on its way out.
    HEADER: PerCpuArray<[u8; HEADER_BYTES], 1>;
}

/// This CPU's working memory.
#[inline(always)]
pub(crate) fn scratch() -> Option<&'static mut Scratch> {
    // SAFETY: the entry belongs to this CPU alone, and only this program run uses it, through one
    // reference at a time: XDP programs of one CPU do not interrupt each other. A test run may be
    // interrupted by a frame; then its answer is wrong, the frame's is not.
    SCRATCH
        .get_ptr_mut(0)
        .map(|scratch| unsafe { &mut *scratch })
}

/// This CPU's memory for a walk over extension headers.
#[inline(always)]
pub(crate) fn extensions() -> Option<&'static mut Extensions> {
    // SAFETY: as for `scratch`. The program on the way out runs with bottom halves disabled, so that
    // no frame that comes in interrupts it.
    EXTENSIONS
        .get_ptr_mut(0)
        .map(|extensions| unsafe { &mut *extensions })
}

/// This CPU's memory for a header of a packet on its way out.
#[inline(always)]
pub(crate) fn header() -> Option<&'static mut [u8; HEADER_BYTES]> {
    // SAFETY: the entry belongs to this CPU alone; only the program on the way out uses it, through
    // one reference at a time.
    HEADER.get_ptr_mut(0).map(|header| unsafe { &mut *header })
}
