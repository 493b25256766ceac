//! The answer to an own offer.

use super::audio::Audio;
use super::offer::OWN_DIGITS;
use super::{SdpError, description};

/// A received answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the peer has chosen. Its payload types are those to send with.
    pub audio: Audio,
    /// The payload type of received digits: the one that was offered.
    pub digits: Option<u8>,
}

/// Parses the answer to an offer of [`make_offer`](super::make_offer), which has one media line.
///
/// # Errors
/// There is none, it cannot be parsed, or the peer accepts nothing that was offered.
pub fn read_answer(bytes: &[u8]) -> Result<Answer, SdpError> {
    let session = description::read(bytes)?;
    let media = session.medias.first().ok_or(SdpError::NoAudio)?;
    let audio = Audio::of(&session, media)?;
    let digits = audio.digits.map(|_| OWN_DIGITS);
    Ok(Answer { audio, digits })
}
