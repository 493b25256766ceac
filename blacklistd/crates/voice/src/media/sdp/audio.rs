//! What the peer says about audio.

use std::net::SocketAddr;

use sdp_types::{Media, RtpMap, Session};

use super::{Direction, SdpError, address};
use crate::media::RATE;
use crate::media::law::Law;

/// Supported transports. AVPF only adds optional feedback.
const TRANSPORTS: [&str; 2] = ["RTP/AVP", "RTP/AVPF"];

/// The encoding name of digits (RFC 4733).
pub(super) const DIGITS: &str = "telephone-event";

/// The peer's audio, and what is chosen of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// The law.
    pub law: Law,
    /// The law's payload type.
    pub payload_type: u8,
    /// The payload type of digits, if offered.
    pub digits: Option<u8>,
    /// Where it listens; `None` if it is on hold by 0.0.0.0, or gives a host name.
    pub address: Option<SocketAddr>,
    /// The direction, as the peer sees it.
    pub direction: Direction,
}

impl Audio {
    /// Whether it wants to receive media and gives an address.
    pub const fn listens(&self) -> bool {
        self.direction.receives() && self.address.is_some()
    }

    /// From a media line.
    pub(super) fn of(session: &Session, media: &Media) -> Result<Self, SdpError> {
        if !media.media.eq_ignore_ascii_case("audio") {
            return Err(SdpError::NoAudio);
        }
        if media.port == 0 {
            return Err(SdpError::Refused);
        }
        if !TRANSPORTS
            .iter()
            .any(|transport| media.proto.eq_ignore_ascii_case(transport))
        {
            return Err(SdpError::Transport(media.proto.chars().take(32).collect()));
        }
        let maps: Vec<RtpMap> = media.attributes_typed().filter_map(Result::ok).collect();
        let formats = || media.fmt.split_ascii_whitespace().filter_map(payload_type);
        let (law, payload_type) = formats()
            .find_map(|format| law_of(format, &maps).map(|law| (law, format)))
            .ok_or(SdpError::NoCodec)?;
        let digits = formats().find(|format| {
            map_of(*format, &maps)
                .is_some_and(|map| is_named(map, DIGITS) && map.clock_rate == RATE)
        });
        let address = media
            .connections
            .first()
            .or(session.connection.as_ref())
            .and_then(|connection| address::of(connection, media.port));
        let direction = Direction::among(names(&media.attributes))
            .or_else(|| Direction::among(names(&session.attributes)))
            .unwrap_or_default();
        Ok(Self {
            law,
            payload_type,
            digits,
            address,
            direction,
        })
    }
}

fn names(attributes: &[sdp_types::Attribute]) -> impl Iterator<Item = &str> {
    attributes
        .iter()
        .map(|attribute| attribute.attribute.as_str())
}

/// A payload type; `None` if it is invalid.
fn payload_type(text: &str) -> Option<u8> {
    text.parse().ok().filter(|format| *format < 128)
}

fn map_of(format: u8, maps: &[RtpMap]) -> Option<&RtpMap> {
    maps.iter().find(|map| map.payload_type == format)
}

fn is_named(map: &RtpMap, name: &str) -> bool {
    map.encoding_name.trim().eq_ignore_ascii_case(name)
}

/// The law of a payload type: by its rtpmap, otherwise by its number.
fn law_of(format: u8, maps: &[RtpMap]) -> Option<Law> {
    let mut laws = Law::ALL.into_iter();
    match map_of(format, maps) {
        Some(map) => {
            let channels = map.encoding_params.as_deref().unwrap_or("1").trim();
            let is_mono = map.clock_rate == RATE && channels == "1";
            laws.find(|law| is_mono && is_named(map, law.encoding()))
        }
        None => laws.find(|law| law.payload_type() == format),
    }
}
