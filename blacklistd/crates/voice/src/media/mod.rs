//! What a call hears and sends: sounds, session descriptions, RTP, digits, and voice activity. SIP,
//! the reason for answering a call and the daemon are not part of it.

pub mod law;
pub mod level;
pub mod player;
pub mod prompts;
pub mod rtp;
pub mod sdp;
pub mod sound;

mod decode;
mod frame;
mod resample;

pub use frame::{FRAME_BYTES, FRAME_TIME, RATE};

#[cfg(test)]
mod tests;
