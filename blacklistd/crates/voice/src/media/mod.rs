//! What a call hears and says: sounds, session descriptions, RTP, digits, and who speaks when. SIP
//! and the reasons for which a call is answered are of no concern here; nothing of the daemon is.

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
