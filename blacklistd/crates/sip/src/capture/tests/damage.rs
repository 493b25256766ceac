//! Captures in which any byte may be changed.

use super::fragments::{fragment, fragment_6, pieces};
use super::{MICROSECONDS, Order, TEXT, frame, read};

/// No input makes the reader panic or loop for ever.
#[test]
fn a_capture_may_be_damaged_anywhere() {
    let long = TEXT.replace("\r\n\r\n", &format!("\r\nX: {}\r\n\r\n", "y".repeat(2000)));
    let (first, second) = pieces(long.as_bytes(), 1480);
    let packets = [
        frame(TEXT.as_bytes()),
        fragment(&first, 0, true, 1),
        fragment(&second, 1480, false, 1),
        fragment_6(&first, 0, true),
        fragment_6(&second, 1480, false),
    ];
    for file in [
        Order::Little.pcap(MICROSECONDS, 1, &packets),
        Order::Little.pcapng(1, 6, &packets),
    ] {
        for place in 0..file.len().min(700) {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut damaged = file.clone();
                damaged[place] = value;
                if let Ok(capture) = read(&damaged[..]) {
                    assert!(capture.counts.packets <= 5, "{place} {value}");
                }
            }
        }
        for length in (0..file.len()).step_by(3) {
            if let Ok(capture) = read(&file[..length]) {
                assert!(capture.calls.len() <= 3);
            }
        }
    }
}
