//! What the thread of a sink waits for: new rows, the end of a pause, the end of the daemon.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Set by those who write rows, awaited by one thread.
#[derive(Debug, Default)]
pub(super) struct Signal {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    is_rung: bool,
    /// Whether the thread waits for rows; otherwise it need not be woken.
    is_idle: bool,
    is_stopping: bool,
}

impl Signal {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Announces new rows.
    pub(super) fn ring(&self) {
        let mut state = self.lock();
        state.is_rung = true;
        if state.is_idle {
            self.changed.notify_all();
        }
    }

    /// Asks the thread to stop.
    pub(super) fn stop(&self) {
        self.lock().is_stopping = true;
        self.changed.notify_all();
    }

    /// Whether the thread was asked to stop.
    pub(super) fn is_stopping(&self) -> bool {
        self.lock().is_stopping
    }

    /// Waits for new rows, including those announced since the last time.
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

    /// Waits regardless of new rows; returns whether the thread was asked to stop.
    pub(super) fn pause(&self, length: Duration) -> bool {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), length, |state| !state.is_stopping)
            .unwrap_or_else(PoisonError::into_inner);
        state.is_stopping
    }
}
