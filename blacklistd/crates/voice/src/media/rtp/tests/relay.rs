//! Relayed packets between two sides.

use std::time::Duration;

use tokio::net::UdpSocket;

use crate::media::law::Law;
use crate::media::rtp::{Ports, Relay, SessionSettings, Side};

fn settings(remote: &UdpSocket, payload_type: u8, digits: u8) -> SessionSettings {
    SessionSettings {
        law: Law::A,
        payload_type,
        digits: Some(digits),
        remote: Some(remote.local_addr().unwrap()),
        allowed: Vec::new(),
        may_send_first: true,
        sends: true,
        receives: true,
        idle: Duration::from_secs(20),
    }
}

async fn phone() -> UdpSocket {
    UdpSocket::bind("127.0.0.1:0").await.unwrap()
}

async fn hear(phone: &UdpSocket) -> Option<Vec<u8>> {
    let mut buffer = [0; 2000];
    let received = phone.recv_from(&mut buffer);
    let received = tokio::time::timeout(Duration::from_millis(300), received).await;
    received.ok().map(|result| {
        let (length, _) = result.unwrap();
        buffer.get(..length).unwrap().to_vec()
    })
}

#[tokio::test]
async fn packets_go_to_the_other_side_with_its_payload_types() {
    let ports = Ports::new("127.0.0.1".parse().unwrap(), 33_000..=33_099).unwrap();
    let (caller, called, stranger) = (phone().await, phone().await, phone().await);
    let (a, b) = (ports.bind().unwrap(), ports.bind().unwrap());
    let (at_caller, at_called) = (a.number(), b.number());
    let relay = Relay::start(
        (a, settings(&caller, 8, 96)),
        (b, settings(&called, 108, 101)),
    );
    let rows: [(&str, u8, Option<u8>); 4] = [
        ("audio", 8, Some(108)),
        ("audio with a mark", 0x88, Some(0xEC)),
        ("digits", 96, Some(101)),
        ("something else", 13, Some(13)),
    ];
    for (name, sent, expected) in rows {
        let packet = [0x80, sent, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5];
        caller
            .send_to(&packet, ("127.0.0.1", at_caller))
            .await
            .unwrap();
        let heard = hear(&called).await.map(|packet| packet[1]);
        assert_eq!(heard, expected, "{name}");
    }
    let packet = [0x80, 101, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4, 5];
    called
        .send_to(&packet, ("127.0.0.1", at_called))
        .await
        .unwrap();
    assert_eq!(hear(&caller).await.map(|packet| packet[1]), Some(96));
    stranger
        .send_to(&packet, ("127.0.0.1", at_called))
        .await
        .unwrap();
    assert_eq!(hear(&caller).await, None, "a stranger");
    let elsewhere = phone().await;
    relay.renegotiate(Side::Called, settings(&elsewhere, 8, 101));
    tokio::time::sleep(Duration::from_millis(50)).await;
    caller
        .send_to(&packet, ("127.0.0.1", at_caller))
        .await
        .unwrap();
    assert!(hear(&elsewhere).await.is_some(), "moved");
    drop(relay);
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(ports.taken(), 0, "ports are free again");
}
