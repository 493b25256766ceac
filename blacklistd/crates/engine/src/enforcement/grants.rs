//! Grants in force: who may call whom for a while, whatever the rules say.

use std::collections::BTreeSet;

use blacklist_common::number::Number;
use blacklist_common::tables::{Direction, GrantKey};
use blacklist_generation::{GrantEnd, Shards};
use jiff::Timestamp;

/// All grants in force.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grants {
    pub(crate) ends: Shards<GrantKey, GrantEnd>,
    /// Those that end by themselves, by second and the two parties.
    timers: BTreeSet<(i64, u64, u64)>,
}

/// The two parties of a call as a grant names them: the one inside, the one outside.
pub(crate) const fn pair(caller: Number, called: Number, direction: Direction) -> GrantKey {
    match direction {
        Direction::Inbound => GrantKey {
            local: called,
            remote: caller,
        },
        Direction::Outbound => GrantKey {
            local: caller,
            remote: called,
        },
    }
}

fn timer(pair: GrantKey, end: GrantEnd) -> Option<(i64, u64, u64)> {
    match end {
        GrantEnd::At(time) => Some((time.as_second(), pair.local.0, pair.remote.0)),
        GrantEnd::Open => None,
    }
}

impl Grants {
    /// When the grant of two parties ends; `None` without a grant.
    pub(crate) fn end(&self, pair: &GrantKey) -> Option<GrantEnd> {
        self.ends.get(pair).copied()
    }

    /// All of them, in no order.
    pub(crate) fn list(&self) -> Vec<(GrantKey, GrantEnd)> {
        self.ends.iter().map(|(pair, end)| (*pair, *end)).collect()
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// When the next one ends.
    pub(crate) fn next_end(&self) -> Option<i64> {
        self.timers.first().map(|(second, ..)| *second)
    }

    /// Sets or removes one; returns it as it was.
    pub(crate) fn set(&mut self, pair: GrantKey, end: Option<GrantEnd>) -> Option<GrantEnd> {
        let old = self.ends.set(pair, end);
        if let Some(timer) = old.and_then(|old| timer(pair, old)) {
            self.timers.remove(&timer);
        }
        if let Some(timer) = end.and_then(|end| timer(pair, end)) {
            self.timers.insert(timer);
        }
        old
    }

    /// Those that are over at `now`.
    pub(crate) fn over(&self, now: Timestamp) -> Vec<GrantKey> {
        self.timers
            .range(..(now.as_second() + 1, 0, 0))
            .map(|(_, local, remote)| GrantKey {
                local: Number(*local),
                remote: Number(*remote),
            })
            .collect()
    }

    pub(crate) fn timed(&self) -> Vec<GrantKey> {
        let timed = |(pair, end): (&GrantKey, &GrantEnd)| timer(*pair, *end).map(|_| *pair);
        self.ends.iter().filter_map(timed).collect()
    }
}
