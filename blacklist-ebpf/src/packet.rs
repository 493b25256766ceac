//! The one door to packet memory.

use aya_ebpf::EbpfContext as _;
use aya_ebpf::helpers::generated::{bpf_xdp_get_buff_len, bpf_xdp_load_bytes};
use aya_ebpf::programs::XdpContext;
use blacklist_common::checksum::replaced;

/// Headers end before this offset; what is further back is text, which is copied.
const HEADER_MASK: usize = 0x3FF;

/// A frame.
pub(crate) struct Packet<'a> {
    context: &'a XdpContext,
}

impl<'a> Packet<'a> {
    #[inline(always)]
    pub(crate) fn new(context: &'a XdpContext) -> Self {
        Self { context }
    }

    /// The same frame, to be handed on.
    #[inline(always)]
    pub(crate) fn again(&self) -> Packet<'a> {
        Packet {
            context: self.context,
        }
    }

    /// What stands at an offset among the headers; none if the frame is too short.
    #[inline(always)]
    pub(crate) fn load<T: Copy>(&self, offset: usize) -> Option<T> {
        // The mask tells the verifier the range of a variable offset.
        let start = self.context.data() + (offset & HEADER_MASK);
        if start + size_of::<T>() > self.context.data_end() {
            return None;
        }
        // SAFETY: the range was compared with the end of the packet; any alignment is fine.
        Some(unsafe { (start as *const T).read_unaligned() })
    }

    /// Bytes of the frame, also those that are not in the first buffer.
    #[inline(always)]
    pub(crate) fn length(&self) -> u32 {
        // SAFETY: the context is the one that the kernel called the program with.
        unsafe { bpf_xdp_get_buff_len(self.context.ctx) as u32 }
    }

    /// Whether the first buffer has at least so many bytes.
    #[inline(always)]
    pub(crate) fn holds(&self, length: u32) -> bool {
        self.context.data() + (length as usize & 0xFFFF) <= self.context.data_end()
    }

    /// Gives the datagram whose UDP header is at an offset another destination. False if the frame
    /// is shorter.
    #[inline(always)]
    pub(crate) fn set_destination_port(&self, udp: u32, port: u16) -> bool {
        let start = self.context.data() + (udp as usize & HEADER_MASK);
        if start + size_of::<[u16; 4]>() > self.context.data_end() {
            return false;
        }
        let header = start as *mut [u16; 4];
        // SAFETY: the range was compared with the end of the packet; any alignment is fine.
        unsafe {
            let [source, before, length, sum] = header.read_unaligned();
            let port = port.to_be();
            header.write_unaligned([source, port, length, replaced(sum, before, port)]);
        }
        true
    }

    /// Interface that the frame came in by.
    #[inline(always)]
    pub(crate) fn interface(&self) -> u32 {
        self.context.ingress_ifindex() as u32
    }

    /// Copies `length` bytes, at least one, from an offset.
    #[inline(always)]
    pub(crate) fn copy<const CAPACITY: u32>(&self, offset: u32, to: *mut u8, length: u32) -> bool {
        // In a form from which the verifier sees 1..=CAPACITY, a power of two.
        let length = (length.wrapping_sub(1) & (CAPACITY - 1)) + 1;
        // SAFETY: the caller's memory has CAPACITY bytes; the helper checks the packet's range.
        let status =
            unsafe { bpf_xdp_load_bytes(self.context.as_ptr().cast(), offset, to.cast(), length) };
        status == 0
    }
}
