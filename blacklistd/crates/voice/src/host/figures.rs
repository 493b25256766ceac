//! What the media host has done since the daemon began.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::plan::Treatment;

/// Counts of the media host.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFigures {
    /// Calls that are on the line now.
    pub calls_now: u64,
    /// Calls that heard an announcement.
    pub announced: u64,
    /// Calls that were held.
    pub tormented: u64,
    /// Seconds for which they were held, all together.
    pub tormented_seconds: u64,
    /// Calls that were asked for a PIN.
    pub asked_for_pin: u64,
    /// Calls that went on with the right PIN.
    pub connected: u64,
    /// Calls that were diverted.
    pub redirected: u64,
    /// Calls that were refused with a status instead: too many at once, no port, too much held,
    /// or a request of which no call can be made.
    pub refused_instead: u64,
    /// Messages of calls that were thrown away because the call sends too many.
    pub flooded: u64,
}

/// The counts, shared.
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
