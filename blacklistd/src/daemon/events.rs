//! Events of the kernel into the journal.

use std::os::fd::{BorrowedFd, OwnedFd, RawFd};

use blacklist_common::event::Event;
use blacklist_common::rule::RuleRef;
use jiff::{SignedDuration, Timestamp};
use nix::time::{ClockId, clock_gettime};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::core::{Core, Shared};
use crate::journal::BlockedCall;
use crate::rules::Scope;

/// Events taken under one lock; between two such turns others have theirs.
const TURN: usize = 256;

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
        while shared.lock().take_events() == TURN {
            tokio::task::yield_now().await;
        }
    }
}

impl Core {
    /// Takes events into the journal; returns how many, at most [`TURN`].
    fn take_events(&mut self) -> usize {
        let clock = Clock::read();
        for taken in 0..TURN {
            let Some(event) = self.kernel.next_event() else {
                return taken;
            };
            let call = self.blocked_call(&event, &clock);
            self.journal.add(call);
        }
        TURN
    }

    fn blocked_call(&self, event: &Event, clock: &Clock) -> BlockedCall {
        let reference = RuleRef(event.rule as u32);
        let rule = self.rules.of_slot(reference.slot());
        let trunk = self.configuration.trunk(event.trunk);
        let interface = nix::net::if_::if_indextoname(event.interface);
        BlockedCall {
            time: clock.time_of(event.time),
            rule: rule.map_or(0, |rule| rule.id.0),
            pattern: rule
                .map(|rule| rule.written.to_string())
                .unwrap_or_default(),
            scope: rule
                .map_or(Scope::Global, |rule| rule.scope.clone())
                .to_string(),
            action: reference.action().as_str().to_owned(),
            trunk: trunk.map(|trunk| trunk.name.clone()).unwrap_or_default(),
            interface: match interface {
                Ok(name) => name.to_string_lossy().into_owned(),
                Err(_) => format!("index {}", event.interface),
            },
            ..BlockedCall::from_event(event)
        }
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
