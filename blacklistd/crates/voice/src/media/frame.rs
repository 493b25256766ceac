//! The sizes of telephone audio.

use std::time::Duration;

/// Samples per second, which are as many bytes of G.711.
pub const RATE: u32 = 8000;

/// Bytes of a frame: G.711 has one for each sample.
pub const FRAME_BYTES: usize = 160;

/// Duration of a frame.
pub const FRAME_TIME: Duration = Duration::from_millis(20);
