//! Clocks: the kernel counts nanoseconds since boot, people read the wall clock.

use jiff::{SignedDuration, Timestamp};
use nix::time::{ClockId, clock_gettime};

/// Both clocks, read at the same moment.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    wall: Timestamp,
    monotonic: u64,
}

/// Nanoseconds since boot, as `CLOCK_MONOTONIC` counts them.
pub fn monotonic() -> u64 {
    let Ok(time) = clock_gettime(ClockId::CLOCK_MONOTONIC) else {
        return 0;
    };
    let seconds = u64::try_from(time.tv_sec()).unwrap_or_default();
    let nanoseconds = u64::try_from(time.tv_nsec()).unwrap_or_default();
    seconds
        .saturating_mul(1_000_000_000)
        .saturating_add(nanoseconds)
}

impl Clock {
    /// Reads both clocks.
    pub fn read() -> Self {
        Self {
            monotonic: monotonic(),
            wall: Timestamp::now(),
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
