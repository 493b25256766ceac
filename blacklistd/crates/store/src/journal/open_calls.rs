//! Calls whose INVITE may still be retransmitted, and what is known of them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use blacklist_common::calls::SURELY_OVER_AFTER;
use blacklist_model::RememberedCall;

/// Calls that are checked at once.
const TURN: usize = 20_000;

/// A call in the log that is not over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenCall {
    /// Its id in the log.
    pub(super) id: i64,
    /// When its last known packet arrived, in nanoseconds since boot.
    pub(super) last: u64,
    /// Number of its packets, as far as known.
    pub(super) packets: u64,
    /// Whether the kernel has forgotten it in the meantime.
    pub(super) incomplete: bool,
}

/// All open calls, by the hash of their Call-ID.
#[derive(Debug, Default)]
pub(super) struct OpenCalls {
    calls: HashMap<u64, OpenCall>,
    due: BinaryHeap<Reverse<(u64, u64)>>,
}

impl OpenCalls {
    pub(super) fn get_mut(&mut self, fingerprint: u64) -> Option<&mut OpenCall> {
        self.calls.get_mut(&fingerprint)
    }

    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Adds a call; returns the one that had the same Call-ID before.
    pub(super) fn insert(&mut self, fingerprint: u64, call: OpenCall) -> Option<OpenCall> {
        self.due.push(Reverse((
            call.last.saturating_add(SURELY_OVER_AFTER),
            fingerprint,
        )));
        self.calls.insert(fingerprint, call)
    }

    /// Removes and returns calls that are over at `now`, or all if there are more than `most`,
    /// after asking what the kernel knows of each that seems to be due.
    pub(super) fn take_over(
        &mut self,
        now: u64,
        most: usize,
        remembered: impl Fn(u64) -> Option<RememberedCall>,
    ) -> Vec<OpenCall> {
        let mut over = Vec::new();
        for _ in 0..TURN {
            let crowded = self.calls.len() > most;
            let Some(Reverse((due, fingerprint))) = self.due.peek().copied() else {
                break;
            };
            if due > now && !crowded {
                break;
            }
            self.due.pop();
            let Some(call) = self.calls.get_mut(&fingerprint) else {
                continue;
            };
            match remembered(fingerprint) {
                Some(seen) => {
                    call.packets = call.packets.max(u64::from(seen.packets));
                    call.last = call.last.max(seen.last);
                }
                None => call.incomplete = true,
            }
            let end = call.last.saturating_add(SURELY_OVER_AFTER);
            if end > now && !crowded {
                self.due.push(Reverse((end, fingerprint)));
                continue;
            }
            over.extend(self.calls.remove(&fingerprint));
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn call(id: i64, last: u64) -> OpenCall {
        OpenCall {
            id,
            last,
            packets: 1,
            incomplete: false,
        }
    }

    #[test]
    fn a_call_is_over_64_seconds_after_its_last_packet() {
        let mut open = OpenCalls::default();
        open.insert(7, call(1, 0));
        let seen = |_| {
            Some(RememberedCall {
                packets: 7,
                last: 31 * SECOND,
            })
        };
        assert_eq!(open.take_over(63 * SECOND, 9, seen), []);
        assert_eq!(
            open.take_over(90 * SECOND, 9, seen),
            [],
            "asked, and not over"
        );
        let over = open.take_over(96 * SECOND, 9, seen);
        let expected = OpenCall {
            packets: 7,
            ..call(1, 31 * SECOND)
        };
        assert_eq!(over, [expected]);
        assert_eq!(open.len(), 0);
    }

    #[test]
    fn a_forgotten_call_says_so() {
        let mut open = OpenCalls::default();
        open.insert(7, call(1, 0));
        let over = open.take_over(70 * SECOND, 9, |_| None);
        assert!(over[0].incomplete);
    }

    #[test]
    fn the_oldest_go_first_if_there_are_too_many() {
        let mut open = OpenCalls::default();
        for id in 0..10 {
            open.insert(id, call(id.cast_signed(), id * SECOND));
        }
        let over = open.take_over(10 * SECOND, 6, |_| None);
        let ids: Vec<i64> = over.iter().map(|call| call.id).collect();
        assert_eq!(ids, [0, 1, 2, 3]);
    }
}
