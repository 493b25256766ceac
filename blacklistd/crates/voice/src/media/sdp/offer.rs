//! Received offers with their answers, and own offers.

use sdp_types::Media;

use super::audio::Audio;
use super::local::{self, Local};
use super::{SdpError, description};
use crate::media::law::Law;

/// The payload type of digits in own offers, the most common one.
pub(super) const OWN_DIGITS: u8 = 101;

/// A received offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    audio: Audio,
    /// All media lines, for repetition in the answer.
    lines: Vec<MediaLine>,
    /// Index of the chosen line.
    taken: usize,
    /// The times of the session, which the answer repeats.
    time: (u64, u64),
}

/// The parts of a media line that an answer repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
struct MediaLine {
    media: String,
    transport: String,
    /// The first of its formats: a rejected line needs one.
    format: String,
}

impl MediaLine {
    fn of(media: &Media) -> Self {
        let format = media.fmt.split_ascii_whitespace().next().unwrap_or("0");
        Self {
            media: media.media.clone(),
            transport: media.proto.clone(),
            format: format.to_owned(),
        }
    }

    fn refused(&self) -> Media {
        Media {
            media: self.media.clone(),
            port: 0,
            num_ports: None,
            proto: self.transport.clone(),
            fmt: self.format.clone(),
            media_title: None,
            connections: Vec::new(),
            bandwidths: Vec::new(),
            key: None,
            attributes: Vec::new(),
        }
    }
}

impl Offer {
    /// Parses an offer and chooses the first acceptable audio.
    ///
    /// # Errors
    /// There is none, it cannot be parsed, or nothing is acceptable.
    pub fn read(bytes: &[u8]) -> Result<Self, SdpError> {
        let session = description::read(bytes)?;
        let mut first_error = None;
        let mut found = None;
        for (place, media) in session.medias.iter().enumerate() {
            match Audio::of(&session, media) {
                Ok(audio) => {
                    found = Some((place, audio));
                    break;
                }
                // Keep the error that says most about what would be needed.
                Err(SdpError::NoAudio) => {}
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        let (taken, audio) = found.ok_or(first_error.unwrap_or(SdpError::NoAudio))?;
        Ok(Self {
            audio,
            lines: session.medias.iter().map(MediaLine::of).collect(),
            taken,
            time: session
                .times
                .first()
                .map_or((0, 0), |time| (time.start_time, time.stop_time)),
        })
    }

    /// What was chosen.
    pub const fn audio(&self) -> &Audio {
        &self.audio
    }

    /// The answer. It has a line for each line of the offer, and rejects all but the chosen one.
    /// This side sends and receives only if both sides want it to.
    pub fn answer(&self, local: &Local) -> Vec<u8> {
        let asked = self.audio.direction.reversed();
        let direction = local.direction.limited_to(asked);
        let mut session = local.session(self.time);
        session.medias = self
            .lines
            .iter()
            .enumerate()
            .map(|(place, line)| {
                if place != self.taken {
                    return line.refused();
                }
                let laws = [(self.audio.law, self.audio.payload_type)];
                let mut media = local.audio(&laws, self.audio.digits, direction);
                media.proto.clone_from(&line.transport);
                media
            })
            .collect();
        local::written(&session)
    }
}

/// An own offer: both laws, the preferred one first, and digits.
pub fn make_offer(local: &Local, preferred: Law) -> Vec<u8> {
    let other = match preferred {
        Law::Mu => Law::A,
        Law::A => Law::Mu,
    };
    offer_of(local, &[preferred, other])
}

/// An own offer with a single law, for a call whose other side uses it already, and digits.
pub fn make_offer_of(local: &Local, law: Law) -> Vec<u8> {
    offer_of(local, &[law])
}

fn offer_of(local: &Local, laws: &[Law]) -> Vec<u8> {
    let laws: Vec<(Law, u8)> = laws.iter().map(|law| (*law, law.payload_type())).collect();
    let mut session = local.session((0, 0));
    session.medias = vec![local.audio(&laws, Some(OWN_DIGITS), local.direction)];
    local::written(&session)
}
