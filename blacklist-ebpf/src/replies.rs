//! What the daemon answers leaves from the port to which the call came: the peer speaks to nobody
//! but the address and port that it has called.

use aya_ebpf::bindings::{BPF_F_MARK_MANGLED_0, TC_ACT_UNSPEC};
use aya_ebpf::programs::TcContext;

use crate::frame::{FRAGMENT, PROTOCOL_UDP, TYPE_IPV4, TYPE_IPV6, is_vlan};
use crate::maps::REPLY_PORTS;

/// Bytes of the field that the checksum covers.
const PORT_BYTES: u64 = 2;
const CHECKSUM: usize = 6;

/// Gives the daemon's packets their source port; others, and all programs behind, see no change.
#[inline(always)]
pub(crate) fn restore_port(context: &mut TcContext) -> i32 {
    // SAFETY: the context is the one that the kernel called the program with.
    let mark = unsafe { (*context.skb.skb).mark };
    if mark != 0
        && let Some(offset) = udp(context)
    {
        let _ = restore(context, offset, mark);
    }
    TC_ACT_UNSPEC
}

/// Offset of the UDP header; none if the packet is no UDP, or no first fragment of it.
#[inline(always)]
fn udp(context: &TcContext) -> Option<usize> {
    let mut offset = 12;
    let mut kind = u16::from_be(context.load::<u16>(offset).ok()?);
    let mut tags = 0;
    while tags < 2 && is_vlan(kind) {
        offset += 4;
        kind = u16::from_be(context.load::<u16>(offset).ok()?);
        tags += 1;
    }
    offset += 2;
    match kind {
        TYPE_IPV4 => {
            let length = context.load::<u8>(offset).ok()? & 0xF;
            let fragment = u16::from_be(context.load::<u16>(offset + 6).ok()?);
            let protocol = context.load::<u8>(offset + 9).ok()?;
            (protocol == PROTOCOL_UDP && fragment & 0x1FFF == 0)
                .then_some(offset + 4 * usize::from(length))
        }
        TYPE_IPV6 => match context.load::<u8>(offset + 6).ok()? {
            PROTOCOL_UDP => Some(offset + 40),
            // Of the daemon's own packets, the one extension header that there may be.
            FRAGMENT => {
                let protocol = context.load::<u8>(offset + 40).ok()?;
                let fragment = u16::from_be(context.load::<u16>(offset + 42).ok()?);
                (protocol == PROTOCOL_UDP && fragment >> 3 == 0).then_some(offset + 48)
            }
            _ => None,
        },
        _ => None,
    }
}

#[inline(always)]
fn restore(context: &mut TcContext, udp: usize, mark: u32) -> Option<()> {
    let before = context.load::<u16>(udp).ok()?;
    // SAFETY: the value is copied at once.
    let reply = unsafe { REPLY_PORTS.get(u32::from(u16::from_be(before))) }.copied()?;
    if reply.mark != mark {
        return None;
    }
    let after = (reply.port as u16).to_be();
    // Leaves a checksum that the interface will make as it is, and none none.
    context
        .l4_csum_replace(
            udp + CHECKSUM,
            u64::from(before),
            u64::from(after),
            PORT_BYTES | u64::from(BPF_F_MARK_MANGLED_0),
        )
        .ok()?;
    context.store(udp, &after, 0).ok()
}
