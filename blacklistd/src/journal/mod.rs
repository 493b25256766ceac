//! Recent blocked calls in memory: the newest ones, as the kernel told them, with the rule as it
//! read at that time. The only place that keeps callers' numbers outside of rules.

mod call;

use std::collections::VecDeque;

pub use call::{BlockedCall, escaped};

use crate::rules::SeenCall;

/// Calls that are remembered.
pub const CAPACITY: usize = 10_000;

/// Calls against which a change is held; the newest.
pub const SEEN: usize = 1000;

/// The newest blocked calls.
#[derive(Debug, Default)]
pub struct Journal {
    calls: VecDeque<BlockedCall>,
    seen: VecDeque<SeenCall>,
    received: u64,
}

impl Journal {
    /// Notes one call of a sample of all, blocked or not; the oldest makes room.
    pub fn see(&mut self, call: SeenCall) {
        if self.seen.len() >= SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(call);
    }

    /// Adds a call; the oldest makes room.
    pub fn add(&mut self, call: BlockedCall) {
        if self.calls.len() >= CAPACITY {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
        self.received += 1;
    }

    /// Calls that were added, the forgotten ones included.
    pub const fn received(&self) -> u64 {
        self.received
    }

    /// The calls that were seen lately: a sample of all, blocked or not.
    pub fn seen(&self) -> Vec<SeenCall> {
        self.seen.iter().copied().collect()
    }

    /// The newest calls first, `limit` at most.
    pub fn newest(&self, limit: usize) -> impl Iterator<Item = &BlockedCall> {
        self.calls.iter().rev().take(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> SeenCall {
        SeenCall {
            call: blacklist_common::tables::Call::default(),
            direction: blacklist_common::tables::Direction::Inbound,
        }
    }

    #[test]
    fn the_oldest_calls_make_room() {
        let mut journal = Journal::default();
        for number in 0..CAPACITY + 5 {
            let call = BlockedCall {
                call_id: number.to_string(),
                ..BlockedCall::default()
            };
            journal.add(call);
            journal.see(seen());
        }
        assert_eq!(journal.received(), CAPACITY as u64 + 5);
        assert_eq!(journal.newest(usize::MAX).count(), CAPACITY);
        assert_eq!(journal.seen().len(), SEEN);
        let newest: Vec<&str> = journal
            .newest(2)
            .map(|call| call.call_id.as_str())
            .collect();
        assert_eq!(newest, ["10004", "10003"]);
    }
}
