//! The progress of a sink: counted, shown in the status, and logged once for each outage.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::settings::SinkSettings;
use blacklist_figures::SinkStatus;
use blacklist_model::count;
use blacklist_system::clock;

/// The progress of a sink, written by its thread.
#[derive(Debug)]
pub(super) struct Progress {
    name: String,
    kind: &'static str,
    place: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    delivered: u64,
    skipped: u64,
    position: Option<u64>,
    last_error: Option<String>,
    failing_since: Option<Timestamp>,
    failures: u32,
    /// Rows skipped since the sink last had nothing left to deliver.
    skipped_lately: u64,
}

impl Progress {
    pub(super) fn new(settings: &SinkSettings) -> Self {
        Self {
            name: settings.name.clone(),
            kind: settings.target.kind(),
            place: settings.target.place(),
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The sink's status; `ends` are the oldest and newest row of the log, if it can be read.
    pub(super) fn status(&self, ends: Option<(u64, u64)>) -> SinkStatus {
        let state = self.lock();
        let behind = ends
            .zip(state.position)
            .map(|((oldest, newest), position)| {
                newest.saturating_sub(position.max(oldest.saturating_sub(1)))
            });
        SinkStatus {
            name: self.name.clone(),
            kind: self.kind.to_owned(),
            target: self.place.clone(),
            delivered: state.delivered,
            skipped: state.skipped,
            behind,
            last_error: state.last_error.clone(),
            failing_since: state.failing_since,
        }
    }

    /// Sets the row after which the sink continues.
    pub(super) fn at(&self, position: u64) {
        self.lock().position = Some(position);
    }

    /// Counts delivered lines.
    pub(super) fn delivered(&self, lines: u64) {
        self.lock().delivered += lines;
    }

    /// Records a failure; returns the number of failures in a row.
    pub(super) fn failed(&self, reason: &str) -> u32 {
        let mut state = self.lock();
        state.failures = state.failures.saturating_add(1);
        state.last_error = Some(reason.to_owned());
        let failures = state.failures;
        let is_new = state.failing_since.is_none();
        state.failing_since.get_or_insert_with(clock::now);
        drop(state);
        if is_new {
            tracing::warn!(
                "{self}: {reason}; it is tried again and again, and calls wait for it as long as they are kept"
            );
        } else {
            tracing::debug!("{self}: {reason}");
        }
        failures
    }

    /// Records a success.
    pub(super) fn recovered(&self) {
        let mut state = self.lock();
        state.failures = 0;
        let since = state.failing_since.take();
        drop(state);
        if let Some(since) = since {
            tracing::info!("{self}: calls are shipped again; they were not since {since}");
        }
    }

    /// Counts rows that were deleted before they were delivered.
    pub(super) fn skipped(&self, rows: u64) {
        let mut state = self.lock();
        state.skipped += rows;
        let is_first = state.skipped_lately == 0;
        state.skipped_lately += rows;
        drop(state);
        if is_first {
            tracing::warn!(
                "{self}: {} deleted before shipping; keep calls for longer, or find out why the sink is behind",
                count(rows, "call")
            );
        }
    }

    /// Records that there is nothing left to deliver.
    pub(super) fn caught_up(&self) {
        let skipped = std::mem::take(&mut self.lock().skipped_lately);
        if skipped > 0 {
            let skipped = count(skipped, "call");
            tracing::info!("{self}: everything is shipped, {skipped} skipped");
        }
    }
}

impl std::fmt::Display for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "sink \"{}\" ({} {})", self.name, self.kind, self.place)
    }
}
