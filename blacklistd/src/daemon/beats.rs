//! When the parts of the daemon were alive last.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::clock;

/// A part that goes round and round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// Looks after interfaces.
    Interfaces,
    /// Takes rules into force and out of it when their time comes.
    Timer,
}

/// When each was alive, in milliseconds since boot.
#[derive(Debug, Default)]
pub(crate) struct Beats([AtomicU64; 2]);

fn now() -> u64 {
    clock::monotonic() / 1_000_000
}

impl Beats {
    /// Of parts that are about to begin.
    pub(super) fn begin() -> Self {
        Self([AtomicU64::new(now()), AtomicU64::new(now())])
    }

    fn of(&self, part: Part) -> &AtomicU64 {
        let Self([interfaces, timer]) = self;
        match part {
            Part::Interfaces => interfaces,
            Part::Timer => timer,
        }
    }

    /// The part is alive.
    pub(super) fn beat(&self, part: Part) {
        self.of(part).store(now(), Ordering::Relaxed);
    }

    /// How long ago a part was alive, in milliseconds.
    pub(crate) fn silent_for(&self, part: Part) -> u64 {
        now().saturating_sub(self.of(part).load(Ordering::Relaxed))
    }
}
