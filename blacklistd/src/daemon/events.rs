//! Events of the kernel into the journal.

use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::time::Duration;

use blacklist_common::event::{EVENT_OUTBOUND, EVENT_SAMPLED, Event};
use blacklist_common::number::Party;
use blacklist_common::outcome::Outcome;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::{Call, Direction};
use jiff::{SignedDuration, Timestamp};
use nix::time::{ClockId, clock_gettime};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::core::{Core, Shared};
use super::names::NameTable;
use crate::journal::BlockedCall;
use crate::rules::{Counted, Rule, RuleSet, SeenCall};

/// Events taken under one lock; between two such turns others have theirs.
const TURN: usize = 256;

/// Between two looks whether rules are still being put in force.
const PAUSE: Duration = Duration::from_millis(5);

/// A descriptor of our own for the ring, so that it stays open while the runtime waits for it.
fn ring(descriptor: RawFd) -> std::io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the kernel's side keeps its descriptor open as long as it lives, and it lives in
    // `Shared`, which the caller holds.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let owned = borrowed.try_clone_to_owned()?;
    // SAFETY: the descriptor is owned by what is registered, so it stays open and the same.
    unsafe { AsyncFd::register_with_interest(owned, Interest::READABLE) }.map_err(Into::into)
}

/// Reads events for ever.
pub(super) async fn read(shared: Shared) -> anyhow::Result<()> {
    let descriptor = shared.lock().kernel.event_descriptor();
    let ring = ring(descriptor)?;
    loop {
        let mut guard = ring.readable().await?;
        guard.clear_ready();
        loop {
            match shared.take_events() {
                Some(TURN) => tokio::task::yield_now().await,
                Some(_) => break,
                None => tokio::time::sleep(PAUSE).await,
            }
        }
    }
}

impl Shared {
    /// Takes events into the journal; returns how many, at most [`TURN`]. None while rules are put
    /// in force: the ring keeps them so long.
    fn take_events(&self) -> Option<usize> {
        let rules = self.try_rules()?;
        let names = self.names();
        let mut core = self.lock();
        let clock = Clock::read();
        for taken in 0..TURN {
            let Some(event) = core.kernel.next_event() else {
                return Some(taken);
            };
            if event.flags & EVENT_SAMPLED != 0 {
                core.journal.see(seen_call(&event));
            }
            if is_blocked(&event) {
                let call = blocked_call(&core, &rules, &names, &event, &clock);
                core.journal.add(call);
            }
        }
        Some(TURN)
    }
}

/// Whether an event is for the log; the others tell of calls that passed.
fn is_blocked(event: &Event) -> bool {
    let outcome = Outcome::from_number(event.outcome);
    !matches!(
        outcome,
        Some(Outcome::NoRule | Outcome::Allowed | Outcome::UserSpace)
    )
}

fn blocked_call(
    core: &Core,
    rules: &RuleSet,
    names: &NameTable,
    event: &Event,
    clock: &Clock,
) -> BlockedCall {
    let reference = RuleRef(event.rule as u32);
    let decided_by = rules.of_slot(reference.slot());
    let trunk = core.configuration.trunk(event.trunk);
    let interface = nix::net::if_::if_indextoname(event.interface);
    let (rule, pattern, scope) = match decided_by {
        Some(Counted::Rule(id)) => match rules.get(id) {
            Some(rule) => (id.0, rule.pattern.to_string(), scope_text(names, rule)),
            None => (id.0, String::new(), String::new()),
        },
        Some(Counted::Default(scope)) => {
            let name = names.scope_names(&[scope]).join(" ");
            (0, format!("default of {name}"), name)
        }
        None => (0, String::new(), String::new()),
    };
    BlockedCall {
        time: clock.time_of(event.time),
        rule,
        pattern,
        scope,
        action: reference.action().as_str().to_owned(),
        trunk: trunk.map(|trunk| trunk.name.clone()).unwrap_or_default(),
        interface: match interface {
            Ok(name) => name.to_string_lossy().into_owned(),
            Err(_) => format!("index {}", event.interface),
        },
        ..BlockedCall::from_event(event)
    }
}

/// The scopes that a rule is for.
fn scope_text(names: &NameTable, rule: &Rule) -> String {
    let scopes = if rule.scopes.is_empty() {
        names
            .list(rule.list)
            .map(|list| list.row.scopes.as_slice())
            .unwrap_or_default()
    } else {
        &rule.scopes
    };
    names.scope_names(scopes).join(" ")
}

/// The call, for what a change would do to calls like it.
fn seen_call(event: &Event) -> SeenCall {
    SeenCall {
        call: Call {
            caller: Party::of(event.caller),
            called: Party::of(event.called),
            classes: event.classes,
            padding: 0,
        },
        direction: if event.flags & EVENT_OUTBOUND == 0 {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
    }
}

/// Both clocks at one moment: events are timed by the one that never jumps.
struct Clock {
    wall: Timestamp,
    monotonic: u64,
}

impl Clock {
    fn read() -> Self {
        let monotonic = match clock_gettime(ClockId::CLOCK_MONOTONIC) {
            Ok(time) => {
                let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
                let nanoseconds = u64::try_from(time.tv_nsec()).unwrap_or_default();
                seconds
                    .saturating_mul(1_000_000_000)
                    .saturating_add(nanoseconds)
            }
            Err(_) => 0,
        };
        Self {
            wall: Timestamp::now(),
            monotonic,
        }
    }

    /// The wall time of a monotonic one, to the millisecond.
    fn time_of(&self, monotonic: u64) -> String {
        let ago = i64::try_from(self.monotonic.saturating_sub(monotonic)).unwrap_or_default();
        let time = self
            .wall
            .checked_sub(SignedDuration::from_nanos(ago))
            .unwrap_or(self.wall);
        format!("{time:.3}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn monotonic_times_become_wall_times() {
        let clock = Clock {
            wall: "2026-11-20T12:00:00.5Z".parse().unwrap(),
            monotonic: 10_000_000_000,
        };
        assert_eq!(clock.time_of(8_000_000_000), "2026-11-20T11:59:58.500Z");
        assert_eq!(clock.time_of(11_000_000_000), "2026-11-20T12:00:00.500Z");
    }
}
