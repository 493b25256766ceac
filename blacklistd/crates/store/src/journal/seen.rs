//! A bounded sample, in memory only, of calls that passed, so that an operator can find the number
//! to block.

use std::collections::VecDeque;

use blacklist_common::decide::Call;
use blacklist_common::event::{EVENT_OUTBOUND, Event};
use blacklist_common::number::Party;
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{Direction, IdentitySource};
use blacklist_figures::PassedCall;
use blacklist_model::SeenCall;
use jiff::Timestamp;

use super::call::{cut, shown_number};
use blacklist_system::clock;

/// Calls kept for display.
const CAPACITY: usize = 10_000;
/// Newest calls kept for previewing the effect of a change.
const JUDGED: usize = 1000;

struct Passed {
    number: u64,
    time: Timestamp,
    trunk: String,
    event: Box<Event>,
}

/// The sample.
#[derive(Default)]
pub struct Seen {
    passed: VecDeque<Passed>,
    judged: VecDeque<SeenCall>,
    next: u64,
}

impl Seen {
    /// Adds a call of the sample, blocked or not, in place of the oldest.
    pub fn add(&mut self, event: &Event, time: Timestamp, trunk: &str) {
        push(&mut self.judged, JUDGED, seen_call(event));
        if Outcome::from_number(event.outcome).is_some_and(Outcome::is_logged) {
            return;
        }
        self.next += 1;
        let passed = Passed {
            number: self.next,
            time,
            trunk: trunk.to_owned(),
            event: Box::new(*event),
        };
        push(&mut self.passed, CAPACITY, passed);
    }

    /// The recent calls, for previewing the effect of a change.
    pub fn judged(&self) -> Vec<SeenCall> {
        self.judged.iter().copied().collect()
    }

    /// Calls that passed and for which `is_wanted` is true, newest first.
    pub fn newest<'a>(
        &'a self,
        is_wanted: impl Fn(&PassedCall) -> bool + 'a,
    ) -> impl Iterator<Item = PassedCall> + 'a {
        self.passed
            .iter()
            .rev()
            .map(Passed::shown)
            .filter(move |call| is_wanted(call))
    }

    /// A call by its id in the sample, such as `s7`.
    pub fn get(&self, id: &str) -> Option<PassedCall> {
        let number: u64 = id.strip_prefix('s')?.parse().ok()?;
        let first = self.passed.front()?.number;
        let place = usize::try_from(number.checked_sub(first)?).ok()?;
        self.passed.get(place).map(Passed::shown)
    }

    /// Removes all calls of a number; returns how many there were.
    pub fn forget(&mut self, number: blacklist_common::number::Number) -> u64 {
        let before = self.passed.len();
        self.judged
            .retain(|seen| seen.call.caller.number != number && seen.call.called.number != number);
        // Ids are positions, so a removed call is blanked and keeps its place.
        let mut forgotten = 0;
        for passed in &mut self.passed {
            if passed.event.caller == number || passed.event.called == number {
                forget(&mut passed.event);
                forgotten += 1;
            }
        }
        debug_assert_eq!(before, self.passed.len());
        forgotten
    }
}

fn forget(event: &mut Event) {
    event.caller = blacklist_common::number::Number::NONE;
    event.called = blacklist_common::number::Number::NONE;
    event.caller_user.fill(0);
    event.called_user.fill(0);
    event.call_id.fill(0);
    event.caller_length = 0;
    event.called_length = 0;
    event.call_id_length = 0;
}

fn push<T>(list: &mut VecDeque<T>, capacity: usize, value: T) {
    if list.len() >= capacity {
        list.pop_front();
    }
    list.push_back(value);
}

const fn direction(event: &Event) -> Direction {
    if event.flags & EVENT_OUTBOUND == 0 {
        Direction::Inbound
    } else {
        Direction::Outbound
    }
}

/// The call as a change is previewed with it.
fn seen_call(event: &Event) -> SeenCall {
    SeenCall {
        call: Call {
            caller: Party::of(event.caller),
            called: Party::of(event.called),
            classes: event.classes,
            asserted: u32::from(event.identity > IdentitySource::From as u8),
        },
        direction: direction(event),
    }
}

impl Passed {
    fn shown(&self) -> PassedCall {
        let event = &self.event;
        let caller = cut(&event.caller_user, event.caller_length);
        let called = cut(&event.called_user, event.called_length);
        PassedCall {
            id: format!("s{}", self.number),
            time: clock::shown(self.time),
            direction: direction(event).as_str().to_owned(),
            caller: shown_number(event.caller, &caller, false),
            called: shown_number(event.called, &called, false),
            caller_as_sent: caller,
            called_as_sent: called,
            outcome: Outcome::from_number(event.outcome)
                .map_or("", Outcome::as_str)
                .to_owned(),
            identity: IdentitySource::from_number(event.identity)
                .map_or("", IdentitySource::as_str)
                .to_owned(),
            source: std::net::Ipv6Addr::from(event.source)
                .to_canonical()
                .to_string(),
            trunk: self.trunk.clone(),
            call_id: cut(&event.call_id, event.call_id_length),
        }
    }
}
