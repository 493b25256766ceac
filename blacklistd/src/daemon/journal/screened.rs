//! Calls that the daemon was asked about, until they are in the sums and the log: whoever asks
//! never waits for the disk.

use std::collections::{HashMap, VecDeque};

use blacklist_common::calls::OVER_AFTER;
use blacklist_common::event::Event;
use blacklist_common::tables::Counter;

use super::{Journal, TrunkName};
use blacklist_engine::Counted;
use blacklist_model::RememberedCall;
use blacklist_store::journal::{
    Account, CompanionResult, DecidedBy, EventContext, Ledger, NewCall, Owner,
};
use blacklist_system::{Clock, clock};

/// Calls whose repetitions are recognised.
const REMEMBERED: usize = 262_144;
/// Calls that wait to be written.
const WAITING: usize = 65_536;

/// A call that was asked about.
#[derive(Clone, Debug)]
pub(in crate::daemon) struct Screened {
    /// The call.
    pub(in crate::daemon) event: Event,
    /// The rule or default that decided.
    pub(in crate::daemon) decided_by: Option<Counted>,
    /// What became of it.
    pub(in crate::daemon) passage: CompanionResult,
    /// The SIP status that it is answered with, where it is.
    pub(in crate::daemon) status: Option<u16>,
}

/// A call whose question may be repeated.
#[derive(Clone, Copy, Debug)]
struct Asked {
    last: u64,
    packets: u32,
}

/// What waits, and what is remembered.
#[derive(Debug, Default)]
pub(super) struct ScreenedCalls {
    asked: HashMap<u64, Asked>,
    /// In the order in which they came first.
    order: VecDeque<(u64, u64)>,
    /// What is only counted.
    sums: HashMap<CompanionResult, Counter>,
    waiting: VecDeque<(Screened, bool)>,
    /// First questions of blocked calls that found no room.
    lost: u64,
}

impl ScreenedCalls {
    /// Notes a question at `now`, in nanoseconds since boot. Whether it is its call's first.
    fn note_question(&mut self, fingerprint: u64, now: u64) -> bool {
        while let Some((oldest, first)) = self.order.front().copied() {
            let last = self.asked.get(&oldest).map_or(0, |asked| asked.last);
            let over = now.saturating_sub(last) > OVER_AFTER;
            if !over && self.order.len() < REMEMBERED {
                if now.saturating_sub(first) <= OVER_AFTER {
                    break;
                }
                // Asked about since: it is looked at again later.
                self.order.pop_front();
                self.order.push_back((oldest, now));
                continue;
            }
            self.order.pop_front();
            self.asked.remove(&oldest);
        }
        if let Some(asked) = self.asked.get_mut(&fingerprint) {
            asked.last = now;
            asked.packets = asked.packets.saturating_add(1);
            return false;
        }
        let asked = Asked {
            last: now,
            packets: 1,
        };
        self.asked.insert(fingerprint, asked);
        self.order.push_back((fingerprint, now));
        true
    }

    /// Notes what became of a call. `known`: whether the program in the kernel has reported it.
    fn note(&mut self, mut screened: Screened, known: bool, now: u64) {
        screened.event.time = now;
        let first = self.note_question(screened.event.fingerprint, now);
        if screened.passage.is_logged() && known {
            screened.passage = CompanionResult::Known;
        }
        if !screened.passage.is_logged() {
            let sum = self.sums.entry(screened.passage).or_default();
            sum.packets += 1;
            sum.calls += u64::from(first);
            return;
        }
        if self.waiting.len() < WAITING {
            self.waiting.push_back((screened, first));
        } else {
            let sum = self.sums.entry(screened.passage).or_default();
            sum.packets += 1;
            sum.calls += u64::from(first);
            self.lost += u64::from(first);
        }
    }

    fn remembered(&self, fingerprint: u64) -> Option<RememberedCall> {
        self.asked.get(&fingerprint).map(|asked| RememberedCall {
            packets: asked.packets,
            last: asked.last,
        })
    }
}

/// What is said of a blocked call that the daemon was asked about.
pub(super) struct Naming<'a> {
    pub(super) by: DecidedBy,
    pub(super) owner: Option<Owner>,
    pub(super) trunk: Option<&'a TrunkName>,
}

impl Journal {
    /// Notes what became of a call that the daemon was asked about.
    pub(in crate::daemon) fn note_screened(&self, screened: Screened) {
        let now = clock::monotonic();
        let known = screened.passage.is_logged() && self.kernel_knows(&screened, now);
        self.screened.lock().note(screened, known, now);
    }

    /// Whether the program in the kernel has reported a call lately.
    fn kernel_knows(&self, screened: &Screened, now: u64) -> bool {
        self.remembered
            .get(screened.event.fingerprint, now)
            .is_some_and(|seen| now.saturating_sub(seen.last) <= OVER_AFTER)
    }

    /// What is known of a call that may be repeated, by the hash of its Call-ID.
    pub(super) fn known_of(&self, fingerprint: u64, now: u64) -> Option<RememberedCall> {
        let kernel = self.remembered.get(fingerprint, now);
        let asked = self.screened.lock().remembered(fingerprint);
        match (kernel, asked) {
            (Some(one), Some(other)) => Some(RememberedCall {
                packets: one.packets.max(other.packets),
                last: one.last.max(other.last),
            }),
            (one, other) => one.or(other),
        }
    }

    /// Counts calls that the daemon was asked about, up to a limit; returns those that belong in the log.
    pub(super) fn take_screened<'t>(
        &self,
        most: usize,
        clock: &Clock,
        hour: i64,
        naming: impl Fn(&Screened) -> Naming<'t>,
    ) -> Vec<NewCall> {
        let (taken, sums, lost) = {
            let mut screened = self.screened.lock();
            let most = most.min(screened.waiting.len());
            let taken: Vec<(Screened, bool)> = screened.waiting.drain(..most).collect();
            let lost = std::mem::take(&mut screened.lost);
            (taken, std::mem::take(&mut screened.sums), lost)
        };
        let mut log = self.log();
        let ledger = &mut log.ledger;
        for (passage, more) in sums {
            ledger.add(Account::Companion(passage), hour, more);
        }
        let more = Counter {
            calls: lost,
            packets: 0,
        };
        ledger.add(Account::Lost, hour, more);
        let mut calls = Vec::new();
        for (screened, first) in taken {
            let Naming { by, owner, trunk } = naming(&screened);
            count(ledger, &screened, first, owner, trunk, hour);
            if first {
                let around = EventContext {
                    by,
                    trunk: trunk.map_or("", |trunk| &trunk.name),
                    trusted: trunk.is_some_and(|trunk| trunk.trusted),
                    interface: "",
                };
                let event = &screened.event;
                let call = NewCall::new(event, clock.time_of(event.time), around);
                let mut call = call.of_companion(screened.passage);
                call.status = screened.status;
                calls.push(call);
            }
        }
        calls
    }
}

/// Adds a question to all sums that it is in.
fn count(
    ledger: &mut Ledger,
    screened: &Screened,
    first: bool,
    owner: Option<Owner>,
    trunk: Option<&TrunkName>,
    hour: i64,
) {
    use blacklist_common::outcome::Share;
    let more = Counter {
        calls: u64::from(first),
        packets: 1,
    };
    ledger.add(Account::Companion(screened.passage), hour, more);
    if let Some(owner) = owner {
        ledger.owned(owner, hour, more);
    }
    let share = match screened.passage {
        CompanionResult::Monitored => Share::Monitored,
        _ => Share::Blocked,
    };
    if let Some(trunk) = trunk {
        ledger.add(Account::Trunk(trunk.name.clone(), share), hour, more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use blacklist_model::RuleId;

    const SECOND: u64 = 1_000_000_000;

    fn screened(fingerprint: u64, passage: CompanionResult) -> Screened {
        Screened {
            event: Event {
                fingerprint,
                ..Event::default()
            },
            decided_by: Some(Counted::Rule(RuleId(1))),
            passage,
            status: Some(603),
        }
    }

    fn sum(calls: u64, packets: u64) -> Counter {
        Counter { calls, packets }
    }

    #[test]
    fn a_call_is_one_call_however_often_it_is_asked_about() {
        let mut calls = ScreenedCalls::default();
        for second in [0, 1, 3, 7] {
            calls.note(screened(7, CompanionResult::Passed), false, second * SECOND);
        }
        calls.note(screened(8, CompanionResult::Passed), false, 8 * SECOND);
        assert_eq!(calls.sums[&CompanionResult::Passed], sum(2, 5));
        let seen = calls.remembered(7).unwrap();
        assert_eq!((seen.packets, seen.last), (4, 7 * SECOND));
        // As long after its last packet as in the kernel, it is another one.
        calls.note(screened(7, CompanionResult::Passed), false, 72 * SECOND);
        assert_eq!(calls.sums[&CompanionResult::Passed], sum(3, 6));
    }

    #[test]
    fn blocked_calls_wait_for_the_log_once() {
        let mut calls = ScreenedCalls::default();
        for _ in 0..2 {
            calls.note(screened(7, CompanionResult::Refused), false, SECOND);
        }
        let firsts: Vec<bool> = calls.waiting.iter().map(|(_, first)| *first).collect();
        assert_eq!(firsts, [true, false]);
    }

    #[test]
    fn what_the_kernel_has_reported_is_counted_and_not_logged() {
        let mut calls = ScreenedCalls::default();
        calls.note(screened(7, CompanionResult::Refused), true, SECOND);
        calls.note(screened(7, CompanionResult::Monitored), true, SECOND);
        assert!(calls.waiting.is_empty());
        assert_eq!(calls.sums[&CompanionResult::Known], sum(1, 2));
    }

    #[test]
    fn memory_is_bounded_and_what_is_lost_is_counted() {
        let mut calls = ScreenedCalls::default();
        for fingerprint in 0..WAITING as u64 + 10 {
            calls.note(
                screened(fingerprint, CompanionResult::Refused),
                false,
                SECOND,
            );
        }
        assert_eq!(calls.waiting.len(), WAITING);
        assert_eq!(calls.lost, 10);
        assert_eq!(calls.sums[&CompanionResult::Refused], sum(10, 10));
        for fingerprint in 0..2 * REMEMBERED as u64 {
            calls.note_question(fingerprint, 2 * SECOND);
        }
        assert!(calls.asked.len() <= REMEMBERED && calls.order.len() <= REMEMBERED);
    }
}
