//! One packet's way in the daemon's log (feature `trace`), for debugging. No numbers of callers:
//! these stand in the journal only.

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
            scratch.way.interface,
            scratch.way.source_port,
            scratch.way.destination_port,
            scratch.way.trunk,
            scratch.reader.length,
            scratch.reader.message.identity,
            scratch.way.rule.slot(),
            outcome
        ),
    }
}
