//! What the thread of a sink waits for: new rows, the end of a pause, the end of everything.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Rung by those who write rows, waited for by one thread.
#[derive(Debug, Default)]
pub(super) struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_rung: bool,
    /// Whether the thread waits for rows; else nobody needs to wake it.
    is_idle: bool,
    is_stopping: bool,
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells that there are new rows.
    pub(super) fn ring(&self) {
        let mut state = self.lock();
        state.is_rung = true;
        if state.is_idle {
            self.changed.notify_all();
        }
    }

    /// Tells that it is over.
    pub(super) fn stop(&self) {
        self.lock().is_stopping = true;
        self.changed.notify_all();
    }

    /// Whether it is over.
    pub(super) fn is_stopping(&self) -> bool {
        self.lock().is_stopping
    }

    /// Waits for new rows, those included that were told of since the last time.
    pub(super) fn wait_for_rows(&self, longest: Duration) {
        let mut state = self.lock();
        state.is_idle = true;
        let (mut state, _) = self
            .changed
            .wait_timeout_while(state, longest, |state| !state.is_rung && !state.is_stopping)
            .unwrap_or_else(PoisonError::into_inner);
        state.is_idle = false;
        state.is_rung = false;
    }

    /// Waits, new rows or not; returns whether it is over.
    pub(super) fn pause(&self, length: Duration) -> bool {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), length, |state| !state.is_stopping)
            .unwrap_or_else(PoisonError::into_inner);
        state.is_stopping
    }
}
