//! The answer to an offer that was made here.

use super::audio::Audio;
use super::offer::OWN_DIGITS;
use super::{SdpError, description};

/// An answer that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the other side has chosen. Its payload types are those to send with.
    pub audio: Audio,
    /// The payload type by which digits come: the one that was offered.
    pub digits: Option<u8>,
}

/// Reads the answer to an offer of [`make_offer`](super::make_offer), which had one media line.
///
/// # Errors
/// There is none, it cannot be read, or the other side takes nothing of what was offered.
pub fn read_answer(bytes: &[u8]) -> Result<Answer, SdpError> {
    let session = description::read(bytes)?;
    let media = session.medias.first().ok_or(SdpError::NoAudio)?;
    let audio = Audio::of(&session, media)?;
    let digits = audio.digits.map(|_| OWN_DIGITS);
    Ok(Answer { audio, digits })
}
