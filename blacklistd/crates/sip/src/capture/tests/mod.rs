//! Captures built byte by byte, and two written by other programs.

mod damage;
mod fragments;

use std::io::{self, Read};

use etherparse::PacketBuilder;

use super::*;

const TEXT: &str = "INVITE sip:+13125550100@198.18.0.2 SIP/2.0\r\nFrom: <sip:+14155550101@198.18.0.1>;tag=1\r\n\
    To: <sip:+13125550100@198.18.0.2>\r\nCall-ID: one@here\r\nCSeq: 1 INVITE\r\n\r\n";

fn frame(text: &[u8]) -> Vec<u8> {
    let builder = PacketBuilder::ethernet2([2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2])
        .ipv4([198, 18, 0, 1], [198, 18, 0, 2], 64)
        .udp(5062, 5060);
    let mut frame = Vec::new();
    builder.write(&mut frame, text).unwrap();
    frame
}

fn ip(text: &[u8]) -> Vec<u8> {
    frame(text)[14..].to_vec()
}

/// Writes the parts of a file in either byte order.
#[derive(Clone, Copy)]
enum Order {
    Big,
    Little,
}

impl Order {
    fn u16(self, value: u16) -> [u8; 2] {
        match self {
            Self::Big => value.to_be_bytes(),
            Self::Little => value.to_le_bytes(),
        }
    }

    fn u32(self, value: u32) -> [u8; 4] {
        match self {
            Self::Big => value.to_be_bytes(),
            Self::Little => value.to_le_bytes(),
        }
    }

    fn pcap(self, magic: u32, link: u32, packets: &[Vec<u8>]) -> Vec<u8> {
        let mut file = Vec::new();
        file.extend(self.u32(magic));
        file.extend(self.u16(2));
        file.extend(self.u16(4));
        for word in [0, 0, 65_535, link] {
            file.extend(self.u32(word));
        }
        for packet in packets {
            let length = u32::try_from(packet.len()).unwrap();
            for word in [1_795_212_000, 123_456, length, length] {
                file.extend(self.u32(word));
            }
            file.extend(packet);
        }
        file
    }

    fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut padded = body.to_vec();
        padded.resize(body.len().next_multiple_of(4), 0);
        let length = u32::try_from(padded.len() + 12).unwrap();
        let mut block = Vec::new();
        block.extend(self.u32(kind));
        block.extend(self.u32(length));
        block.extend(padded);
        block.extend(self.u32(length));
        block
    }

    /// `digits` is the number of decimal digits of the time resolution.
    fn pcapng(self, link: u16, digits: u8, packets: &[Vec<u8>]) -> Vec<u8> {
        let mut section = Vec::new();
        section.extend(self.u32(0x1A2B_3C4D));
        section.extend(self.u16(1));
        section.extend(self.u16(0));
        section.extend([0xFF; 8]);
        let mut file = self.block(0x0A0D_0D0A, &section);
        let mut interface = Vec::new();
        interface.extend(self.u16(link));
        interface.extend(self.u16(0));
        interface.extend(self.u32(65_535));
        interface.extend(self.u16(9));
        interface.extend(self.u16(1));
        interface.extend([digits, 0, 0, 0]);
        interface.extend(self.u32(0));
        file.extend(self.block(1, &interface));
        for packet in packets {
            let length = u32::try_from(packet.len()).unwrap();
            let ticks = 1_795_212_000 * 10_u64.pow(digits.into()) + 123_456;
            let mut body = Vec::new();
            for word in [
                0,
                u32::try_from(ticks >> 32).unwrap(),
                u32::try_from(ticks & 0xFFFF_FFFF).unwrap(),
                length,
                length,
            ] {
                body.extend(self.u32(word));
            }
            body.extend(packet);
            file.extend(self.block(6, &body));
        }
        file
    }
}

const MICROSECONDS: u32 = 0xA1B2_C3D4;
const NANOSECONDS: u32 = 0xA1B2_3C4D;

fn call(file: &[u8]) -> CapturedCall {
    let capture = read(file).unwrap();
    assert_eq!(
        (capture.calls.len(), capture.problem.as_deref()),
        (1, None),
        "{:?}",
        capture.counts
    );
    capture.calls[0].clone()
}

#[test]
fn files_of_both_kinds_and_orders_say_when() {
    let packets = [frame(TEXT.as_bytes())];
    let rows = [
        (
            "pcap",
            Order::Little.pcap(MICROSECONDS, 1, &packets),
            "2026-11-20T22:00:00.123456Z",
        ),
        (
            "pcap, other order",
            Order::Big.pcap(MICROSECONDS, 1, &packets),
            "2026-11-20T22:00:00.123456Z",
        ),
        (
            "nanoseconds",
            Order::Little.pcap(NANOSECONDS, 1, &packets),
            "2026-11-20T22:00:00.000123456Z",
        ),
        (
            "nanoseconds, other order",
            Order::Big.pcap(NANOSECONDS, 1, &packets),
            "2026-11-20T22:00:00.000123456Z",
        ),
        (
            "pcapng",
            Order::Little.pcapng(1, 6, &packets),
            "2026-11-20T22:00:00.123456Z",
        ),
        (
            "pcapng, other order",
            Order::Big.pcapng(1, 6, &packets),
            "2026-11-20T22:00:00.123456Z",
        ),
        (
            "pcapng, nanoseconds",
            Order::Little.pcapng(1, 9, &packets),
            "2026-11-20T22:00:00.000123456Z",
        ),
    ];
    for (name, file, at) in rows {
        let call = call(&file);
        assert_eq!(call.at, Some(at.parse().unwrap()), "{name}");
        assert_eq!(call.source, "198.18.0.1:5062".parse().unwrap(), "{name}");
        assert_eq!(
            call.destination,
            "198.18.0.2:5060".parse().unwrap(),
            "{name}"
        );
        assert_eq!(call.text, TEXT.as_bytes(), "{name}");
        assert_eq!(call.call_id.as_deref(), Some("one@here"), "{name}");
        assert_eq!(call.frame.as_ref(), Some(&packets[0]), "{name}");
        assert!(!call.is_cut, "{name}");
    }
}

fn with(header: &[u8], packet: &[u8]) -> Vec<u8> {
    [header, packet].concat()
}

#[test]
fn every_link_is_read() {
    let packet = ip(TEXT.as_bytes());
    let cooked = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0];
    let cooked_2 = [8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
    let ethernet = frame(TEXT.as_bytes());
    let tagged = [&ethernet[..12], &[0x81, 0, 0, 7], &ethernet[12..]].concat();
    let twice = [
        &ethernet[..12],
        &[0x88, 0xA8, 0, 8, 0x81, 0, 0, 7],
        &ethernet[12..],
    ]
    .concat();
    let rows = [
        ("VLAN", 1, tagged, true),
        ("QinQ", 1, twice, true),
        ("raw", 101, packet.clone(), false),
        ("IPv4", 228, packet.clone(), false),
        ("cooked", 113, with(&cooked, &packet), false),
        ("cooked, version 2", 276, with(&cooked_2, &packet), false),
        ("loopback", 0, with(&[2, 0, 0, 0], &packet), false),
        (
            "loopback, other order",
            0,
            with(&[0, 0, 0, 2], &packet),
            false,
        ),
        (
            "loopback of OpenBSD",
            108,
            with(&[0, 0, 0, 2], &packet),
            false,
        ),
    ];
    for (name, link, bytes, has_frame) in rows {
        let call = call(&Order::Little.pcap(MICROSECONDS, link, &[bytes]));
        assert_eq!(call.text, TEXT.as_bytes(), "{name}");
        assert_eq!(call.frame.is_some(), has_frame, "{name}");
    }
}

#[test]
fn calls_over_ipv6_are_read() {
    let address = |last| [0xFD, 0, 0xB1, 0xAC, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
    let builder = PacketBuilder::ethernet2([0; 6], [0; 6])
        .ipv6(address(1), address(2), 64)
        .udp(5060, 5080);
    let mut bytes = Vec::new();
    builder.write(&mut bytes, TEXT.as_bytes()).unwrap();
    let call = call(&Order::Little.pcapng(1, 6, &[bytes]));
    assert_eq!(call.source, "[fd00:b1ac::1]:5060".parse().unwrap());
    assert_eq!(call.destination, "[fd00:b1ac::2]:5080".parse().unwrap());
}

#[test]
fn what_is_sent_again_is_one_call() {
    let other = TEXT.replace("one@here", "two@here");
    let nameless = TEXT.replace("Call-ID: one@here\r\n", "");
    let again = TEXT.replace("CSeq: 1", "CSeq: 2");
    let texts = [TEXT, &other, TEXT, &nameless, &again, &nameless];
    let packets: Vec<Vec<u8>> = texts.iter().map(|text| frame(text.as_bytes())).collect();
    let capture = read(&Order::Little.pcap(MICROSECONDS, 1, &packets)[..]).unwrap();
    let found: Vec<(u64, Option<&str>, u32)> = capture
        .calls
        .iter()
        .map(|call| (call.packet, call.call_id.as_deref(), call.sent))
        .collect();
    assert_eq!(
        found,
        [
            (1, Some("one@here"), 3),
            (2, Some("two@here"), 1),
            (4, None, 2)
        ]
    );
    assert_eq!(capture.counts.invites, 6);
}

#[test]
fn what_is_no_invite_is_no_call() {
    let register = TEXT.replacen("INVITE ", "REGISTER ", 1);
    let texts: [&[u8]; 5] = [
        register.as_bytes(),
        b"\r\n\r\n",
        b"",
        b"invites sip:x SIP/2.0\r\n\r\n",
        b"SIP/2.0 200 OK\r\n\r\n",
    ];
    let mut packets: Vec<Vec<u8>> = texts.iter().map(|text| frame(text)).collect();
    packets.push(frame(format!("\r\n\r\n{TEXT}").as_bytes()));
    packets.push(vec![1, 2, 3]);
    let capture = read(&Order::Little.pcap(MICROSECONDS, 1, &packets)[..]).unwrap();
    assert_eq!((capture.calls.len(), capture.calls[0].packet), (1, 6));
    assert_eq!(
        (capture.counts.packets, capture.counts.unread_packets),
        (7, 1)
    );
}

#[test]
fn connections_are_read_where_a_segment_holds_the_message() {
    let segment = |text: &str| {
        let builder = PacketBuilder::ethernet2([0; 6], [0; 6])
            .ipv4([198, 18, 0, 1], [198, 18, 0, 2], 64)
            .tcp(40_000, 5060, 1, 1000);
        let mut bytes = Vec::new();
        builder.write(&mut bytes, text.as_bytes()).unwrap();
        bytes
    };
    let packets = [segment(TEXT), segment(&TEXT[..60])];
    let capture = read(&Order::Little.pcap(MICROSECONDS, 1, &packets)[..]).unwrap();
    assert_eq!(
        (capture.calls.len(), capture.calls[0].carrier),
        (1, Carrier::Tcp)
    );
    assert_eq!(capture.counts.unread_tcp_invites, 1);
}

#[test]
fn packets_that_were_cut_are_marked() {
    let mut file = Order::Little.pcap(MICROSECONDS, 1, &[frame(TEXT.as_bytes())]);
    let kept = 150_u32;
    file[24 + 8..24 + 12].copy_from_slice(&kept.to_le_bytes());
    file.truncate(24 + 16 + 150);
    let call = call(&file);
    assert!(call.is_cut);
    assert_eq!(call.text, &TEXT.as_bytes()[..150 - 42]);
}

#[test]
fn a_damaged_file_is_read_up_to_there() {
    let packets: Vec<Vec<u8>> = (0..3)
        .map(|number| {
            frame(
                TEXT.replace("one@here", &format!("{number}@here"))
                    .as_bytes(),
            )
        })
        .collect();
    for file in [
        Order::Little.pcap(MICROSECONDS, 1, &packets),
        Order::Big.pcapng(1, 6, &packets),
    ] {
        let capture = read(&file[..file.len() - 10]).unwrap();
        assert_eq!(capture.calls.len(), 2);
        assert_eq!(
            capture.problem.as_deref(),
            Some("the capture ends in the middle of a packet; read up to packet 2")
        );
    }
    let mut file = Order::Little.pcap(MICROSECONDS, 1, &packets);
    let second = 24 + 16 + packets[0].len();
    file[second + 8..second + 12].fill(0xFF);
    let capture = read(&file[..]).unwrap();
    assert_eq!(capture.calls.len(), 1);
    assert!(capture.problem.unwrap().ends_with("read up to packet 1"));
}

#[test]
fn what_is_no_capture_is_refused() {
    for file in [
        &b""[..],
        b"number,comment\n1,2\n",
        b"\x1F\x8B\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
    ] {
        let error = read(file).unwrap_err().to_string();
        assert!(error.starts_with("this is not a capture: "), "{error}");
    }
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::ErrorKind::PermissionDenied.into())
        }
    }
    assert!(matches!(read(Broken), Err(CaptureError::Unreadable(_))));
}

/// Written by tshark, see `tests/data/captures/README.md`.
#[test]
fn captures_of_another_program_are_read() {
    let rows: [(&[u8], bool); 2] = [
        (
            include_bytes!("../../../../../../tests/data/captures/veth.pcap"),
            true,
        ),
        (
            include_bytes!("../../../../../../tests/data/captures/cooked.pcap"),
            false,
        ),
    ];
    for (file, has_frames) in rows {
        let capture = read(file).unwrap();
        let found: Vec<(&str, u32, usize)> = capture
            .calls
            .iter()
            .map(|call| (call.call_id.as_deref().unwrap(), call.sent, call.text.len()))
            .collect();
        let expected = [
            ("exact@lab", 2, 256),
            ("prefix@lab", 1, 257),
            ("fragmented@lab", 1, 2276),
            ("six@lab", 1, 252),
            ("six-fragmented@lab", 1, 2281),
        ];
        assert_eq!(found, expected);
        assert!(
            capture
                .calls
                .iter()
                .all(|call| call.frame.is_some() == has_frames && !call.is_cut)
        );
        assert_eq!(
            capture.calls[3].source,
            "[fd00:b1ac::1]:5063".parse().unwrap()
        );
        assert_eq!((capture.problem, capture.counts.lost_fragments), (None, 0));
    }
}

/// Three IPv6 packets that end where an extension header should begin; see
/// `tests/data/captures/README.md`.
#[test]
fn half_an_extension_header_is_not_read() {
    let file =
        include_bytes!("../../../../../../tests/data/captures/half-a-hop-by-hop-header.pcap");
    let capture = read(&file[..]).unwrap();
    let expected = CaptureCounts {
        packets: 3,
        unread_packets: 3,
        ..CaptureCounts::default()
    };
    assert_eq!((capture.calls.len(), capture.problem), (0, None));
    assert_eq!(capture.counts, expected);
}
