//! When frames are sent: relative to the start, so that delays do not accumulate.

use std::time::Duration;

use crate::media::FRAME_TIME;

/// Maximum number of late frames that are sent in a burst. Later ones are skipped.
const MOST_LATE: u64 = 3;

/// Counts the frames of a stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    frames: u64,
}

impl Pace {
    /// At the start.
    pub const fn new() -> Self {
        Self { frames: 0 }
    }

    /// When the next frame is due, relative to the start.
    pub fn due(&self) -> Duration {
        let nanoseconds = u128::from(self.frames) * FRAME_TIME.as_nanos();
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    /// Advances to the next frame. Returns how many have to be skipped before it because the sender
    /// was delayed.
    pub fn advance(&mut self, now: Duration) -> u64 {
        let late = now.saturating_sub(self.due()).as_nanos() / FRAME_TIME.as_nanos();
        let late = u64::try_from(late).unwrap_or(u64::MAX);
        let left_out = if late > MOST_LATE { late } else { 0 };
        self.frames = self.frames.saturating_add(left_out).saturating_add(1);
        left_out
    }
}
