//! The headers of UDP and TCP.

use super::{Packet, Part};
use crate::outcome::Outcome;

const UDP: u32 = 8;
const LEAST_TCP: u32 = 20;

/// Ports and text of a UDP datagram, of the first fragment of one, or of a TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transport {
    /// The sender's port.
    pub source_port: u16,
    /// The port it was sent to.
    pub destination_port: u16,
    /// Bytes of a UDP datagram by its own header, which is counted.
    pub udp_length: u32,
    /// Offset of the text in the packet.
    pub offset: u32,
    /// Bytes of the text in this packet.
    pub length: u32,
}

impl Transport {
    /// Whether the length in the UDP header is that of a packet that is this part of its datagram.
    #[inline(always)]
    pub fn has_right_length(&self, part: Part) -> bool {
        match part {
            Part::Whole => self.udp_length == self.length + UDP,
            Part::First => self.udp_length > self.length + UDP,
            Part::Later => true,
        }
    }
}

/// The UDP header at an offset, of `length` bytes of an IP packet's payload.
///
/// # Errors
/// A broken packet.
#[inline(always)]
pub fn udp<P: Packet>(packet: P, offset: u32, length: u32) -> Result<Transport, Outcome> {
    let Some([source, destination, said, _]) = packet.load::<[u16; 4]>(offset) else {
        return Err(Outcome::BrokenFrame);
    };
    if length < UDP {
        return Err(Outcome::BrokenFrame);
    }
    Ok(Transport {
        source_port: u16::from_be(source),
        destination_port: u16::from_be(destination),
        udp_length: u32::from(u16::from_be(said)),
        offset: offset + UDP,
        length: length - UDP,
    })
}

/// The TCP header at an offset, of `length` bytes of an IP packet's payload.
///
/// # Errors
/// A broken packet.
pub fn tcp<P: Packet>(packet: P, offset: u32, length: u32) -> Result<Transport, Outcome> {
    let Some([source, destination, _, _, _, _, words, ..]) = packet.load::<[u16; 10]>(offset)
    else {
        return Err(Outcome::BrokenFrame);
    };
    let header = 4 * u32::from(u16::from_be(words) >> 12);
    if header < LEAST_TCP || header > length {
        return Err(Outcome::BrokenFrame);
    }
    Ok(Transport {
        source_port: u16::from_be(source),
        destination_port: u16::from_be(destination),
        udp_length: 0,
        offset: offset + header,
        length: length - header,
    })
}
