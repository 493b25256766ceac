//! Clocks: the kernel counts nanoseconds since boot, people read the wall clock.

use std::ops::Add;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use nix::time::{ClockId, clock_gettime};

use crate::machine::ask;

/// What tells the time.
pub trait Clocks: Send + Sync {
    /// Nanoseconds since boot, as `CLOCK_MONOTONIC` counts them.
    fn monotonic(&self) -> u64;
    /// The wall-clock time.
    fn wall(&self) -> Timestamp;
}

/// The kernel's.
pub(crate) struct HostClocks;

impl Clocks for HostClocks {
    fn monotonic(&self) -> u64 {
        let Ok(time) = clock_gettime(ClockId::CLOCK_MONOTONIC) else {
            return 0;
        };
        let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
        let nanoseconds = u64::try_from(time.tv_nsec()).unwrap_or_default();
        seconds
            .saturating_mul(1_000_000_000)
            .saturating_add(nanoseconds)
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Both clocks, read at the same moment.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Timestamp,
    monotonic: u64,
}

/// Nanoseconds since boot.
pub fn monotonic() -> u64 {
    ask(|machine| machine.clocks.monotonic())
}

/// The wall-clock time.
pub fn now() -> Timestamp {
    ask(|machine| machine.clocks.wall())
}

/// A moment on the clock that is never set, to measure how long something takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(u64);

impl Moment {
    /// Now.
    pub fn now() -> Self {
        Self(monotonic())
    }

    /// How long ago it was.
    pub fn elapsed(self) -> Duration {
        Self::now().duration_since(self)
    }

    /// How long after another one; zero for one that is later.
    pub const fn duration_since(self, other: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(other.0))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, time: Duration) -> Self {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanoseconds))
    }
}

impl Clock {
    /// Reads both clocks.
    pub fn read() -> Self {
        Self {
            monotonic: monotonic(),
            wall: now(),
        }
    }

    /// Nanoseconds since boot.
    pub const fn monotonic(&self) -> u64 {
        self.monotonic
    }

    /// The wall-clock time.
    pub const fn wall(&self) -> Timestamp {
        self.wall
    }

    /// The wall-clock time of a monotonic time.
    pub fn time_of(&self, monotonic: u64) -> Timestamp {
        let ago = i64::try_from(self.monotonic.saturating_sub(monotonic)).unwrap_or_default();
        self.wall
            .checked_sub(SignedDuration::from_nanos(ago))
            .unwrap_or(self.wall)
    }

    /// The monotonic time of a wall-clock time; 0 for a time before boot.
    pub fn monotonic_of(&self, wall: Timestamp) -> u64 {
        let ahead = wall.duration_since(self.wall).as_nanos();
        let monotonic = i128::from(self.monotonic).saturating_add(ahead);
        u64::try_from(monotonic.max(0)).unwrap_or(u64::MAX)
    }
}

/// A time as the log shows it: RFC 3339, to the millisecond.
pub fn shown(time: Timestamp) -> String {
    format!("{time:.3}")
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
        let time = |monotonic| shown(clock.time_of(monotonic));
        assert_eq!(time(8_000_000_000), "2026-11-20T11:59:58.500Z");
        assert_eq!(time(11_000_000_000), "2026-11-20T12:00:00.500Z");
    }

    #[test]
    fn wall_times_become_monotonic_times() {
        let clock = Clock {
            wall: "2026-11-20T12:00:00.5Z".parse().unwrap(),
            monotonic: 10_000_000_000,
        };
        let rows = [
            ("now", "2026-11-20T12:00:00.5Z", 10_000_000_000),
            ("in a while", "2026-11-20T12:15:00Z", 909_500_000_000),
            ("a moment ago", "2026-11-20T11:59:59Z", 8_500_000_000),
            ("before boot", "2026-11-20T11:00:00Z", 0),
            ("very late", "9999-12-30T22:00:00Z", u64::MAX),
        ];
        for (name, wall, expected) in rows {
            let seen = clock.monotonic_of(wall.parse().unwrap());
            // A u64 of nanoseconds overflows after 584 years.
            assert_eq!(seen, expected, "{name}");
        }
    }
}
