//! Frames with names, built byte by byte.

extern crate std;

use std::vec;
use std::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::repeat::PlainLoop;

const TEXT: &[u8] = b"INVITE sip:1@x SIP/2.0\r\n\r\n";
const PORT: u16 = 5060;

const VLAN: [u8; 4] = [0x81, 0, 0x20, 0x64];
const QINQ: [u8; 4] = [0x88, 0xA8, 0x20, 0x64];
const OLD_QINQ: [u8; 4] = [0x91, 0, 0x20, 0x64];

/// An extension header of eight bytes but its first one.
const SHORT: [u8; 7] = [0, 1, 4, 0, 0, 0, 0];

fn datagram(text: &[u8]) -> Vec<u8> {
    let length = text.len() as u16 + 8;
    let mut bytes = vec![0x30, 0x39];
    bytes.extend(PORT.to_be_bytes());
    bytes.extend(length.to_be_bytes());
    bytes.extend([0, 0]);
    bytes.extend(text);
    bytes
}

fn ethernet_frame(tags: &[[u8; 4]], kind: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![0; 12];
    frame.extend(tags.concat());
    frame.extend(kind.to_be_bytes());
    frame.extend(packet);
    frame
}

/// An IPv4 packet; `fragment` is the word of flags and offset.
fn v4(options: &[u8], fragment: u16, protocol: u8, payload: &[u8]) -> Vec<u8> {
    let header = 20 + options.len();
    let total = (header + payload.len()) as u16;
    let mut packet = vec![0x40 | (header / 4) as u8, 0];
    packet.extend(total.to_be_bytes());
    packet.extend([7, 8]);
    packet.extend(fragment.to_be_bytes());
    packet.extend([64, protocol, 0, 0, 192, 0, 2, 1, 198, 51, 100, 2]);
    packet.extend(options);
    packet.extend(payload);
    packet
}

/// An IPv6 packet with extension headers, each as its number and what follows its first byte.
fn v6(extensions: &[(u8, &[u8])], protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut rest = Vec::new();
    for (index, (_, bytes)) in extensions.iter().enumerate() {
        rest.push(extensions.get(index + 1).map_or(protocol, |next| next.0));
        rest.extend(*bytes);
    }
    rest.extend(payload);
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((rest.len() as u16).to_be_bytes());
    packet.extend([extensions.first().map_or(protocol, |first| first.0), 64]);
    packet.extend([0xFD; 16]);
    packet.extend([0xFE; 16]);
    packet.extend(rest);
    packet
}

fn over_v4(packet: &[u8]) -> Vec<u8> {
    ethernet_frame(&[], TYPE_IPV4, packet)
}

fn over_v6(packet: &[u8]) -> Vec<u8> {
    ethernet_frame(&[], TYPE_IPV6, packet)
}

/// Part and text of a datagram, or why there is none.
fn read(frame: &[u8]) -> Result<(Part, &[u8]), Outcome> {
    let mut walk = Extensions::default();
    let ip = ip::<PlainLoop, _>(frame, ethernet(frame)?, || Some(&mut walk))?;
    if ip.protocol != PROTOCOL_UDP {
        return Err(ip.other_protocol(frame, |port| port == PORT));
    }
    if ip.part() == Part::Later {
        return Err(Outcome::LaterFragment);
    }
    let udp = udp(frame, ip.offset, ip.length)?;
    if udp.destination_port != PORT {
        return Err(Outcome::OtherPort);
    }
    if !udp.has_right_length(ip.part()) {
        return Err(Outcome::LengthMismatch);
    }
    Ok((
        ip.part(),
        &frame[udp.offset as usize..][..udp.length as usize],
    ))
}

#[test]
#[rustfmt::skip]
fn texts_are_found_behind_all_headers() {
    let udp = datagram(TEXT);
    let plain = v4(&[], 0, PROTOCOL_UDP, &udp);
    let six = v6(&[], PROTOCOL_UDP, &udp);
    let atomic: (u8, &[u8]) = (FRAGMENT, &[0, 0, 0, 0, 0, 0, 9]);
    let long = [&[2, 1, 20][..], &[0; 20]].concat();
    let authentication = [&[4][..], &[0; 22]].concat();
    for (name, frame) in [
        ("IPv4", over_v4(&plain)),
        ("VLAN", ethernet_frame(&[VLAN], TYPE_IPV4, &plain)),
        ("QinQ", ethernet_frame(&[QINQ, VLAN], TYPE_IPV4, &plain)),
        ("old QinQ", ethernet_frame(&[OLD_QINQ, VLAN], TYPE_IPV6, &six)),
        ("options", over_v4(&v4(&[1; 40], 0, PROTOCOL_UDP, &udp))),
        ("padding", [over_v4(&plain), vec![b'4'; 46]].concat()),
        ("IPv6", over_v6(&six)),
        ("hop-by-hop", over_v6(&v6(&[(HOP_BY_HOP, &SHORT)], PROTOCOL_UDP, &udp))),
        ("routing", over_v6(&v6(&[(ROUTING, &SHORT)], PROTOCOL_UDP, &udp))),
        ("24 bytes", over_v6(&v6(&[(DESTINATION_OPTIONS, &long)], PROTOCOL_UDP, &udp))),
        ("authentication", over_v6(&v6(&[(AUTHENTICATION, &authentication)], PROTOCOL_UDP, &udp))),
        ("atomic fragment", over_v6(&v6(&[atomic], PROTOCOL_UDP, &udp))),
        (
            "all in order",
            over_v6(&v6(
                &[(HOP_BY_HOP, &SHORT), (ROUTING, &SHORT), atomic, (DESTINATION_OPTIONS, &SHORT)],
                PROTOCOL_UDP,
                &udp,
            )),
        ),
        ("seven extensions", over_v6(&v6(&[(ROUTING, &SHORT[..]); 7], PROTOCOL_UDP, &udp))),
    ] {
        assert_eq!(read(&frame), Ok((Part::Whole, TEXT)), "{name}");
        // A frame that ends earlier, with all lengths as they are, has no text.
        let end = frame.len() - usize::from(name == "padding") * 46;
        for length in 0..end {
            let cut = read(&frame[..length]);
            assert_eq!(cut, Err(Outcome::BrokenFrame), "{name}, cut to {length} bytes");
        }
    }
}

#[test]
#[rustfmt::skip]
fn what_has_no_text_says_why() {
    let udp = datagram(TEXT);
    let plain = v4(&[], 0, PROTOCOL_UDP, &udp);
    let with = |at: usize, byte: u8| {
        let mut frame = over_v4(&plain);
        frame[at] = byte;
        frame
    };
    let other = |protocol| over_v4(&v4(&[], 0, protocol, &udp));
    let far: Vec<u8> = [&[200, 0][..], &[0; 1605]].concat();
    for (name, frame, outcome) in [
        ("ARP", ethernet_frame(&[], TYPE_ARP, &plain), Outcome::NotIp),
        ("a length", ethernet_frame(&[], 60, &plain), Outcome::NotIp),
        ("PPPoE", ethernet_frame(&[], TYPE_PPPOE, &plain), Outcome::Tunnel),
        ("three tags", ethernet_frame(&[VLAN; 3], TYPE_IPV4, &plain), Outcome::DeepVlan),
        ("version 6 in IPv4", with(14, 0x65), Outcome::BrokenFrame),
        ("a header of 16 bytes", with(14, 0x44), Outcome::BrokenFrame),
        ("a total length of 19", with(17, 19), Outcome::BrokenFrame),
        ("longer than the frame", with(16, 1), Outcome::BrokenFrame),
        ("length of the header alone", with(17, 20), Outcome::BrokenFrame),
        ("half a UDP header", with(17, 24), Outcome::BrokenFrame),
        ("shorter than UDP says", with(17, 40), Outcome::LengthMismatch),
        ("another port", with(37, 1), Outcome::OtherPort),
        ("TCP to the port", other(PROTOCOL_TCP), Outcome::Tcp),
        ("a later fragment of TCP", over_v4(&v4(&[], 9, PROTOCOL_TCP, &udp)), Outcome::OtherPort),
        ("ICMP", other(1), Outcome::NotUdp),
        ("UDP-Lite", other(136), Outcome::NotUdp),
        ("IPIP", other(IPIP), Outcome::Tunnel),
        ("IPv6 in IPv4", other(IPV6_IN_IP), Outcome::Tunnel),
        ("GRE", other(GRE), Outcome::Tunnel),
        ("ESP", other(ESP), Outcome::Tunnel),
        ("a whole one that goes on", over_v4(&v4(&[], 0x2000, PROTOCOL_UDP, &udp)),
            Outcome::LengthMismatch),
        ("a later fragment", over_v4(&v4(&[], 0x2001, PROTOCOL_UDP, &udp)), Outcome::LaterFragment),
        ("no payload in IPv6", over_v6(&v6(&[], PROTOCOL_UDP, &[])), Outcome::BrokenFrame),
        ("version 4 in IPv6", over_v6(&plain), Outcome::BrokenFrame),
        ("no next header", over_v6(&v6(&[], 59, &udp)), Outcome::NotUdp),
        ("an unknown extension", over_v6(&v6(&[(135, &SHORT)], PROTOCOL_UDP, &udp)),
            Outcome::NotUdp),
        ("twelve extensions", over_v6(&v6(&[(ROUTING, &SHORT[..]); 12], PROTOCOL_UDP, &udp)),
            Outcome::DeepExtensions),
        ("an extension beyond all headers", over_v6(&v6(&[(ROUTING, &far)], PROTOCOL_UDP, &udp)),
            Outcome::DeepExtensions),
        ("an extension longer than the packet",
            over_v6(&v6(&[(ROUTING, &[255, 0, 0, 0, 0, 0, 0])], PROTOCOL_UDP, &udp)),
            Outcome::BrokenFrame),
        ("half a hop-by-hop header", over_v6(&v6(&[], HOP_BY_HOP, &[17])), Outcome::BrokenFrame),
        ("half a fragment header", over_v6(&v6(&[], FRAGMENT, &[17, 0, 0])), Outcome::BrokenFrame),
        ("a later fragment of IPv6",
            over_v6(&v6(&[(FRAGMENT, &[0, 0, 9, 0, 0, 0, 9])], PROTOCOL_UDP, &udp)),
            Outcome::LaterFragment),
    ] {
        assert_eq!(read(&frame), Err(outcome), "{name}");
    }
}

#[test]
#[rustfmt::skip]
fn fragments_say_where_they_belong() {
    let part = &datagram(TEXT)[..24];
    let six: [(u8, &[u8]); 1] = [(FRAGMENT, &[0, 0x12, 0x31, 0, 0, 0, 9])];
    let mut walk = Extensions::default();
    for (name, frame, offset, more) in [
        ("first", over_v4(&v4(&[], 0x2000, PROTOCOL_UDP, part)), 0, true),
        ("middle", over_v4(&v4(&[], 0x2123, PROTOCOL_UDP, part)), 0x123, true),
        ("last", over_v4(&v4(&[], 0x0123, PROTOCOL_UDP, part)), 0x123, false),
        ("IPv6", over_v6(&v6(&six, PROTOCOL_UDP, part)), 0x246, true),
    ] {
        let frame = &frame[..];
        let at = ethernet(frame).unwrap();
        let ip = ip::<PlainLoop, _>(frame, at, || Some(&mut walk)).unwrap();
        assert_eq!((ip.fragment_offset, ip.has_more), (offset, more), "{name}");
        let key = ip.fragment_key(frame).unwrap();
        assert_eq!(key.protocol, u32::from(PROTOCOL_UDP), "{name}");
        let identification = if name == "IPv6" { [0, 0, 0, 9] } else { [7, 8, 0, 0] };
        assert_eq!(key.identification.to_ne_bytes(), identification, "{name}");
    }
}

#[test]
fn addresses_and_ports_are_the_packets() {
    let udp_bytes = datagram(TEXT);
    let mut walk = Extensions::default();
    let frame = &over_v4(&v4(&[1; 4], 0, PROTOCOL_UDP, &udp_bytes))[..];
    let ip4 = ip::<PlainLoop, _>(frame, (TYPE_IPV4, ETHERNET), || Some(&mut walk)).unwrap();
    let [source, destination] = ip4.addresses(frame).unwrap();
    assert_eq!(source, mapped([192, 0, 2, 1]));
    assert_eq!(destination, mapped([198, 51, 100, 2]));
    let udp = udp(frame, ip4.offset, ip4.length).unwrap();
    assert_eq!((udp.source_port, udp.destination_port), (12345, PORT));
    let frame = &over_v6(&v6(&[], PROTOCOL_UDP, &udp_bytes))[..];
    let ip6 = ip::<PlainLoop, _>(frame, (TYPE_IPV6, ETHERNET), || Some(&mut walk)).unwrap();
    assert_eq!(ip6.addresses(frame), Some([[0xFD; 16], [0xFE; 16]]));
}

#[test]
fn segments_have_their_text_behind_options() {
    let mut segment = [&datagram(&[])[..4], &[0; 8], &[0x60, 0x18], &[0; 10]].concat();
    segment.extend(TEXT);
    let length = segment.len() as u32;
    let tcp_header = tcp(&segment[..], 0, length).unwrap();
    assert_eq!(tcp_header.destination_port, PORT);
    assert_eq!(&segment[tcp_header.offset as usize..], TEXT);
    for (name, words) in [
        ("a header of 16 bytes", 0x40),
        ("longer than the packet", 0xF0),
    ] {
        segment[12] = words;
        segment.truncate(40);
        assert_eq!(
            tcp(&segment[..], 0, 40),
            Err(Outcome::BrokenFrame),
            "{name}"
        );
    }
}

proptest! {
    /// Whatever the bytes say: no panic, and a text is inside of the frame.
    #[test]
    fn any_bytes_are_read_safely(
        mut frame in prop::collection::vec(any::<u8>(), 0..1400),
        kind in prop::sample::select(vec![TYPE_IPV4, TYPE_IPV6, TYPE_VLAN]),
        version in prop::sample::select(vec![0x45_u8, 0x46, 0x60]),
        protocol in prop::sample::select(vec![0_u8, 6, 17, 43, 44, 51, 60]),
    ) {
        for (at, byte) in [(12, kind.to_be_bytes()[0]), (13, kind.to_be_bytes()[1]),
            (14, version), (16, 0), (18, 0), (20, protocol), (23, protocol)] {
            if let Some(place) = frame.get_mut(at) {
                *place = byte;
            }
        }
        if let Ok((part, text)) = read(&frame) {
            prop_assert!(part != Part::Later);
            prop_assert!(text.len() + 42 <= frame.len());
        }
    }
}
