//! One packet's way in the daemon's log (feature `trace`), for debugging. Without numbers of callers:
//! these are written to the journal alone.

use aya_ebpf::programs::XdpContext;
use aya_log_ebpf::debug;

use crate::judge::Judged;

/// Logs where a packet came in, what was read of it, and where its way ended. The outcome is a
/// number of `blacklist_common::outcome`.
#[inline(always)]
pub(crate) fn packet(context: &XdpContext, judged: &Judged) {
    let outcome = judged.outcome as u32;
    match &judged.scratch {
        None => debug!(
            context,
            "interface {}: outcome {}",
            context.ingress_ifindex(),
            outcome
        ),
        Some(scratch) => debug!(
            context,
            "interface {}: port {} to {}, trunk {}, {} bytes of text, identity {}, rule slot {}: outcome {}",
            scratch.packet.interface,
            scratch.packet.source_port,
            scratch.packet.destination_port,
            scratch.packet.trunk,
            scratch.reader.length,
            scratch.reader.message.identity,
            scratch.packet.rule.slot(),
            outcome
        ),
    }
}
