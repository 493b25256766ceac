//! Grants in force: who may call whom for a while, whatever the rules say.

use std::collections::BTreeSet;

use blacklist_common::decide::Step;
use blacklist_common::number::Number;
use blacklist_common::tables::{Direction, GrantKey};
use blacklist_generation::{GrantEnd, MAXIMUM_GRANTS, Shards};
use blacklist_model::Refusal;
use jiff::Timestamp;

use super::mutation::Mutation;
use super::set::RuleSet;
use super::touched::{Key, Value};

/// All grants in force.
#[derive(Clone, Debug, Default)]
pub(super) struct Grants {
    pub(super) ends: Shards<GrantKey, GrantEnd>,
    /// Those that end by themselves, by second and the two parties.
    timers: BTreeSet<(i64, u64, u64)>,
}

/// The two parties of a call as a grant names them: the one inside, the one outside.
const fn pair(caller: Number, called: Number, direction: Direction) -> GrantKey {
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
    /// When the grant of two parties ends; none if there is none.
    pub(super) fn end(&self, pair: &GrantKey) -> Option<GrantEnd> {
        self.ends.get(pair).copied()
    }

    /// All of them, in no order.
    pub(super) fn list(&self) -> Vec<(GrantKey, GrantEnd)> {
        self.ends.iter().map(|(pair, end)| (*pair, *end)).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// When the next one ends.
    pub(super) fn next_end(&self) -> Option<i64> {
        self.timers.first().map(|(second, ..)| *second)
    }

    /// Sets or removes one; returns it as it was.
    fn set(&mut self, pair: GrantKey, end: Option<GrantEnd>) -> Option<GrantEnd> {
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
    fn over(&self, now: Timestamp) -> Vec<GrantKey> {
        self.timers
            .range(..(now.as_second() + 1, 0, 0))
            .map(|(_, local, remote)| GrantKey {
                local: Number(*local),
                remote: Number(*remote),
            })
            .collect()
    }

    fn timed(&self) -> Vec<GrantKey> {
        let timed = |(pair, end): (&GrantKey, &GrantEnd)| timer(*pair, *end).map(|_| *pair);
        self.ends.iter().filter_map(timed).collect()
    }
}

impl RuleSet {
    /// How many grants are in force.
    pub fn grants(&self) -> usize {
        self.grants.len()
    }

    /// When the grant of a local and a remote number ends; none if there is none.
    pub fn grant(&self, pair: &GrantKey) -> Option<GrantEnd> {
        self.grants.end(pair)
    }

    /// When the grant ends that let a call through; none if it was none that did.
    pub(super) fn granted_until(
        &self,
        step: Option<Step>,
        (caller, called): (Number, Number),
        direction: Direction,
    ) -> Option<GrantEnd> {
        match step {
            Some(Step::Grant) => self.grants.end(&pair(caller, called, direction)),
            _ => None,
        }
    }

    /// Adds a grant, or gives the one of the same parties another end. One that is over already is
    /// none.
    pub(super) fn put_grant(
        &mut self,
        now: Timestamp,
        pair: GrantKey,
        end: GrantEnd,
    ) -> Result<Mutation, Refusal> {
        if end.is_over(now) {
            return Ok(self.remove_grant(pair));
        }
        if self.grants.end(&pair).is_none() && self.grants.len() >= MAXIMUM_GRANTS {
            return Err(Refusal::Conflict(format!(
                "table full: {MAXIMUM_GRANTS} grants are in force and there can be no more: revoke some (`blacklistd grant list`), or write a rule that allows the calls"
            )));
        }
        Ok(self.set_grant(pair, Some(end)))
    }

    /// Ends a grant; nothing if time has ended it already.
    pub(super) fn remove_grant(&mut self, pair: GrantKey) -> Mutation {
        self.set_grant(pair, None)
    }

    /// Returns what takes it back.
    fn set_grant(&mut self, pair: GrantKey, end: Option<GrantEnd>) -> Mutation {
        let old = self.grants.set(pair, end);
        self.tables
            .touched
            .note(Key::Grant(pair), || Value::Grant(old));
        match old {
            Some(old) => Mutation::PutGrant(pair, old),
            None => Mutation::RemoveGrant(pair),
        }
    }

    /// Ends the grants that are over. Where the clock was set back, the kernel, which measures time
    /// by a clock that nobody sets, is told anew when the others end.
    pub(super) fn advance_grants(&mut self, now: Timestamp, was_set_back: bool) {
        for pair in self.grants.over(now) {
            self.remove_grant(pair);
        }
        if was_set_back {
            for pair in self.grants.timed() {
                self.tables
                    .touched
                    .note(Key::Grant(pair), || Value::Nothing);
            }
        }
    }
}
