//! Digits: lost, duplicated, out of order.

use std::time::Duration;

use super::*;

/// A packet: milliseconds, timestamp, event, whether it is its end, duration.
type Packet = (u64, u32, u8, bool, u16);

fn payload(event: u8, is_end: bool, duration: u16) -> [u8; 4] {
    audio_codec::telephone_event::encode_event_payload(event, is_end, 10, duration)
}

/// The digits of packets, including those that time out; checked every 20 ms.
fn pressed(packets: &[Packet]) -> String {
    let mut digits = Digits::new();
    let mut found = String::new();
    let last = packets.last().map_or(0, |packet| packet.0);
    for now in (0..=last + 400).step_by(20) {
        let time = Duration::from_millis(now);
        for (_, timestamp, event, is_end, duration) in
            packets.iter().filter(|packet| packet.0 / 20 == now / 20)
        {
            let payload = payload(*event, *is_end, *duration);
            found.extend(
                digits
                    .receive(*timestamp, &payload, time)
                    .into_iter()
                    .flatten()
                    .map(Digit::as_char),
            );
        }
        found.extend(digits.expire(time).map(Digit::as_char));
    }
    found
}

#[test]
fn digits() {
    // Shortly before timestamps wrap around.
    const LATE: u32 = u32::MAX - 100;
    let rows: [(&str, &[Packet], &str); 19] = [
        ("nothing", &[], ""),
        (
            "as it should be",
            &[
                (0, 1000, 5, false, 160),
                (20, 1000, 5, false, 320),
                (40, 1000, 5, true, 480),
                (40, 1000, 5, true, 480),
                (40, 1000, 5, true, 480),
            ],
            "5",
        ),
        ("only one end", &[(0, 1000, 1, true, 480)], "1"),
        (
            "no end",
            &[(0, 1000, 2, false, 160), (20, 1000, 2, false, 320)],
            "2",
        ),
        ("only the first packet", &[(0, 1000, 3, false, 160)], "3"),
        (
            "the same key twice",
            &[
                (0, 1000, 7, false, 160),
                (20, 1000, 7, true, 320),
                (200, 2600, 7, false, 160),
                (220, 2600, 7, true, 320),
            ],
            "77",
        ),
        (
            "the same key twice, both ends lost",
            &[(0, 1000, 7, false, 160), (160, 2600, 7, false, 160)],
            "77",
        ),
        (
            "an end that is lost, then another key",
            &[(0, 1000, 1, false, 160), (160, 2600, 2, true, 160)],
            "12",
        ),
        (
            "an end comes before its start",
            &[
                (0, 1000, 4, true, 320),
                (20, 1000, 4, false, 160),
                (40, 1000, 4, false, 160),
            ],
            "4",
        ),
        (
            "ends come behind the next key",
            &[
                (0, 1000, 1, false, 160),
                (20, 1000, 1, true, 320),
                (40, 2000, 2, false, 160),
                (60, 1000, 1, true, 320),
                (60, 2000, 2, true, 320),
                (80, 1000, 1, true, 320),
            ],
            "12",
        ),
        (
            "the end comes after it was given up",
            &[(0, 1000, 6, false, 160), (600, 1000, 6, true, 4800)],
            "6",
        ),
        (
            "a long press",
            &[
                (0, 1000, 9, false, 160),
                (200, 1000, 9, false, u16::MAX),
                (220, 1000 + 65535, 9, false, 160),
                (240, 1000 + 65535, 9, true, 320),
            ],
            "9",
        ),
        (
            "timestamps begin again at zero",
            &[
                (0, LATE, 1, true, 320),
                (100, LATE.wrapping_add(1600), 2, true, 320),
                (120, LATE, 1, true, 320),
            ],
            "12",
        ),
        (
            "timestamps jump back",
            &[(0, 3_000_000_000, 1, true, 320), (100, 5000, 2, true, 320)],
            "12",
        ),
        (
            "two keys with one timestamp",
            &[(0, 1000, 1, true, 320), (100, 1000, 2, true, 320)],
            "12",
        ),
        (
            "all keys",
            &[
                (0, 1000, 0, true, 320),
                (20, 2000, 9, true, 320),
                (40, 3000, 10, true, 320),
                (60, 4000, 11, true, 320),
                (80, 5000, 12, true, 320),
                (100, 6000, 15, true, 320),
            ],
            "09*#AD",
        ),
        ("the hook flash", &[(0, 1000, 16, true, 320)], ""),
        (
            "a modem",
            &[(0, 1000, 32, true, 320), (20, 2000, 255, true, 320)],
            "",
        ),
        ("an end without a duration", &[(0, 1000, 8, true, 0)], "8"),
    ];
    for (name, packets, expected) in rows {
        assert_eq!(pressed(packets), expected, "{name}");
    }
}

#[test]
fn payloads_that_are_no_event() {
    for length in [0, 1, 2, 3, 5, 7] {
        let mut digits = Digits::new();
        let taken = digits.receive(1, &vec![0x80; length], Duration::ZERO);
        assert_eq!(taken, [None; 2], "{length} bytes");
    }
}

proptest::proptest! {
    /// However packets are duplicated and slightly reordered, each key is found once and in order.
    #[test]
    fn lost_and_doubled_packets(
        keys in proptest::collection::vec(0..16_u8, 1..8),
        fates in proptest::collection::vec(0..3_usize, 48),
    ) {
        let mut packets = Vec::new();
        for (place, key) in (0..).zip(&keys) {
            let (start, timestamp) = (place * 400, 1000 + place as u32 * 3200);
            for part in 0..6 {
                let copies = fates[(place as usize * 6 + part) % fates.len()];
                // One packet of each key arrives.
                let copies = if part == 2 { copies.max(1) } else { copies };
                let at = start + part as u64 * 20;
                let packet = (at, timestamp, *key, part > 2, 160 * (part as u16 + 1));
                packets.extend(std::iter::repeat_n(packet, copies));
            }
        }
        let expected: String = keys
            .iter()
            .map(|key| Digit::from_event(*key).unwrap().as_char())
            .collect();
        proptest::prop_assert_eq!(pressed(&packets), expected);
    }

    #[test]
    fn any_event(
        packets in proptest::collection::vec(
            (proptest::num::u32::ANY, proptest::collection::vec(proptest::num::u8::ANY, 0..9)),
            0..30,
        ),
    ) {
        let mut digits = Digits::new();
        for (place, (timestamp, payload)) in (0..).zip(packets) {
            let _ = digits.receive(timestamp, &payload, Duration::from_millis(place * 30));
            let _ = digits.expire(Duration::from_millis(place * 50));
        }
    }
}
