//! Packets that come.

use rtp_types::RtpPacket;

/// Bytes of a payload at most: a tenth of a second of G.711 and more.
const LARGEST_PAYLOAD: usize = 1400;

/// What is read of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incoming<'a> {
    /// What the payload is.
    pub payload_type: u8,
    /// Its place among the packets.
    pub sequence: u16,
    /// Its time, in samples.
    pub timestamp: u32,
    /// Which stream it belongs to.
    pub stream: u32,
    /// What it brings.
    pub payload: &'a [u8],
}

impl<'a> Incoming<'a> {
    /// Reads a datagram; none if it is no RTP packet that could be of use.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let packet = RtpPacket::parse(bytes).ok()?;
        // The length of what is behind the header is taken from the header: it is checked here
        // too, so that nothing rests on one reader of bytes from strangers.
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
