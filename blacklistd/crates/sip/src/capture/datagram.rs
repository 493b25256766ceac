//! Finds the datagram in a captured packet of any supported link type
//! (<https://www.tcpdump.org/linktypes.html>).

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use blacklist_common::frame::{
    self, Extensions, PROTOCOL_TCP, PROTOCOL_UDP, Packet, Part, Plain, TYPE_ARP, TYPE_IPV4,
    TYPE_IPV6,
};
use blacklist_common::repeat::PlainLoop;
use pcap_parser::Linktype;
use pcap_parser::data::{PacketData, get_packetdata};

use super::Carrier;
use super::fragments::{Fragments, Piece};

/// A UDP datagram or a TCP segment.
pub(super) struct Datagram {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) carrier: Carrier,
    pub(super) payload: Vec<u8>,
    /// Whether more was sent than was captured.
    pub(super) is_cut: bool,
    /// The first frame; empty if there is none.
    pub(super) frame: Vec<u8>,
}

/// The contents of a packet.
pub(super) enum Found {
    /// A datagram, completed by this packet.
    Whole(Datagram),
    /// A fragment, or something that cannot carry SIP.
    Nothing,
    /// Unsupported layers.
    Unread,
}

/// A packet of which only the beginning may be captured.
#[derive(Clone, Copy)]
struct Captured<'a>(&'a [u8]);

impl Packet for Captured<'_> {
    fn load<T: Plain>(self, offset: u32) -> Option<T> {
        self.0.load(offset)
    }

    /// What was not captured was sent all the same.
    fn has(self, _length: u32) -> bool {
        true
    }
}

/// Finds the datagram in a packet.
pub(super) fn find(link: Linktype, bytes: &[u8], fragments: &mut Fragments) -> Found {
    let mut frame: &[u8] = &[];
    let (bytes, at) = match link {
        // The address family, in the byte order of the capturing machine.
        Linktype::NULL | Linktype::LOOP => {
            let bytes = bytes.get(4..).unwrap_or_default();
            let is_ipv6 = bytes.first().is_some_and(|first| first >> 4 == 6);
            (bytes, Ok((if is_ipv6 { TYPE_IPV6 } else { TYPE_IPV4 }, 0)))
        }
        _ => match get_packetdata(bytes, link, bytes.len()) {
            Some(PacketData::L2(bytes)) => {
                frame = bytes;
                (bytes, frame::ethernet(Captured(bytes)))
            }
            Some(PacketData::L3(kind, bytes)) => {
                (bytes, frame::after_tags(Captured(bytes), (kind, 0)))
            }
            Some(PacketData::L4(..) | PacketData::Unsupported(_)) | None => return Found::Unread,
        },
    };
    match at {
        Ok((TYPE_ARP, _)) => Found::Nothing,
        Ok(at) => find_in_ip(Captured(bytes), at, frame, fragments),
        Err(_) => Found::Unread,
    }
}

fn find_in_ip(
    packet: Captured<'_>,
    at: (u16, u32),
    frame: &[u8],
    fragments: &mut Fragments,
) -> Found {
    let mut walk = Extensions::default();
    let Ok(ip) = frame::ip::<PlainLoop, _>(packet, at, || Some(&mut walk)) else {
        return Found::Unread;
    };
    let Some(addresses) = ip.addresses(packet) else {
        return Found::Unread;
    };
    if ip.protocol != PROTOCOL_UDP && ip.protocol != PROTOCOL_TCP {
        return Found::Nothing;
    }
    let there = packet.0.get(ip.offset as usize..).unwrap_or_default();
    let whole = there.get(..ip.length as usize);
    let addresses = addresses.map(|bytes| Ipv6Addr::from(bytes).to_canonical());
    if ip.part() == Part::Whole {
        let payload = whole.unwrap_or(there);
        return datagram(ip.protocol, addresses, payload, frame, whole.is_none());
    }
    // An incompletely captured fragment would leave a hole.
    let (Some(payload), PROTOCOL_UDP) = (whole, ip.protocol) else {
        return Found::Nothing;
    };
    let piece = Piece {
        addresses,
        protocol: ip.protocol,
        identification: ip.identification,
        offset: ip.fragment_offset,
        has_more: ip.has_more,
        payload,
        frame,
    };
    match fragments.add(&piece) {
        Some((payload, frame)) => datagram(ip.protocol, addresses, &payload, &frame, false),
        None => Found::Nothing,
    }
}

fn datagram(
    protocol: u8,
    [source, destination]: [IpAddr; 2],
    bytes: &[u8],
    frame: &[u8],
    is_cut: bool,
) -> Found {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let (carrier, header) = if protocol == PROTOCOL_UDP {
        (Carrier::Udp, frame::udp(bytes, 0, length))
    } else {
        (Carrier::Tcp, frame::tcp(bytes, 0, length))
    };
    let Ok(header) = header else {
        return Found::Unread;
    };
    let there = bytes.get(header.offset as usize..).unwrap_or_default();
    // The UDP header may contain a smaller length.
    let text_length = header.udp_length.checked_sub(header.offset);
    let payload = text_length
        .and_then(|length| there.get(..length as usize))
        .unwrap_or(there);
    Found::Whole(Datagram {
        source: SocketAddr::new(source, header.source_port),
        destination: SocketAddr::new(destination, header.destination_port),
        carrier,
        payload: payload.to_vec(),
        is_cut,
        frame: frame.to_vec(),
    })
}
