//! Datagrams in fragments. The verdict on the first fragment holds for the later ones: dropping
//! the first alone would leave the others in the reassembly queue until it is full and legitimate
//! fragmented calls are lost.

use blacklist_common::fragment::{FragmentKey, FragmentState, LIFETIME};

use crate::clock::now;
use crate::maps::FRAGMENTS;

const ANY: u64 = 0;

/// What is known of a datagram, unless it was noted too long ago.
#[inline(always)]
fn known(key: &FragmentKey) -> Option<FragmentState> {
    // SAFETY: the state is copied at once; one that changes at this moment may be seen before or
    // after, each field is one aligned word.
    let state = unsafe { FRAGMENTS.get(key) }.copied()?;
    if now().wrapping_sub(state.time) < LIFETIME {
        Some(state)
    } else {
        None
    }
}

/// Whether a later fragment belongs to a dropped datagram. `write` remembers one that came before
/// its first.
#[inline(never)]
pub(crate) fn is_dropped(key: &FragmentKey, write: bool) -> bool {
    match known(key) {
        Some(state) => state.dropped != 0,
        None => {
            if write {
                remember(key, 0);
            }
            false
        }
    }
}

/// Whether a later fragment of this datagram has passed already.
#[inline(always)]
pub(crate) fn has_passed(key: &FragmentKey) -> bool {
    match known(key) {
        Some(state) => state.dropped == 0,
        None => false,
    }
}

/// Remembers the verdict on a datagram.
#[inline(always)]
pub(crate) fn remember(key: &FragmentKey, dropped: u64) {
    let state = FragmentState {
        time: now(),
        dropped,
    };
    // A full map evicts the oldest; if even that fails, the later fragments pass.
    let _ = FRAGMENTS.insert(key, state, ANY);
}

/// Forgets that a datagram was dropped: a first fragment begins another one. What has passed of
/// one stays known, or its first fragment would be judged after it.
#[inline(never)]
pub(crate) fn begin(key: &FragmentKey) {
    if let Some(state) = known(key)
        && state.dropped != 0
    {
        forget(key);
    }
}

/// Forgets a datagram: its identification was used anew for one that passes.
#[inline(always)]
pub(crate) fn forget(key: &FragmentKey) {
    let _ = FRAGMENTS.remove(key);
}
