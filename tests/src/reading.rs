//! An independent reading of a frame: what a text there is and who sent it, by etherparse.

use std::net::IpAddr;

use etherparse::err::packet::SliceError;
use etherparse::{IpNumber, Ipv6ExtensionSlice, NetSlice, SlicedPacket};

use crate::datagram::Frame;

/// Where a packet is in its datagram.
struct Part {
    first: bool,
    more: bool,
}

/// The frame with the text that may be judged; without a text if it is no UDP datagram to one of
/// the ports, or its lengths contradict each other.
pub fn read(bytes: &[u8], ports: &[u16]) -> Frame {
    let unread = Frame {
        bytes: bytes.to_vec(),
        source: IpAddr::from([0, 0, 0, 0]),
        text: None,
        fragment: false,
    };
    match text(bytes, ports) {
        Some((source, text, fragment)) => Frame {
            source,
            text: Some(text),
            fragment,
            ..unread
        },
        None => unread,
    }
}

fn text(bytes: &[u8], ports: &[u16]) -> Option<(IpAddr, Vec<u8>, bool)> {
    let packet = SlicedPacket::from_ethernet(bytes).ok()?;
    let (source, part, payload): (IpAddr, Part, _) = match packet.net? {
        NetSlice::Ipv4(ip) => {
            let header = ip.header();
            let part = Part {
                first: header.fragments_offset().value() == 0,
                more: header.more_fragments(),
            };
            (header.source_addr().into(), part, ip.payload().clone())
        }
        NetSlice::Ipv6(ip) => {
            let mut part = Part {
                first: true,
                more: false,
            };
            for extension in ip.extensions().clone() {
                if let Ipv6ExtensionSlice::Fragment(fragment) = extension {
                    part.first = fragment.fragment_offset().value() == 0;
                    part.more = fragment.more_fragments();
                }
            }
            (ip.header().source_addr().into(), part, ip.payload().clone())
        }
        NetSlice::Arp(_) => return None,
    };
    let payload_length = payload.payload.len();
    if payload.ip_number != IpNumber::UDP || !part.first || payload_length < 8 {
        return None;
    }
    let field = |at: usize| u16::from_be_bytes([payload.payload[at], payload.payload[at + 1]]);
    let said = usize::from(field(4));
    let fits = if part.more {
        said > payload_length
    } else {
        said == payload_length
    };
    let judged = ports.contains(&field(2)) && fits;
    judged.then(|| (source, payload.payload[8..].to_vec(), part.more))
}

/// Whether the frame is not read because of its extension headers: in an order or of a length that
/// RFC 8200 and RFC 4302 forbid. No receiver takes it, so that it does not matter what becomes of
/// it.
pub fn has_bad_extensions(bytes: &[u8]) -> bool {
    matches!(
        SlicedPacket::from_ethernet(bytes),
        Err(SliceError::Ipv6Exts(_))
    )
}
