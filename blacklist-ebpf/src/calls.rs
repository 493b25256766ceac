//! Which packets are one call. Two processors may see the same call at the same moment: the one that
//! changes the word that says when it was seen has its first packet.

use blacklist_common::calls::{
    self, CALL_CELLS, CallCell, FORGOTTEN_AFTER, age, in_cell, is_over, passed_place, seen, tick,
};
use blacklist_common::repeat::{Repeat as _, Step};

use crate::atomic::{add, add_to_processor, exchange, replace};
use crate::bounded::BoundedLoop;
use crate::clock::now;
use crate::maps::{CALLS, FORGOTTEN, PASSED, SETTINGS};
use crate::scratch::Room;
use crate::tables::Hashed;

/// Where calls are remembered.
pub(crate) trait Calls {
    /// Notes a packet of a call by the hash of its Call-ID. True for its first packet.
    fn note_packet(fingerprint: u64, room: &mut Room) -> bool;
}

impl Calls for Hashed {
    #[inline(always)]
    fn note_packet(fingerprint: u64, room: &mut Room) -> bool {
        let Some(settings) = SETTINGS.get(0) else {
            return true;
        };
        let homes = calls::call_homes(fingerprint, settings.call_buckets);
        let fingerprint = in_cell(fingerprint);
        let now = tick(now());
        for home in homes {
            if let Some(first) = known(home, fingerprint, now) {
                return first;
            }
        }
        match enter(homes, fingerprint, now, room) {
            Entered::First(first) => first,
            // Another processor was faster, most likely with the same call.
            Entered::Taken(home) => known(home, fingerprint, now).unwrap_or(true),
        }
    }
}

/// What came of entering a call.
enum Entered {
    /// It has a cell; whether this was its first packet.
    First(bool),
    /// Another processor took the cell, in this bucket.
    Taken(u32),
}

/// A cell of a bucket.
#[inline(always)]
fn cell(home: u32, index: u32) -> Option<*mut CallCell> {
    let bucket = CALLS.get_ptr_mut(home)?;
    // SAFETY: the index is masked to the cells that a bucket has.
    Some(unsafe {
        bucket
            .cast::<CallCell>()
            .add(index as usize & (CALL_CELLS - 1))
    })
}

/// Notes a packet of a call that has a cell in a bucket. A function of its own: it is called twice.
#[inline(never)]
fn known(home: u32, fingerprint: u64, now: u32) -> Option<bool> {
    let first = CALLS.get_ptr_mut(home)?.cast::<CallCell>();
    let mut index = 0;
    while index < CALL_CELLS {
        // SAFETY: the index is below the number of cells of a bucket.
        let place = unsafe { first.add(index) };
        // SAFETY: both words are aligned and valid; volatile, because others change them.
        let cell = unsafe { place.read_volatile() };
        if cell.fingerprint == fingerprint {
            return Some(repeat(place, cell.seen, now));
        }
        index += 1;
    }
    None
}

/// Looks at one cell of the two buckets.
#[inline(always)]
fn look(room: &mut Room, index: u32, now: u32) -> Step {
    let [one, other] = &mut room.buckets;
    let bucket = if index < CALL_CELLS as u32 {
        one
    } else {
        other
    };
    let Some(place) = cell(bucket.home, index) else {
        return Step::Stop;
    };
    // SAFETY: as in `known`.
    let cell = unsafe { place.read_volatile() };
    let age = age(&cell, now);
    if age > FORGOTTEN_AFTER {
        bucket.free = bucket.free.wrapping_add(1);
    }
    if age >= bucket.age {
        bucket.cell = cell;
        bucket.age = age;
        bucket.index = index;
    }
    Step::Again
}

/// Enters a new call in the bucket with more room; without any room, in the place of the call that
/// was seen longest ago.
#[inline(always)]
fn enter(homes: [u32; 2], fingerprint: u64, now: u32, room: &mut Room) -> Entered {
    for (bucket, home) in room.buckets.iter_mut().zip(homes) {
        bucket.age = 0;
        bucket.free = 0;
        bucket.home = home;
    }
    let looked = &mut *room;
    BoundedLoop::repeat(2 * CALL_CELLS as u32, move |index| look(looked, index, now));
    let [one, other] = &room.buckets;
    let takes_other = other.free > one.free || (other.free == one.free && other.age > one.age);
    let oldest = if takes_other { other } else { one };
    let Some(chosen) = cell(oldest.home, oldest.index) else {
        return Entered::First(true);
    };
    match claim(chosen, &oldest.cell, fingerprint, now) {
        Some(first) => Entered::First(first),
        None => Entered::Taken(oldest.home),
    }
}

/// Claims a cell for a call. True for its first packet; `None` if another processor was faster.
#[inline(always)]
fn claim(chosen: *mut CallCell, cell: &CallCell, fingerprint: u64, now: u32) -> Option<bool> {
    // SAFETY: the cell is one of a bucket's, its words are aligned.
    let (word, seen_word) = unsafe { (&raw mut (*chosen).fingerprint, &raw mut (*chosen).seen) };
    // SAFETY: an aligned word of a map value.
    if !unsafe { exchange(word, cell.fingerprint, fingerprint) } {
        return None;
    }
    let new = seen(now, 1);
    if !is_over(cell.seen, now) {
        add_to_processor(FORGOTTEN.get_ptr_mut(0));
        // SAFETY: as above.
        unsafe { replace(seen_word, new) };
        return Some(true);
    }
    // SAFETY: as above.
    let is_first = unsafe { exchange(seen_word, cell.seen, new) };
    if !is_first {
        // SAFETY: as above.
        unsafe { add(seen_word, 1) };
    }
    Some(is_first)
}

/// Notes a packet of a call that is known. True if it was over.
#[inline(always)]
fn repeat(place: *mut CallCell, before: u64, now: u32) -> bool {
    // SAFETY: the place is a cell of a bucket.
    let word = unsafe { &raw mut (*place).seen };
    if is_over(before, now) {
        // SAFETY: an aligned word of a map value.
        if unsafe { exchange(word, before, seen(now, 1)) } {
            return true;
        }
    }
    let ticks = now.wrapping_sub(calls::last_tick(before));
    // SAFETY: an atomic addition to an aligned word of a map value.
    unsafe { add(word, seen(ticks, 1)) };
    false
}

/// Whether a call was the last one on its place that passed.
#[inline(always)]
pub(crate) fn has_passed(fingerprint: u64) -> bool {
    match PASSED.get_ptr_mut(passed_place(fingerprint)) {
        // SAFETY: one aligned word of a map value.
        Some(place) => unsafe { place.read_volatile() == fingerprint },
        None => false,
    }
}

/// Notes a packet of a call that passes. True if it is not one of the call that was last noted in its
/// place: of two calls in one place a repetition of the earlier one counts as a call again.
#[inline(always)]
pub(crate) fn note_passed(fingerprint: u64) -> bool {
    let Some(place) = PASSED.get_ptr_mut(passed_place(fingerprint)) else {
        return true;
    };
    // SAFETY: one aligned word of a map value; whichever of two packets writes it last is right.
    unsafe {
        let before = place.read_volatile();
        place.write_volatile(fingerprint);
        before != fingerprint
    }
}
