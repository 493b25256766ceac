//! From a captured packet to the datagram in it, whatever link it was captured on
//! (<https://www.tcpdump.org/linktypes.html>).

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    EtherType, IpNumber, LaxNetSlice, LaxSlicedPacket, TcpSlice, TransportSlice, UdpSlice,
};
use pcap_parser::Linktype;
use pcap_parser::data::{PacketData, get_packetdata};

use super::Carrier;
use super::fragments::{Fragments, Piece};

/// A datagram or a segment.
pub(super) struct Datagram {
    pub(super) source: SocketAddr,
    pub(super) destination: SocketAddr,
    pub(super) carrier: Carrier,
    pub(super) payload: Vec<u8>,
    /// More of it was sent than is here.
    pub(super) is_cut: bool,
    /// The frame that came first; empty where there is none.
    pub(super) frame: Vec<u8>,
}

/// What a packet is.
pub(super) enum Found {
    /// A datagram, or the last missing fragment of one.
    Whole(Datagram),
    /// A fragment, or something that carries no SIP.
    Nothing,
    /// Layers that are not read.
    Unread,
}

/// Finds the datagram in a packet.
pub(super) fn find(link: Linktype, bytes: &[u8], fragments: &mut Fragments) -> Found {
    let mut frame: &[u8] = &[];
    let sliced = match link {
        // The family of an address, in the byte order of the machine that captured.
        Linktype::NULL | Linktype::LOOP => {
            LaxSlicedPacket::from_ip(bytes.get(4..).unwrap_or_default()).ok()
        }
        _ => match get_packetdata(bytes, link, bytes.len()) {
            Some(PacketData::L2(bytes)) => {
                frame = bytes;
                LaxSlicedPacket::from_ethernet(bytes).ok()
            }
            Some(PacketData::L3(kind, bytes)) => {
                Some(LaxSlicedPacket::from_ether_type(EtherType(kind), bytes))
            }
            Some(PacketData::L4(..) | PacketData::Unsupported(_)) | None => None,
        },
    };
    let Some(sliced) = sliced else {
        return Found::Unread;
    };
    match sliced.net {
        Some(LaxNetSlice::Ipv4(packet)) => {
            let header = packet.header();
            let piece = Piece {
                source: header.source_addr().into(),
                destination: header.destination_addr().into(),
                protocol: packet.payload().ip_number,
                identification: u32::from(header.identification()),
                offset: header.fragments_offset(),
                has_more: header.more_fragments(),
                payload: packet.payload().payload,
                frame,
            };
            let is_fragment = packet.payload().fragmented;
            finish(&piece, is_fragment, packet.payload().incomplete, fragments)
        }
        Some(LaxNetSlice::Ipv6(packet)) => {
            let header = packet.header();
            let fragment = packet
                .extensions()
                .clone()
                .into_iter()
                .find_map(|extension| match extension {
                    etherparse::Ipv6ExtensionSlice::Fragment(fragment) => {
                        Some(fragment.to_header())
                    }
                    _ => None,
                });
            let piece = Piece {
                source: header.source_addr().into(),
                destination: header.destination_addr().into(),
                protocol: packet.payload().ip_number,
                identification: fragment
                    .as_ref()
                    .map_or(0, |fragment| fragment.identification),
                offset: fragment
                    .as_ref()
                    .map_or(etherparse::IpFragOffset::ZERO, |fragment| {
                        fragment.fragment_offset
                    }),
                has_more: fragment.is_some_and(|fragment| fragment.more_fragments),
                payload: packet.payload().payload,
                frame,
            };
            let is_fragment = packet.payload().fragmented;
            finish(&piece, is_fragment, packet.payload().incomplete, fragments)
        }
        Some(LaxNetSlice::Arp(_)) => Found::Nothing,
        None => Found::Unread,
    }
}

fn finish(piece: &Piece<'_>, is_fragment: bool, is_cut: bool, fragments: &mut Fragments) -> Found {
    if piece.protocol != IpNumber::UDP && piece.protocol != IpNumber::TCP {
        return Found::Nothing;
    }
    let addresses = (piece.source, piece.destination);
    if !is_fragment {
        return datagram(
            piece.protocol,
            addresses,
            piece.payload,
            piece.frame,
            is_cut,
        );
    }
    // A fragment of which the capture holds a part would leave a hole.
    if is_cut || piece.protocol != IpNumber::UDP {
        return Found::Nothing;
    }
    match fragments.add(piece) {
        Some((payload, frame)) => datagram(piece.protocol, addresses, &payload, &frame, false),
        None => Found::Nothing,
    }
}

fn datagram(
    protocol: IpNumber,
    (source, destination): (IpAddr, IpAddr),
    bytes: &[u8],
    frame: &[u8],
    is_cut: bool,
) -> Found {
    let transport = if protocol == IpNumber::UDP {
        UdpSlice::from_slice_lax(bytes)
            .ok()
            .map(TransportSlice::Udp)
    } else {
        TcpSlice::from_slice(bytes).ok().map(TransportSlice::Tcp)
    };
    let (carrier, ports, payload) = match &transport {
        Some(TransportSlice::Udp(udp)) => (
            Carrier::Udp,
            (udp.source_port(), udp.destination_port()),
            udp.payload(),
        ),
        Some(TransportSlice::Tcp(tcp)) => (
            Carrier::Tcp,
            (tcp.source_port(), tcp.destination_port()),
            tcp.payload(),
        ),
        _ => return Found::Unread,
    };
    Found::Whole(Datagram {
        source: SocketAddr::new(source, ports.0),
        destination: SocketAddr::new(destination, ports.1),
        carrier,
        payload: payload.to_vec(),
        is_cut,
        frame: frame.to_vec(),
    })
}
