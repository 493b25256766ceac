//! What the media host has done since the daemon's start.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::plan::Treatment;
use blacklist_figures::HostFigures;

/// The shared counters.
#[derive(Debug, Default)]
pub(super) struct Counters(Mutex<HostFigures>);

impl Counters {
    pub(super) fn lock(&self) -> MutexGuard<'_, HostFigures> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(&self, treatment: &Treatment) {
        let mut figures = self.lock();
        let count = match treatment {
            Treatment::Announce(_) => &mut figures.announced,
            Treatment::Torment { .. } => &mut figures.tormented,
            Treatment::Pin => &mut figures.asked_for_pin,
            Treatment::Redirect(_) => &mut figures.redirected,
        };
        *count += 1;
    }

    pub(super) fn held(&self, time: Duration) {
        self.lock().tormented_seconds += time.as_secs();
    }
}
