//! Sizes and times of shipping.

use std::time::Duration;

/// Lines of a batch at most.
pub(super) const BATCH_LINES: usize = 500;

/// Bytes of a batch at most, newlines included; a line that is longer is a batch of its own.
pub(super) const BATCH_BYTES: usize = 1 << 20;

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Pause after the first failure; doubled with each further one.
    pub(super) first_pause: Duration,
    /// Longest pause, and the one after a refusal.
    pub(super) longest_pause: Duration,
    /// Longest time without a look at the calls' log.
    pub(super) idle: Duration,
    /// Pause behind a batch that was not full, so that calls that come one by one are not written
    /// one by one.
    pub(super) pace: Duration,
    /// How long a socket may take nothing.
    pub(super) patience: Duration,
    /// How long an HTTP connection may take to come about.
    pub(super) connect: Duration,
    /// How long an HTTP request may take in all.
    pub(super) request: Duration,
    /// How long the end of all threads is waited for.
    pub(super) stop: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(30),
            idle: Duration::from_secs(30),
            pace: Duration::from_millis(50),
            patience: Duration::from_secs(5),
            connect: Duration::from_secs(10),
            request: Duration::from_secs(10),
            stop: Duration::from_secs(2),
        }
    }
}

impl Limits {
    /// Pause after so many failures in a row.
    pub(super) fn pause(&self, failures: u32, is_refusal: bool) -> Duration {
        if is_refusal {
            return self.longest_pause;
        }
        let factor = 1_u32
            .checked_shl(failures.saturating_sub(1))
            .unwrap_or(u32::MAX);
        self.first_pause
            .saturating_mul(factor)
            .min(self.longest_pause)
    }
}
