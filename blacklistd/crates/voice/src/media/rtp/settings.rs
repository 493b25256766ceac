//! Settings of a stream.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::media::law::Law;
use crate::media::sdp::{Answer, Audio};

/// Time without any packet after which the peer is considered gone.
const IDLE: Duration = Duration::from_secs(20);

/// What was negotiated, and which addresses are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    /// The law to send with.
    pub law: Law,
    /// The payload type to send with.
    pub payload_type: u8,
    /// The payload type of received digits.
    pub digits: Option<u8>,
    /// The address at which the peer says that it listens.
    pub remote: Option<SocketAddr>,
    /// Other addresses from which packets may come: that of the signalling.
    pub allowed: Vec<IpAddr>,
    /// Whether to send before anything was received: only to peers trusted not to name somebody
    /// else's address.
    pub may_send_first: bool,
    /// Whether the peer wants to receive media.
    pub sends: bool,
    /// Whether the peer sends media, and is gone if none arrives.
    pub receives: bool,
    /// Time without a packet after which the peer is gone.
    pub idle: Duration,
}

impl SessionSettings {
    /// For an answered offer.
    pub fn of_offer(audio: &Audio) -> Self {
        Self {
            law: audio.law,
            payload_type: audio.payload_type,
            digits: audio.digits,
            remote: audio.address,
            allowed: Vec::new(),
            may_send_first: false,
            sends: audio.direction.receives(),
            receives: audio.direction.sends(),
            idle: IDLE,
        }
    }

    /// For a received answer.
    pub fn of_answer(answer: &Answer) -> Self {
        Self {
            digits: answer.digits,
            ..Self::of_offer(&answer.audio)
        }
    }
}
