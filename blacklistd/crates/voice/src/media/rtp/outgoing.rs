//! Sent packets.

use rtp_types::RtpPacketBuilder;

use crate::media::FRAME_BYTES;
use blacklist_system::random;

/// Samples per frame.
const FRAME_SAMPLES: u32 = FRAME_BYTES as u32;

/// Creates the packets of a stream.
#[derive(Clone, Debug)]
pub struct Outgoing {
    payload_type: u8,
    stream: u32,
    sequence: u16,
    timestamp: u32,
    /// The next packet is the first one, or the first after a gap.
    is_start: bool,
}

impl Outgoing {
    /// A stream whose numbers cannot be guessed.
    ///
    /// # Errors
    /// The system has no random numbers.
    pub fn new(payload_type: u8) -> std::io::Result<Self> {
        let stream = random::u32()?;
        let timestamp = random::u32()?;
        Ok(Self {
            payload_type,
            stream,
            sequence: u16::from_ne_bytes(random::bytes()?),
            timestamp,
            is_start: true,
        })
    }

    /// Changes the payload type after a renegotiation.
    pub const fn change_payload_type(&mut self, payload_type: u8) {
        self.payload_type = payload_type;
    }

    /// Writes a packet with a frame; the start of talk is marked.
    pub fn write(&mut self, frame: &[u8], is_start: bool, packet: &mut Vec<u8>) {
        packet.clear();
        let builder = RtpPacketBuilder::<&[u8], &[u8]>::new()
            .payload_type(self.payload_type & 0x7f)
            .sequence_number(self.sequence)
            .timestamp(self.timestamp)
            .ssrc(self.stream)
            .marker_bit(self.is_start || is_start)
            .payload(frame);
        // This cannot fail: the payload type is below 128 and there is no padding.
        let _ = builder.write_into_vec(packet);
        self.is_start = false;
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(FRAME_SAMPLES);
    }

    /// Skips frames in which nothing is sent.
    pub const fn skip(&mut self, frames: u32) {
        self.timestamp = self
            .timestamp
            .wrapping_add(FRAME_SAMPLES.wrapping_mul(frames));
        self.is_start = true;
    }
}
