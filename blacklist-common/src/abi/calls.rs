//! Which packets are one call: an INVITE comes up to seven times (RFC 3261, 17.1.1.2). Recent calls
//! are stored by a hash of their Call-ID in buckets of one cache line, in the memory of an array map;
//! the daemon reads there how often and when last a call came.
//!
//! A call is stored in the one of two buckets that has more room (Azar, Broder, Karlin, Upfal
//! 1999): four cells for each call that is to be remembered are then enough that hardly one makes
//! room for another.
//!
//! A cell's second word has when the call was seen last (upper half, in ticks) and how many
//! packets it had (lower half); it is changed as a whole or by atomic additions.

/// Cells of a bucket.
pub const CALL_CELLS: usize = 4;

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct CallCell {
    /// Hash of its Call-ID; zero if the cell was never used.
    pub fingerprint: u64,
    /// When it was seen last, and how many packets it had.
    pub seen: u64,
}

/// The calls of one hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C, align(64))]
pub struct CallBucket {
    /// In no order.
    pub cells: [CallCell; CALL_CELLS],
}

const _: () = assert!(size_of::<CallBucket>() == 64);

/// What the stock table has of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct CallEntry {
    /// As in a cell.
    pub seen: u64,
}

/// Nanoseconds of a tick, as a power of two: 16.8 ms. Ticks of 32 bits come round after 2.3 years.
pub const TICK_BITS: u32 = 24;

/// Nanoseconds after its last packet when a call is over, and its Call-ID is a new call's: twice the
/// time for which a client repeats its INVITE (RFC 3261, timer B).
pub const OVER_AFTER: u64 = 64_000_000_000;

/// The same in ticks.
pub const FORGOTTEN_AFTER: u32 = (OVER_AFTER >> TICK_BITS) as u32;

/// Nanoseconds after its last packet when no clock takes a call for one that goes on: ticks are
/// rounded, and the kernel's clock is a little coarser than the daemon's.
pub const SURELY_OVER_AFTER: u64 = ((FORGOTTEN_AFTER as u64) + 2) << TICK_BITS;

/// The tick of a time in nanoseconds since boot.
#[inline(always)]
pub const fn tick(nanoseconds: u64) -> u32 {
    (nanoseconds >> TICK_BITS) as u32
}

/// A cell's second word.
#[inline(always)]
pub const fn seen(tick: u32, packets: u32) -> u64 {
    (tick as u64) << 32 | packets as u64
}

/// When a call was seen last.
#[inline(always)]
pub const fn last_tick(seen: u64) -> u32 {
    (seen >> 32) as u32
}

/// How many packets it had.
#[inline(always)]
pub const fn packets(seen: u64) -> u32 {
    seen as u32
}

/// Whether a call that was seen last then is over.
#[inline(always)]
pub const fn is_over(seen: u64, now: u32) -> bool {
    seen == 0 || now.wrapping_sub(last_tick(seen)) > FORGOTTEN_AFTER
}

/// A fingerprint as a cell holds it: zero marks unused cells.
#[inline(always)]
pub const fn in_cell(fingerprint: u64) -> u64 {
    if fingerprint == 0 { 1 } else { fingerprint }
}

/// The two buckets of a fingerprint, of `buckets`.
#[inline(always)]
pub const fn call_homes(fingerprint: u64, buckets: u32) -> [u32; 2] {
    [
        (((fingerprint >> 32) * buckets as u64) >> 32) as u32,
        (((fingerprint & 0xFFFF_FFFF) * buckets as u64) >> 32) as u32,
    ]
}

/// Buckets for this many calls: one for each.
pub const fn call_buckets(calls: u32) -> u32 {
    calls
}

/// Age in ticks of a cell, for the choice of the one that makes room: an unused one first, then
/// the one that was seen longest ago.
#[inline(always)]
pub const fn age(cell: &CallCell, now: u32) -> u32 {
    if cell.seen == 0 {
        u32::MAX
    } else {
        now.wrapping_sub(last_tick(cell.seen))
    }
}

/// Calls that pass are stored in a table without buckets: one place for each hash, which holds the
/// last one.
pub const PASSED_CALLS: u32 = 1 << 16;

/// The place of a fingerprint there.
#[inline(always)]
pub const fn passed_place(fingerprint: u64) -> u32 {
    fingerprint as u32 & (PASSED_CALLS - 1)
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;

    #[test]
    fn a_cell_tells_when_and_how_often() {
        let word = seen(7, 3);
        assert_eq!((last_tick(word), packets(word)), (7, 3));
        assert_eq!(packets(word + 1), 4);
        assert_eq!(last_tick(word + (5 << 32)), 12);
    }

    #[test]
    fn calls_are_over_after_64_seconds() {
        let second = 1_000_000_000;
        for (name, then, now, over) in [
            ("never seen", None, 0, true),
            ("just seen", Some(10), 10, false),
            ("last repetition", Some(10), 42, false),
            ("63 s ago", Some(10), 73, false),
            ("65 s ago", Some(10), 75, true),
        ] {
            let word = then.map_or(0, |then| seen(tick(then * second), 1));
            assert_eq!(is_over(word, tick(now * second)), over, "{name}");
        }
        // Ticks come round.
        assert!(!is_over(seen(u32::MAX - 5, 1), 5));
    }

    #[test]
    fn homes_are_inside_and_even() {
        const BUCKETS: u32 = 100;
        let mut counts = [0_u32; BUCKETS as usize];
        for index in 0..100_000_u64 {
            let fingerprint = crate::hash::finish(crate::hash::add_word(1, index));
            for home in call_homes(fingerprint, BUCKETS) {
                counts[home as usize] += 1;
            }
        }
        assert!(counts.iter().all(|count| (1700..2300).contains(count)));
        assert_eq!(call_homes(u64::MAX, 0), [0, 0]);
    }

    #[test]
    fn hardly_a_call_makes_room_for_another() {
        const CALLS: u32 = 100_000;
        let mut loads = std::vec![0_u32; call_buckets(CALLS) as usize];
        let mut crowded = 0;
        for index in 0..u64::from(CALLS) {
            let fingerprint = crate::hash::finish(crate::hash::add_word(7, index));
            let [one, other] =
                call_homes(fingerprint, call_buckets(CALLS)).map(|home| home as usize);
            let least = if loads[one] <= loads[other] {
                one
            } else {
                other
            };
            if loads[least] >= CALL_CELLS as u32 {
                crowded += 1;
            } else {
                loads[least] += 1;
            }
        }
        assert!(crowded <= 1, "{crowded}");
    }

    #[test]
    fn the_oldest_makes_room() {
        let cell = |seen| CallCell {
            fingerprint: 9,
            seen,
        };
        let now = 100;
        assert!(age(&cell(0), now) > age(&cell(seen(1, 1)), now));
        assert!(age(&cell(seen(1, 1)), now) > age(&cell(seen(99, 1)), now));
    }
}
