//! Received packets.

use rtp_types::RtpPacket;

/// Maximum size of a payload in bytes: more than a tenth of a second of G.711.
const LARGEST_PAYLOAD: usize = 1400;

/// The used parts of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incoming<'a> {
    /// Its payload type.
    pub payload_type: u8,
    /// Its sequence number.
    pub sequence: u16,
    /// Its timestamp, in samples.
    pub timestamp: u32,
    /// Its stream (SSRC).
    pub stream: u32,
    /// Its payload.
    pub payload: &'a [u8],
}

impl<'a> Incoming<'a> {
    /// Parses a datagram; `None` if it is not a usable RTP packet.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let packet = RtpPacket::parse(bytes).ok()?;
        // The payload's position comes from the header: it is checked here too, so as not to rely
        // on a single parser of untrusted bytes.
        let start = packet.payload_offset();
        let padding = usize::from(packet.padding().unwrap_or_default());
        let payload = bytes.get(start..bytes.len().checked_sub(padding)?)?;
        if payload.is_empty() || payload.len() > LARGEST_PAYLOAD {
            return None;
        }
        Some(Self {
            payload_type: packet.payload_type(),
            sequence: packet.sequence_number(),
            timestamp: packet.timestamp(),
            stream: packet.ssrc(),
            payload,
        })
    }
}
