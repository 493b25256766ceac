//! Ethernet, VLAN tags, IP headers and UDP lengths around an ordinary INVITE.

use crate::datagram::{Checksum, Datagram, Frame};
use crate::invite::Invite;
use crate::standard::{PLAIN, PLAIN_V6};
use blacklist_common::outcome::Outcome;

use super::Row;

const VLAN: u16 = 0x8100;
const QINQ: u16 = 0x88A8;
const OLD_QINQ: u16 = 0x9100;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const AUTHENTICATION: u8 = 51;
const DESTINATION_OPTIONS: u8 = 60;

fn v4(text: Vec<u8>) -> Datagram {
    Datagram::new(PLAIN, text)
}

fn v6(text: Vec<u8>) -> Datagram {
    Datagram::new(PLAIN_V6, text)
}

/// The rest of an extension header of eight bytes: no more words, padding.
const SHORT: [u8; 7] = [0, 1, 4, 0, 0, 0, 0];

fn length(text: &[u8]) -> u16 {
    u16::try_from(text.len()).unwrap()
}

fn same(evasion: u8, name: &'static str, frame: fn(Vec<u8>) -> Frame) -> Row {
    Row::same(evasion, name, &Invite::new()).inside(frame)
}

fn passes(evasion: u8, name: &'static str, outcome: Outcome, frame: fn(Vec<u8>) -> Frame) -> Row {
    Row::passes(evasion, name, outcome, Invite::new().template()).inside(frame)
}

pub(super) fn rows() -> Vec<Row> {
    let mut rows = extensions();
    rows.extend(tags());
    rows.extend(options());
    rows.extend(lengths());
    rows.extend(large());
    rows.extend(others());
    rows
}

#[rustfmt::skip]
fn extensions() -> Vec<Row> {
    vec![
        same(37, "IPv6", |text| v6(text).frame()),
        same(37, "hop-by-hop", |text| {
            v6(text).extension(HOP_BY_HOP, SHORT).frame()
        }),
        same(37, "routing", |text| {
            v6(text).extension(ROUTING, SHORT).frame()
        }),
        same(37, "destination options of 24 bytes", |text| {
            let rest = [&[2, 1, 20][..], &[0; 20]].concat();
            v6(text).extension(DESTINATION_OPTIONS, rest).frame()
        }),
        same(37, "authentication", |text| {
            let rest = [&[4][..], &[0; 22]].concat();
            v6(text).extension(AUTHENTICATION, rest).frame()
        }),
        same(37, "atomic fragment", |text| v6(text).atomic().frame()),
        same(37, "all in order", |text| {
            v6(text)
                .extension(HOP_BY_HOP, SHORT)
                .extension(DESTINATION_OPTIONS, SHORT)
                .extension(ROUTING, SHORT)
                .atomic()
                .extension(DESTINATION_OPTIONS, SHORT)
                .frame()
        }),
        same(37, "seven of them", |text| {
            (0..7)
                .fold(v6(text), |frame, _| {
                    frame.extension(DESTINATION_OPTIONS, SHORT)
                })
                .frame()
        }),
        passes(37, "twelve of them", Outcome::DeepExtensions, |text| {
            let deep = (0..12).fold(v6(text), |frame, _| {
                frame.extension(DESTINATION_OPTIONS, SHORT)
            });
            deep.frame().unread()
        }),
        passes(37, "longer than the packet", Outcome::BrokenFrame, |text| {
            v6(text)
                .extension(DESTINATION_OPTIONS, [255, 0, 0, 0, 0, 0, 0])
                .frame()
                .unread()
        }),
        passes(37, "extension beyond what is read of headers", Outcome::DeepExtensions,
            |text| { let rest = [&[200, 0][..], &[0; 1605]].concat(); v6(text)
            .extension(DESTINATION_OPTIONS, rest).frame().unread() }),
        passes(37, "unknown extension", Outcome::NotUdp, |text| {
            v6(text).extension(135, SHORT).frame().unread()
        }),
        passes(37, "no next header", Outcome::NotUdp, |text| {
            v6(text).protocol(59).frame().unread()
        }),
        passes(37, "payload length zero", Outcome::BrokenFrame, |text| {
            v6(text).ip_length(0).frame().unread()
        }),
    ]
}

fn tags() -> Vec<Row> {
    vec![
        same(38, "VLAN", |text| v4(text).tag(VLAN).frame()),
        same(38, "VLAN, IPv6", |text| v6(text).tag(VLAN).frame()),
        same(38, "QinQ", |text| v4(text).tag(VLAN).tag(QINQ).frame()),
        same(38, "QinQ, IPv6", |text| {
            v6(text).tag(VLAN).tag(QINQ).frame()
        }),
        same(38, "old QinQ", |text| {
            v4(text).tag(VLAN).tag(OLD_QINQ).frame()
        }),
        same(38, "two VLAN", |text| v4(text).tag(VLAN).tag(VLAN).frame()),
        passes(38, "a third tag", Outcome::DeepVlan, |text| {
            v4(text).tag(VLAN).tag(VLAN).tag(QINQ).frame().unread()
        }),
        passes(38, "a third tag, IPv6", Outcome::DeepVlan, |text| {
            v6(text).tag(VLAN).tag(VLAN).tag(VLAN).frame().unread()
        }),
    ]
}

fn options() -> Vec<Row> {
    vec![
        same(39, "four bytes of options", |text| {
            v4(text).options([1, 1, 1, 0]).frame()
        }),
        same(39, "forty bytes of options", |text| {
            v4(text).options([1; 40]).frame()
        }),
        same(39, "router alert behind a tag", |text| {
            v4(text).options([0x94, 4, 0, 0]).tag(VLAN).frame()
        }),
        passes(
            39,
            "header shorter than it can be",
            Outcome::BrokenFrame,
            |text| {
                let mut frame = v4(text).frame().unread();
                frame.bytes[14] = 0x44;
                frame
            },
        ),
        passes(
            39,
            "header longer than the packet",
            Outcome::BrokenFrame,
            |text| {
                let mut frame = v4(text).ip_length(40).frame().unread();
                frame.bytes[14] = 0x4F;
                frame
            },
        ),
        passes(
            39,
            "another version in IPv4",
            Outcome::BrokenFrame,
            |text| {
                let mut frame = v4(text).frame().unread();
                frame.bytes[14] = 0x65;
                frame
            },
        ),
        passes(
            39,
            "another version in IPv6",
            Outcome::BrokenFrame,
            |text| {
                let mut frame = v6(text).frame().unread();
                frame.bytes[14] = 0x40;
                frame
            },
        ),
    ]
}

#[rustfmt::skip]
fn lengths() -> Vec<Row> {
    let mismatch = |name, frame| passes(41, name, Outcome::LengthMismatch, frame);
    vec![
        same(40, "checksum zero", |text| {
            v4(text).checksum(Checksum::Zero).frame()
        }),
        same(40, "checksum wrong", |text| {
            v4(text).checksum(Checksum::Wrong).frame()
        }),
        same(40, "checksum zero, IPv6", |text| {
            v6(text).checksum(Checksum::Zero).frame()
        }),
        same(40, "checksum wrong, IPv6", |text| {
            v6(text).checksum(Checksum::Wrong).frame()
        }),
        same(41, "padding", |text| v4(text).padding(46).frame()),
        same(41, "padding, IPv6", |text| v6(text).padding(7).frame()),
        Row::passes(41, "a short datagram with padding", Outcome::NotInvite, b"INVITE".to_vec())
            .inside(|text| v4(text).padding(40).frame()),
        Row::passes(41, "an empty datagram with padding", Outcome::KeepAlive, Vec::new())
            .inside(|text| v4(text).padding(40).frame()),
        mismatch("UDP length shorter", |text| {
            let said = length(&text) + 7;
            v4(text).said(said).frame().unread()
        }),
        mismatch("UDP length cuts the body off", |text| {
            let said = length(&text) - 100;
            v4(text).said(said).frame().unread()
        }),
        mismatch("UDP length longer", |text| {
            let said = length(&text) + 9;
            v4(text).said(said).frame().unread()
        }),
        mismatch("UDP length longer, within padding", |text| {
            let said = length(&text) + 12;
            v4(text).said(said).padding(50).frame().unread()
        }),
        mismatch("UDP length zero", |text| v6(text).said(0).frame().unread()),
        mismatch("UDP length of less than its header", |text| {
            v4(text).said(7).frame().unread()
        }),
        mismatch("IP length shorter", |text| {
            let total = length(&text) + 27;
            v4(text).ip_length(total).frame().unread()
        }),
        mismatch("IPv6 length shorter", |text| {
            let total = length(&text) + 7;
            v6(text).ip_length(total).frame().unread()
        }),
        passes(41, "IP length longer than the frame", Outcome::BrokenFrame,
            |text| { let total = length(&text) + 29; v4(text).ip_length(total).frame().unread() }),
        passes(41, "IPv6 length longer than the frame", Outcome::BrokenFrame,
            |text| { let total = length(&text) + 9; v6(text).ip_length(total).frame().unread() }),
        passes(41, "IP length of the header alone", Outcome::BrokenFrame, |text| v4(text)
            .ip_length(20).frame().unread()),
        passes(41, "IP length of half a UDP header", Outcome::BrokenFrame, |text| v4(text)
            .ip_length(24).frame().unread()),
    ]
}

fn large() -> Vec<Row> {
    let padded = |bytes: usize| Invite::new().first(format!("X-Filler: {}", "a".repeat(bytes)));
    vec![
        Row::same(
            42,
            "jumbo frame, From in the first buffer",
            &Invite::new().body(vec![b'b'; 8000]),
        ),
        Row::same(42, "jumbo frame, From in a later buffer", &padded(5000)),
        Row::same(
            42,
            "jumbo frame, From across the first buffers",
            &padded(3200),
        ),
        Row::same(42, "jumbo frame, IPv6", &padded(9000)).inside(|text| v6(text).frame()),
        Row::same(
            42,
            "the largest datagram",
            &Invite::new().body(vec![b'b'; 60_000]),
        ),
    ]
}

fn others() -> Vec<Row> {
    let port = |name, outcome, frame| passes(44, name, outcome, frame);
    let tunnel = |name, frame| passes(44, name, Outcome::Tunnel, frame);
    vec![
        passes(43, "TCP", Outcome::Tcp, |text| {
            v4(text).protocol(6).frame().unread()
        }),
        passes(43, "TCP over IPv6", Outcome::Tcp, |text| {
            v6(text).protocol(6).frame().unread()
        }),
        passes(43, "TCP to another port", Outcome::OtherPort, |text| {
            v4(text).protocol(6).to_port(5061).frame().unread()
        }),
        same(44, "the other judged port", |text| {
            v4(text).to_port(5080).frame()
        }),
        port("port 5061", Outcome::OtherPort, |text| {
            v4(text).to_port(5061).frame().unread()
        }),
        port("port 0", Outcome::OtherPort, |text| {
            v4(text).to_port(0).frame().unread()
        }),
        port("port 65535", Outcome::OtherPort, |text| {
            v6(text).to_port(65535).frame().unread()
        }),
        tunnel("GRE", |text| v4(text).protocol(47).frame().unread()),
        tunnel("IPIP", |text| v4(text).protocol(4).frame().unread()),
        tunnel("IPv6 in IPv4", |text| {
            v4(text).protocol(41).frame().unread()
        }),
        tunnel("ESP", |text| v6(text).protocol(50).frame().unread()),
        tunnel("PPPoE", |text| {
            let mut frame = v4(text).frame().unread();
            frame.bytes[12..14].copy_from_slice(&[0x88, 0x64]);
            frame
        }),
        port("GTP", Outcome::OtherPort, |text| {
            v4(text).to_port(2152).frame().unread()
        }),
        port("ICMP", Outcome::NotUdp, |text| {
            v4(text).protocol(1).frame().unread()
        }),
        port("UDP-Lite", Outcome::NotUdp, |text| {
            v4(text).protocol(136).frame().unread()
        }),
        port("ARP", Outcome::NotIp, |text| {
            let mut frame = v4(text).frame().unread();
            frame.bytes[12..14].copy_from_slice(&[8, 6]);
            frame
        }),
        port("an Ethernet length", Outcome::NotIp, |text| {
            let mut frame = v4(text).frame().unread();
            frame.bytes[12..14].copy_from_slice(&[0, 60]);
            frame
        }),
    ]
}
