//! Which packets are one call: an INVITE comes up to seven times (RFC 3261, 17.1.1.2).

use aya_ebpf::helpers::generated::bpf_ktime_get_coarse_ns;

use crate::maps::CALLS;

/// A Call-ID that was not seen for so long is a new call: twice the time that a client goes on
/// (RFC 3261, timer B).
const FORGOTTEN_AFTER: u64 = 64_000_000_000;

const ONLY_IF_NEW: u64 = 1;

/// Notes a packet of a call by the hash of its Call-ID. True for its first packet.
#[inline(always)]
pub(crate) fn is_first(fingerprint: u64) -> bool {
    // SAFETY: the helper takes nothing and only reads the clock.
    let now = unsafe { bpf_ktime_get_coarse_ns() };
    match CALLS.get_ptr_mut(fingerprint) {
        Some(seen) => {
            // SAFETY: the pointer is valid for the run of the program; the time is one aligned
            // word, and whichever of two packets writes it last is right.
            let before = unsafe { core::ptr::replace(seen, now) };
            now.wrapping_sub(before) > FORGOTTEN_AFTER
        }
        // Of two CPUs with the same call one inserts, the other is told that it was there.
        None => CALLS.insert(fingerprint, now, ONLY_IF_NEW).is_ok(),
    }
}
