//! Which status calls were answered with and how they ended, until it is in the log: the answer
//! and the event of the same call come by two ways, in any order.

use std::collections::{HashMap, VecDeque};

use blacklist_common::calls::OVER_AFTER;

use blacklist_store::journal::CallEnd;

/// Answers that are remembered; of more the oldest are not in the log.
const MAXIMUM: usize = 1 << 17;

/// Statuses by the hash of the Call-ID.
#[derive(Debug, Default)]
pub(super) struct Answers {
    statuses: HashMap<u64, u16>,
    order: VecDeque<(u64, u64)>,
    /// Those that nobody has asked for.
    fresh: Vec<u64>,
    /// How PINs were, of calls that are on the line.
    pins: HashMap<u64, &'static str>,
    ends: Vec<CallEnd>,
}

impl Answers {
    /// Notes an answer at `now`, in nanoseconds since boot.
    pub(super) fn note(&mut self, fingerprint: u64, status: u16, now: u64) {
        while let Some((oldest, time)) = self.order.front().copied() {
            // Its call did not come into the log.
            let old = now.saturating_sub(time) > OVER_AFTER;
            if !old && self.order.len() < MAXIMUM {
                break;
            }
            self.order.pop_front();
            self.statuses.remove(&oldest);
        }
        let before = self.statuses.insert(fingerprint, status);
        if before.is_none() {
            self.order.push_back((fingerprint, now));
        }
        if before != Some(status) {
            self.fresh.push(fingerprint);
        }
        if self.fresh.len() > 2 * MAXIMUM {
            self.fresh.clear();
        }
    }

    /// Notes how a PIN was.
    pub(super) fn note_pin(&mut self, fingerprint: u64, word: &'static str) {
        if self.pins.len() < MAXIMUM {
            self.pins.insert(fingerprint, word);
        }
    }

    /// Notes how long a call was on the line.
    pub(super) fn note_end(&mut self, fingerprint: u64, seconds: u64, is_held: bool) {
        let pin = self.pins.remove(&fingerprint);
        if self.ends.len() < MAXIMUM {
            self.ends.push(CallEnd {
                fingerprint,
                seconds,
                is_held,
                pin,
            });
        }
    }

    /// The ends that came since the last time.
    pub(super) fn take_ends(&mut self) -> Vec<CallEnd> {
        std::mem::take(&mut self.ends)
    }

    /// The answer to a call.
    pub(super) fn of(&self, fingerprint: u64) -> Option<u16> {
        self.statuses.get(&fingerprint).copied()
    }

    /// Those that came since the last time, for calls that may be in the log without them.
    pub(super) fn take_fresh(&mut self) -> Vec<(u64, u16)> {
        let Self {
            statuses, fresh, ..
        } = self;
        fresh
            .drain(..)
            .filter_map(|fingerprint| Some((fingerprint, *statuses.get(&fingerprint)?)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_and_forgotten() {
        let mut answers = Answers::default();
        answers.note(1, 603, 0);
        answers.note(1, 603, 5);
        answers.note(2, 486, 10);
        assert_eq!(answers.of(1), Some(603));
        assert_eq!(answers.take_fresh(), [(1, 603), (2, 486)]);
        assert_eq!(answers.take_fresh(), []);
        answers.note(3, 404, OVER_AFTER + 6);
        assert_eq!(answers.of(1), None);
        assert_eq!(answers.of(2), Some(486));
    }

    #[test]
    fn memory_is_bounded() {
        let mut answers = Answers::default();
        for fingerprint in 0..3 * MAXIMUM as u64 {
            answers.note(fingerprint, 603, 0);
        }
        assert!(answers.statuses.len() <= MAXIMUM);
        assert!(answers.fresh.len() <= 2 * MAXIMUM);
        assert_eq!(answers.of(0), None);
    }
}
