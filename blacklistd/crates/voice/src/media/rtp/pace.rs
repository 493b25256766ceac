//! When frames are sent: by the time since the start, so that no delay adds up.

use std::time::Duration;

use crate::media::FRAME_TIME;

/// Frames that are sent late, one behind the other. What is later than that is left out: nobody
/// wants to hear it in a rush.
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

    /// When the next frame is due, counted from the start.
    pub fn due(&self) -> Duration {
        let nanoseconds = u128::from(self.frames) * FRAME_TIME.as_nanos();
        Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
    }

    /// The next frame is sent. Returns how many had to be left out before it because the sender
    /// was held up.
    pub fn advance(&mut self, now: Duration) -> u64 {
        let late = now.saturating_sub(self.due()).as_nanos() / FRAME_TIME.as_nanos();
        let late = u64::try_from(late).unwrap_or(u64::MAX);
        let left_out = if late > MOST_LATE { late } else { 0 };
        self.frames = self.frames.saturating_add(left_out).saturating_add(1);
        left_out
    }
}
