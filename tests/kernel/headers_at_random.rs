//! Random changes of frame headers: what the kernel drops, an independent reading of the frame
//! finds to be a blocked call.

use blacklist_tests::datagram::Datagram;
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::Lab;
use blacklist_tests::reading;
use blacklist_tests::standard::{self, PLAIN, PLAIN_V6};
use fastrand::Rng;

use crate::regressions::{self, PORTS};

const FRAMES: u64 = 60_000;

/// Frames whose headers are changed, with the bytes that their headers have.
fn pool() -> Vec<(Vec<u8>, usize)> {
    let text = Invite::new().body("").listed();
    let v4 = Datagram::new(PLAIN, text.clone());
    let v6 = Datagram::new(PLAIN_V6, text.clone());
    let short = [0, 1, 4, 0, 0, 0, 0];
    let frames = [
        v4.frame(),
        v4.clone().padding(20).frame(),
        v4.clone().tag(0x8100).frame(),
        v4.clone().tag(0x8100).tag(0x88A8).frame(),
        v4.clone().options([1; 12]).frame(),
        v4.fragments(&[256]).swap_remove(0),
        v6.frame(),
        v6.clone().tag(0x8100).frame(),
        v6.clone().extension(0, short).extension(43, short).frame(),
        v6.clone().atomic().frame(),
        v6.clone()
            .extension(60, short)
            .atomic()
            .extension(60, short)
            .frame(),
        v6.fragments(&[256]).swap_remove(0),
    ];
    let start = &text[..8];
    let with_headers = frames.map(|frame| {
        let headers = frame
            .bytes
            .windows(8)
            .position(|window| window == start)
            .unwrap();
        (frame.bytes, headers)
    });
    with_headers.to_vec()
}

#[test]
fn what_is_dropped_is_a_blocked_call_to_others_too() {
    let mut lab = Lab::open(standard::world());
    let pool = pool();
    let mut dropped = 0;
    for seed in 0..FRAMES {
        let mut random = Rng::with_seed(seed);
        let (mut bytes, headers) = pool[random.usize(..pool.len())].clone();
        for _ in 0..random.usize(1..=3) {
            let at = random.usize(12..headers);
            bytes[at] = if random.bool() {
                random.u8(..)
            } else {
                bytes[at] ^ 1 << random.u8(..8)
            };
        }
        let seen = lab.ask(&bytes);
        if !seen.outcome.is_dropped() || reading::has_bad_extensions(&bytes) {
            continue;
        }
        dropped += 1;
        let frame = reading::read(&bytes, &PORTS);
        let agreed = match &frame.text {
            Some(_) => lab.agree(&frame),
            None => Err("the kernel judged what another reading does not find".to_owned()),
        };
        if let Err(why) = agreed {
            let path = regressions::keep(&format!("headers-{seed}"), &bytes);
            panic!(
                "seed {seed}: {why}\n{seen:?}\nthe frame is kept in {}",
                path.display()
            );
        }
    }
    println!("{FRAMES} frames, {dropped} dropped");
    assert!(
        dropped > 1000,
        "too few changed frames were dropped: {dropped}"
    );
}
