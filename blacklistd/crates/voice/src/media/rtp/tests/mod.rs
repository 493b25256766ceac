//! RTP, without a network if possible, otherwise over the loopback interface.

mod digits;
mod packets;
mod ports;
mod relay;
mod session;
mod source;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::*;
use crate::media::law::Law;

/// Settings of a stream with A-law and digits.
fn settings(remote: Option<&str>) -> SessionSettings {
    SessionSettings {
        law: Law::A,
        payload_type: 8,
        digits: Some(101),
        remote: remote.map(|remote| remote.parse().unwrap()),
        allowed: Vec::new(),
        may_send_first: false,
        sends: true,
        receives: true,
        idle: Duration::from_secs(20),
    }
}

/// A packet from the peer.
fn packet(payload_type: u8, sequence: u16, timestamp: u32, stream: u32, payload: &[u8]) -> Vec<u8> {
    rtp_types::RtpPacketBuilder::<&[u8], &[u8]>::new()
        .payload_type(payload_type)
        .sequence_number(sequence)
        .timestamp(timestamp)
        .ssrc(stream)
        .payload(payload)
        .write_vec()
        .unwrap()
}

/// `count` free even ports of this host, below the ephemeral range.
fn free_ports(count: u16) -> Ports {
    let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let span = count * 2;
    for _ in 0..1000 {
        let start = fastrand::u16(5_000..15_000) * 2;
        let is_free = |port| std::net::UdpSocket::bind((host, port)).is_ok();
        if (start..start + span).step_by(2).all(is_free) {
            return Ports::new(host, start..=start + span - 1).unwrap();
        }
    }
    panic!("there are no free ports");
}
