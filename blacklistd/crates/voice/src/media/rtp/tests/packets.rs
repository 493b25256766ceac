//! Packets and their pace.

use std::time::Duration;

use proptest::prelude::*;
use rtp_types::RtpPacket;

use super::*;
use crate::media::rtp::receiver::{Received, Receiver};

/// A row: name, bytes, the payload that is parsed.
type Row = (&'static str, Vec<u8>, Option<&'static [u8]>);

#[test]
fn what_is_read() {
    let head = [0x80, 0x88, 0x12, 0x34, 0, 0, 0, 5, 0, 0, 0, 9];
    let with = |first: u8, rest: &[u8]| {
        let mut bytes = head.to_vec();
        bytes[0] = first;
        bytes.extend(rest);
        bytes
    };
    // Bytes, and the payload.
    let rows: [Row; 14] = [
        ("audio", with(0x80, &[1, 2, 3]), Some(&[1, 2, 3])),
        ("empty", Vec::new(), None),
        ("cut off", head[..11].to_vec(), None),
        ("no payload", with(0x80, &[]), None),
        ("another version", with(0x40, &[1, 2]), None),
        ("STUN", with(0x00, &[1, 2]), None),
        ("padding", with(0xa0, &[1, 2, 0, 2]), Some(&[1, 2])),
        ("nothing but padding", with(0xa0, &[0, 2]), None),
        ("too much padding", with(0xa0, &[1, 255]), None),
        ("no padding where there is some", with(0xa0, &[1, 0]), None),
        (
            "two sources",
            with(0x82, &[0, 0, 0, 1, 0, 0, 0, 2, 7]),
            Some(&[7]),
        ),
        ("sources that are missing", with(0x8f, &[0, 0, 0, 1]), None),
        (
            "an extension",
            with(0x90, &[0, 0, 0, 1, 9, 9, 9, 9, 7]),
            Some(&[7]),
        ),
        (
            "an extension that is too long",
            with(0x90, &[0, 0, 255, 255, 7]),
            None,
        ),
    ];
    for (name, bytes, payload) in rows {
        let packet = Incoming::read(&bytes);
        assert_eq!(packet.map(|packet| packet.payload), payload, "{name}");
        if let Some(packet) = packet {
            assert_eq!(
                (packet.payload_type, packet.sequence),
                (8, 0x1234),
                "{name}"
            );
            assert_eq!((packet.timestamp, packet.stream), (5, 9), "{name}");
        }
    }
    assert!(
        Incoming::read(&with(0x80, &[0; 1401])).is_none(),
        "too long"
    );
}

#[test]
fn what_is_sent() {
    let mut outgoing = Outgoing::new(8).unwrap();
    let mut bytes = Vec::new();
    // What precedes a packet, and whether it starts something: frames skipped, start.
    let rows = [(0, false), (0, false), (0, true), (3, false), (0, false)];
    let expected = [
        // Packets and samples since the first one, and the marker.
        (0, 0, true),
        (1, 160, false),
        (2, 320, true),
        (3, 960, true),
        (4, 1120, false),
    ];
    let mut first = None;
    for ((left_out, is_start), (packets, samples, is_marked)) in rows.into_iter().zip(expected) {
        if left_out > 0 {
            outgoing.skip(left_out);
        }
        outgoing.write(&[7; 160], is_start, &mut bytes);
        assert_eq!(bytes.len(), 172);
        let packet = RtpPacket::parse(&bytes).unwrap();
        let (sequence, timestamp, stream) =
            *first.get_or_insert((packet.sequence_number(), packet.timestamp(), packet.ssrc()));
        assert_eq!(packet.sequence_number().wrapping_sub(sequence), packets);
        assert_eq!(packet.timestamp().wrapping_sub(timestamp), samples);
        assert_eq!(packet.ssrc(), stream);
        assert_eq!(packet.marker_bit(), is_marked, "packet {packets}");
        assert_eq!(
            (packet.payload_type(), packet.payload()),
            (8, [7; 160].as_slice())
        );
    }
    let mut other = Vec::new();
    Outgoing::new(8)
        .unwrap()
        .write(&[7; 160], false, &mut other);
    assert_ne!(
        bytes[4..12],
        other[4..12],
        "streams have numbers of their own"
    );
}

#[test]
fn numbers_begin_again_at_zero() {
    let mut outgoing = Outgoing::new(0).unwrap();
    let mut bytes = Vec::new();
    let mut last = None;
    for _ in 0..70_000 {
        outgoing.write(&[7; 160], false, &mut bytes);
        let sequence = RtpPacket::parse(&bytes).unwrap().sequence_number();
        if let Some(last) = last {
            assert_eq!(sequence.wrapping_sub(last), 1);
        }
        last = Some(sequence);
    }
}

#[test]
fn no_delay_adds_up() {
    let mut pace = Pace::new();
    // Each frame is some milliseconds late; the next ones are due regardless.
    for frame in 0..1000_u64 {
        let due = Duration::from_millis(frame * 20);
        assert_eq!(pace.due(), due);
        assert_eq!(pace.advance(due + Duration::from_millis(frame % 19)), 0);
    }
}

#[test]
fn who_was_held_up_catches_up_or_leaves_out() {
    // How late the first frame is, how many are skipped, when the next one is due.
    let rows = [
        ("in time", 0, 0, 20),
        ("too early", -1, 0, 20),
        ("a little late", 19, 0, 20),
        ("some frames late", 79, 0, 20),
        ("a tenth of a second late", 100, 5, 120),
        ("asleep for an hour", 3_600_000, 180_000, 3_600_020),
    ];
    for (name, late, left_out, next) in rows {
        let mut pace = Pace::new();
        let start = 10_000_u64;
        for frame in 0..start / 20 {
            pace.advance(Duration::from_millis(frame * 20));
        }
        let now = Duration::from_millis(start.saturating_add_signed(late));
        assert_eq!(pace.advance(now), left_out, "{name}");
        assert_eq!(pace.due(), Duration::from_millis(start + next), "{name}");
    }
    // A few late frames are sent in a burst, and then at the old pace.
    let mut pace = Pace::new();
    let now = Duration::from_millis(60);
    let sent = (0..9).take_while(|_| {
        let is_due = pace.due() <= now;
        is_due && pace.advance(now) == 0
    });
    assert_eq!(sent.count(), 4);
}

#[test]
fn what_comes_of_datagrams() {
    let settings = settings(Some("192.0.2.1:4000"));
    let mut receiver = Receiver::new(&settings);
    let from = "192.0.2.1:4000".parse().unwrap();
    let stranger = "192.0.2.66:4000".parse().unwrap();
    let at = Duration::from_millis;
    let digit = audio_codec::telephone_event::encode_event_payload(5, true, 10, 800);
    let event = |sequence| packet(101, sequence, 1000, 9, &digit);
    let nothing = |received: Received| received.source.is_none() && received.digits == [None; 2];

    assert!(nothing(receiver.receive(stranger, &event(1), at(20))));
    assert!(nothing(receiver.receive(from, b"no packet", at(40))));
    assert_eq!(receiver.idle_for(at(100)), at(100), "neither was heard");
    let received = receiver.receive(from, &event(1), at(100));
    assert_eq!(received.source, Some(from));
    assert_eq!(received.digits, [None, Digit::from_event(5)]);
    assert!(
        nothing(receiver.receive(from, &event(1), at(100))),
        "the same packet"
    );
    assert!(
        nothing(receiver.receive(from, &event(2), at(120))),
        "its end again"
    );
    assert_eq!(receiver.idle_for(at(150)), at(30));

    // Timestamps of another stream begin anywhere.
    let other = packet(101, 1, 900, 10, &digit);
    let received = receiver.receive(from, &other, at(200));
    assert_eq!(received.digits, [None, Digit::from_event(5)]);

    // Speech with the other law is speech too.
    let samples = crate::media::tests::tone(440.0, 8000.0, 8000, 160);
    for sequence in 0..5 {
        let bytes = packet(0, 10 + sequence, 0, 10, &Law::Mu.encode(&samples));
        receiver.receive(from, &bytes, at(220));
    }
    assert!(receiver.hearing().is_talking);
    for tick in 0..12 {
        receiver.tick(at(400 + tick * 20));
    }
    assert!(!receiver.hearing().is_talking, "nothing came for a while");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_datagrams(
        datagrams in proptest::collection::vec(
            (0..4_u8, proptest::collection::vec(any::<u8>(), 0..60)),
            0..20,
        ),
    ) {
        let mut receiver = Receiver::new(&settings(Some("192.0.2.1:4000")));
        let from = "192.0.2.1:4000".parse().unwrap();
        for (place, (kind, mut bytes)) in (0..).zip(datagrams) {
            // Most of them look like packets at first.
            if let ([first, second, ..], 1..) = (bytes.as_mut_slice(), kind) {
                *first = 0x80 | (*first & 0x3f);
                *second = [8, 0, 101][usize::from(kind - 1)];
            }
            let now = Duration::from_millis(place * 20);
            let _ = Incoming::read(&bytes);
            let _ = receiver.receive(from, &bytes, now);
            let _ = receiver.tick(now);
        }
    }
}
