//! What the daemon answers leaves from the port to which the call came: the peer receives packets
//! from no other address and port than those it called.

use aya_ebpf::bindings::TC_ACT_UNSPEC;
use blacklist_common::frame::{self, PROTOCOL_UDP, Part};

use crate::bounded::BoundedLoop;
use crate::maps::REPLY_PORTS;
use crate::packet::Outgoing;
use crate::scratch;

/// Gives the daemon's packets their source port. The verdict leaves every packet, changed or not, to
/// the programs that run after this one.
#[inline(always)]
pub(crate) fn restore_port(packet: Outgoing<'_>) -> i32 {
    let mark = packet.mark();
    if mark != 0 {
        let _ = restore(packet, mark);
    }
    TC_ACT_UNSPEC
}

#[inline(always)]
fn restore(packet: Outgoing<'_>, mark: u32) -> Option<()> {
    let at = frame::ethernet(packet).ok()?;
    let ip = frame::ip::<BoundedLoop, _>(packet, at, scratch::extensions).ok()?;
    if ip.protocol != PROTOCOL_UDP || ip.part() == Part::Later {
        return None;
    }
    let udp = frame::udp(packet, ip.offset, ip.length).ok()?;
    // SAFETY: the value is copied at once.
    let reply = unsafe { REPLY_PORTS.get(u32::from(udp.source_port)) }.copied()?;
    if reply.mark != mark {
        return None;
    }
    packet
        .set_source_port(ip.offset, udp.source_port, reply.port as u16)
        .then_some(())
}
