//! Limits of sizes and times.

use std::time::Duration;

/// Maximum number of lines in a batch.
pub(super) const BATCH_LINES: usize = 500;

/// Maximum bytes of a batch, including newlines; a longer line is a batch of its own.
pub(super) const BATCH_BYTES: usize = 1 << 20;

/// Time limits.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(
    not(feature = "http"),
    expect(dead_code, reason = "two are of requests")
)]
pub(super) struct Limits {
    /// Pause after the first failure; doubled with each further one.
    pub(super) first_pause: Duration,
    /// Maximum pause, also used after a refusal.
    pub(super) longest_pause: Duration,
    /// Maximum time without a look at the log of calls.
    pub(super) idle: Duration,
    /// Pause after a batch that was not full, so that single calls are written together.
    pub(super) pace: Duration,
    /// How long a socket may accept nothing.
    pub(super) patience: Duration,
    /// How long connecting to an HTTP server may take.
    pub(super) connect: Duration,
    /// How long an HTTP request may take in total.
    pub(super) request: Duration,
    /// How long to wait for all threads to end.
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
    /// Pause after a number of failures in a row.
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
