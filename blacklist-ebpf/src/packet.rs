//! The one door to packet memory: frames that come in, and packets on their way out.

use core::marker::PhantomData;

use aya_ebpf::bindings::{__sk_buff, BPF_F_MARK_MANGLED_0, xdp_md};
use aya_ebpf::helpers::generated::{bpf_skb_load_bytes, bpf_xdp_get_buff_len, bpf_xdp_load_bytes};
use aya_ebpf::programs::{TcContext, XdpContext};
use blacklist_common::checksum::replaced;
use blacklist_common::frame::{Packet, Plain};

use crate::scratch::{HEADER_BYTES, header};

/// Headers end before this offset; what is further back is text, which is copied.
const HEADER_MASK: usize = 0x3FF;

/// A frame that came in.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Frame<'a> {
    context: *mut xdp_md,
    run: PhantomData<&'a XdpContext>,
}

impl<'a> Frame<'a> {
    #[inline(always)]
    pub(crate) fn new(context: &'a XdpContext) -> Self {
        Self {
            context: context.ctx,
            run: PhantomData,
        }
    }

    /// Where `length` bytes at an offset among the headers are; `None` if the frame is too short.
    #[inline(always)]
    fn at(self, offset: u32, length: usize) -> Option<usize> {
        let context = XdpContext::new(self.context);
        // The mask shows the verifier the range of a variable offset.
        let start = context.data() + (offset as usize & HEADER_MASK);
        if start + length > context.data_end() {
            return None;
        }
        Some(start)
    }

    /// Replaces bytes at an offset among the headers. False if the frame is shorter.
    #[inline(always)]
    pub(crate) fn store<T: Plain>(self, offset: u32, value: T) -> bool {
        let Some(start) = self.at(offset, size_of::<T>()) else {
            return false;
        };
        // SAFETY: the range was compared with the end of the packet.
        unsafe { (start as *mut T).write_unaligned(value) };
        true
    }

    /// Gives the datagram whose UDP header is at an offset another destination. False if the frame
    /// is shorter.
    #[inline(always)]
    pub(crate) fn set_destination_port(self, udp: u32, port: u16) -> bool {
        let Some([source, before, length, sum]) = self.load::<[u16; 4]>(udp) else {
            return false;
        };
        let port = port.to_be();
        self.store(udp, [source, port, length, replaced(sum, before, port)])
    }

    /// Interface that the frame came in by.
    #[inline(always)]
    pub(crate) fn interface(self) -> u32 {
        XdpContext::new(self.context).ingress_ifindex() as u32
    }

    /// Copies `length` bytes, at least one, from an offset.
    #[inline(always)]
    pub(crate) fn copy<const CAPACITY: u32>(self, offset: u32, to: *mut u8, length: u32) -> bool {
        // In a form from which the verifier sees 1..=CAPACITY, a power of two.
        let length = (length.wrapping_sub(1) & (CAPACITY - 1)) + 1;
        // SAFETY: the caller's memory has CAPACITY bytes; the helper checks the packet's range.
        let status = unsafe { bpf_xdp_load_bytes(self.context, offset, to.cast(), length) };
        status == 0
    }
}

impl Packet for Frame<'_> {
    #[inline(always)]
    fn load<T: Plain>(self, offset: u32) -> Option<T> {
        let start = self.at(offset, size_of::<T>())?;
        // SAFETY: the range was compared with the end of the packet, and any bytes are valid.
        Some(unsafe { (start as *const T).read_unaligned() })
    }

    /// Also bytes that are not in the first buffer.
    #[inline(always)]
    fn has(self, length: u32) -> bool {
        let context = XdpContext::new(self.context);
        if context.data() + (length as usize & 0xFFFF) <= context.data_end() {
            return true;
        }
        // SAFETY: the context is the one that the kernel called the program with.
        length <= unsafe { bpf_xdp_get_buff_len(self.context) } as u32
    }
}

/// A packet on its way out.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Outgoing<'a> {
    context: *mut __sk_buff,
    run: PhantomData<&'a TcContext>,
}

impl<'a> Outgoing<'a> {
    #[inline(always)]
    pub(crate) fn new(context: &'a TcContext) -> Self {
        Self {
            context: context.skb.skb,
            run: PhantomData,
        }
    }

    /// The mark that its sender gave it.
    #[inline(always)]
    pub(crate) fn mark(self) -> u32 {
        // SAFETY: the context is the one that the kernel called the program with.
        unsafe { (*self.context).mark }
    }

    /// Gives the datagram whose UDP header is at an offset another source.
    #[inline(always)]
    pub(crate) fn set_source_port(self, udp: u32, before: u16, after: u16) -> bool {
        /// Offset of the checksum in a UDP header, and bytes of the field that changes under it.
        const CHECKSUM: usize = 6;
        const PORT_BYTES: u64 = 2;
        let context = TcContext::new(self.context);
        let udp = udp as usize;
        // A checksum that the interface completes is left to it, and one that is absent stays so.
        context
            .l4_csum_replace(
                udp + CHECKSUM,
                u64::from(before.to_be()),
                u64::from(after.to_be()),
                PORT_BYTES | u64::from(BPF_F_MARK_MANGLED_0),
            )
            .and_then(|()| context.store(udp, &after.to_be(), 0))
            .is_ok()
    }
}

impl Packet for Outgoing<'_> {
    #[inline(always)]
    fn load<T: Plain>(self, offset: u32) -> Option<T> {
        const { assert!(size_of::<T>() <= HEADER_BYTES) };
        // Not to the stack, on which the verifier allows aligned reads alone.
        let memory = header()?.as_mut_ptr();
        let length = size_of::<T>() as u32;
        // SAFETY: the memory has that many bytes; the helper checks the packet's range.
        let status =
            unsafe { bpf_skb_load_bytes(self.context.cast(), offset, memory.cast(), length) };
        if status != 0 {
            return None;
        }
        // SAFETY: the helper has written all bytes of the value, and any are valid.
        Some(unsafe { memory.cast::<T>().read_unaligned() })
    }

    #[inline(always)]
    fn has(self, length: u32) -> bool {
        length <= TcContext::new(self.context).len()
    }
}
