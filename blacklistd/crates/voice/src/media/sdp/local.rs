//! This side's session descriptions.

use std::net::SocketAddr;

use sdp_types::{Attribute, Connection, Media, MediaType, Origin, Session, Time, TransportProto};

use super::Direction;
use super::audio::DIGITS;
use crate::media::RATE;
use crate::media::law::Law;

/// This side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local {
    /// Where it listens, as the peer sees it.
    pub address: SocketAddr,
    /// The session id: random, and constant for the whole call.
    pub session: u64,
    /// The version, incremented with each changed description of a call.
    pub version: u64,
    /// The direction, as this side sees it.
    pub direction: Direction,
}

impl Local {
    /// A description without media.
    pub(super) fn session(&self, time: (u64, u64)) -> Session {
        let address = self.address.ip();
        let mut session = Session::new(
            Origin::with_ip_addr(self.session, self.version, address),
            "-",
        );
        session.connection = Some(Connection::from_ip_addr(address));
        session.times = vec![Time::new(time.0, time.1)];
        session
    }

    /// A media line with some laws, and digits.
    pub(super) fn audio(
        &self,
        laws: &[(Law, u8)],
        digits: Option<u8>,
        direction: Direction,
    ) -> Media {
        let formats: Vec<String> = laws
            .iter()
            .map(|(_, format)| format)
            .chain(&digits)
            .map(u8::to_string)
            .collect();
        let mut media = Media::new(
            MediaType::Audio,
            self.address.port(),
            TransportProto::RtpAvp,
            formats.join(" "),
        );
        let mut say = |name: &str, value: String| {
            media.attributes.push(Attribute::with_value(name, value));
        };
        for (law, format) in laws {
            say("rtpmap", format!("{format} {law}/{RATE}"));
        }
        if let Some(format) = digits {
            say("rtpmap", format!("{format} {DIGITS}/{RATE}"));
            say("fmtp", format!("{format} 0-15"));
        }
        say("ptime", "20".to_owned());
        media.attributes.push(Attribute::new(direction.as_str()));
        media
    }
}

/// Serialises a description.
pub(super) fn written(session: &Session) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to memory does not fail.
    let _ = session.write(&mut bytes);
    bytes
}
