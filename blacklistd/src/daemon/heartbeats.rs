//! When the parts of the daemon were alive last.

use std::sync::atomic::{AtomicU64, Ordering};

use blacklist_system::clock;

/// A part that works at intervals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Attaches the program where an interface has come back.
    Interfaces,
    /// Takes rules into force and out of it when their time comes.
    Timer,
}

/// When each was alive, in milliseconds since boot.
#[derive(Debug)]
pub(crate) struct Heartbeats {
    /// When this daemon started, in seconds since 1970.
    pub(crate) started: f64,
    interfaces: AtomicU64,
    timer: AtomicU64,
}

fn now() -> u64 {
    clock::monotonic() / 1_000_000
}

impl Heartbeats {
    /// Of a daemon that is about to start.
    pub(super) fn start() -> Self {
        Self {
            started: clock::now().as_duration().as_secs_f64(),
            interfaces: AtomicU64::new(now()),
            timer: AtomicU64::new(now()),
        }
    }

    fn of(&self, part: Part) -> &AtomicU64 {
        match part {
            Part::Interfaces => &self.interfaces,
            Part::Timer => &self.timer,
        }
    }

    /// The part is alive.
    pub(crate) fn beat(&self, part: Part) {
        self.of(part).store(now(), Ordering::Relaxed);
    }

    /// How long ago a part was alive, in milliseconds.
    pub(crate) fn silent_for(&self, part: Part) -> u64 {
        now().saturating_sub(self.of(part).load(Ordering::Relaxed))
    }
}
