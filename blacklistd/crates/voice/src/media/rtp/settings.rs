//! What a stream has to know.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::media::law::Law;
use crate::media::sdp::{Answer, Audio};

/// Silence of the other side, in which not even a packet comes, after which it is gone.
const IDLE: Duration = Duration::from_secs(20);

/// What was negotiated, and who is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionSettings {
    /// The law by which is sent.
    pub law: Law,
    /// The payload type by which is sent.
    pub payload_type: u8,
    /// The payload type by which digits come.
    pub digits: Option<u8>,
    /// Where the other side says that it listens.
    pub remote: Option<SocketAddr>,
    /// From where packets may come besides: the address of the signalling.
    pub allowed: Vec<IpAddr>,
    /// Something may be sent before anything came: only to who is trusted not to name somebody
    /// else's address.
    pub may_send_first: bool,
    /// The other side wants to hear something.
    pub sends: bool,
    /// The other side sends, and is gone if nothing comes.
    pub receives: bool,
    /// Time without a packet after which it is gone.
    pub idle: Duration,
}

impl SessionSettings {
    /// For an offer that was answered.
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

    /// For an answer that came.
    pub fn of_answer(answer: &Answer) -> Self {
        Self {
            digits: answer.digits,
            ..Self::of_offer(&answer.audio)
        }
    }
}
