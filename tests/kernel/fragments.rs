//! Datagrams in fragments (rows 35 and 36 of the evasion checklist): the verdict on the first holds
//! for all, and what does not begin with its first passes.

use std::time::{Duration, Instant};

use blacklist_common::outcome::Outcome;
use blacklist_tests::datagram::{Datagram, Frame};
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::Lab;
use blacklist_tests::standard::{self, LISTED_SLOT, PLAIN, PLAIN_V6};

/// Behind the header block of the ordinary INVITE.
const BEHIND_HEADERS: usize = 480;

fn listed(peer: &str) -> Datagram {
    Datagram::new(peer, Invite::new().body(vec![b'b'; 2000]).listed())
}

fn benign(peer: &str) -> Datagram {
    Datagram::new(peer, Invite::new().body(vec![b'b'; 2000]).unlisted())
}

fn send_all(lab: &mut Lab, frames: &[Frame]) -> Vec<bool> {
    frames.iter().map(|frame| lab.send(&frame.bytes)).collect()
}

#[test]
fn later_fragments_of_a_dropped_datagram_are_dropped() {
    for peer in [PLAIN, PLAIN_V6] {
        let mut lab = Lab::open(standard::world());
        let frames = listed(peer).fragments(&[1200, 1600, 2000]);
        lab.agree(&frames[0]).unwrap();
        assert_eq!(send_all(&mut lab, &frames), [true; 4], "{peer}");
        assert_eq!(lab.outcome(Outcome::Dropped).packets, 1);
        assert_eq!(lab.outcome(Outcome::DroppedFragment).packets, 3);
        assert_eq!(lab.counter(LISTED_SLOT).calls, 1);
        assert_eq!(lab.events().len(), 1);
    }
}

#[test]
fn later_fragments_out_of_order_behind_the_first() {
    let mut lab = Lab::open(standard::world());
    let mut frames = listed(PLAIN).fragments(&[1200, 1600, 2000]);
    frames.swap(1, 3);
    assert_eq!(send_all(&mut lab, &frames), [true; 4]);
}

#[test]
fn a_later_fragment_in_front_lets_all_pass() {
    for peer in [PLAIN, PLAIN_V6] {
        let mut lab = Lab::open(standard::world());
        let mut frames = listed(peer).fragments(&[1200, 1600]);
        frames.swap(0, 1);
        assert_eq!(send_all(&mut lab, &frames), [false; 3], "{peer}");
        assert_eq!(lab.outcome(Outcome::FragmentOutOfOrder).packets, 1);
        assert_eq!(lab.outcome(Outcome::LaterFragment).packets, 2);
        assert_eq!(lab.events(), []);
        assert_eq!(lab.counter(LISTED_SLOT).packets, 0);
    }
}

#[test]
fn benign_fragments_pass() {
    for peer in [PLAIN, PLAIN_V6] {
        let mut lab = Lab::open(standard::world());
        let frames = benign(peer).fragments(&[1200, 1600, 2000]);
        assert_eq!(lab.agree(&frames[0]).unwrap().outcome, Outcome::NoRule);
        assert_eq!(send_all(&mut lab, &frames), [false; 4], "{peer}");
        assert_eq!(lab.outcome(Outcome::LaterFragment).packets, 3);
    }
}

#[test]
fn other_datagrams_are_not_touched() {
    let mut lab = Lab::open(standard::world());
    let dropped = listed(PLAIN).fragments(&[1200]);
    assert_eq!(send_all(&mut lab, &dropped), [true; 2]);
    let others = [
        ("identification", benign(PLAIN).identification(0x1D1E)),
        ("source", benign("192.0.2.2")),
        ("family", benign(PLAIN_V6)),
        ("protocol", benign(PLAIN).protocol(1)),
    ];
    for (what, other) in others {
        assert_eq!(
            send_all(&mut lab, &other.fragments(&[1200])),
            [false; 2],
            "another {what}"
        );
    }
    assert!(
        !lab.send(&benign(PLAIN).frame().bytes),
        "a whole datagram of the same identification"
    );
    assert!(lab.send(&dropped[1].bytes));
}

#[test]
fn an_identification_that_is_used_anew() {
    let mut lab = Lab::open(standard::world());
    assert_eq!(
        send_all(&mut lab, &listed(PLAIN).fragments(&[1200])),
        [true; 2]
    );
    assert_eq!(
        send_all(&mut lab, &benign(PLAIN).fragments(&[1200])),
        [false; 2]
    );
}

/// A sender whose identifications wrap within the second must not lose what is no call.
#[test]
fn an_identification_that_is_used_anew_for_something_else() {
    for peer in [PLAIN, PLAIN_V6] {
        for (what, other) in [
            ("port", benign(peer).to_port(4000)),
            ("method", Datagram::new(peer, vec![b'O'; 2000])),
        ] {
            let mut lab = Lab::open(standard::world());
            assert_eq!(
                send_all(&mut lab, &listed(peer).fragments(&[1200])),
                [true; 2]
            );
            assert_eq!(
                send_all(&mut lab, &other.fragments(&[1200])),
                [false; 2],
                "another {what} from {peer}"
            );
        }
    }
}

#[test]
fn a_first_fragment_without_all_headers_passes_with_all_that_follows() {
    let mut lab = Lab::open(standard::world());
    for peer in [PLAIN, PLAIN_V6] {
        for (identification, cut) in (0..).zip([16, 24, 104, 200, 256, 304, 400]) {
            let frames = listed(peer)
                .identification(identification)
                .fragments(&[cut, 1200]);
            let seen = lab.agree(&frames[0]).unwrap();
            assert_eq!(
                seen.outcome,
                Outcome::IncompleteFragment,
                "{peer}, cut at {cut}"
            );
            assert_eq!(
                send_all(&mut lab, &frames),
                [false; 3],
                "{peer}, cut at {cut}"
            );
        }
    }
}

#[test]
fn a_first_fragment_of_the_udp_header_alone_passes() {
    let mut lab = Lab::open(standard::world());
    let frames = listed(PLAIN).fragments(&[8, 1200]);
    lab.agree(&frames[0]).unwrap();
    assert_eq!(send_all(&mut lab, &frames), [false; 3]);
}

#[test]
fn the_first_fragment_that_has_all_headers_is_judged() {
    let mut lab = Lab::open(standard::world());
    let frames = listed(PLAIN).fragments(&[BEHIND_HEADERS]);
    assert_eq!(send_all(&mut lab, &frames), [true; 2]);
}

#[test]
fn a_whole_datagram_that_says_it_goes_on_is_not_judged() {
    let mut lab = Lab::open(standard::world());
    let mut frame = listed(PLAIN).frame();
    frame.bytes[20] |= 0x20;
    let frame = frame.unread();
    assert_eq!(lab.agree(&frame).unwrap().outcome, Outcome::LengthMismatch);
    assert!(!lab.send(&frame.bytes));
}

#[test]
fn fragments_of_other_ports_and_methods_pass() {
    let mut lab = Lab::open(standard::world());
    let other_port = listed(PLAIN).to_port(5061).fragments(&[1200]);
    assert_eq!(send_all(&mut lab, &other_port), [false; 2]);
    let text = Invite::new()
        .start("OPTIONS sip:x SIP/2.0")
        .body(vec![b'b'; 2000])
        .listed();
    let options = Datagram::new(PLAIN, text)
        .identification(9)
        .fragments(&[1200]);
    assert_eq!(send_all(&mut lab, &options), [false; 2]);
}

#[test]
fn retransmitted_fragments_are_one_call() {
    let mut lab = Lab::open(standard::world());
    for identification in 0..7 {
        let frames = listed(PLAIN)
            .identification(identification)
            .fragments(&[1200]);
        assert_eq!(send_all(&mut lab, &frames), [true; 2]);
    }
    let counter = lab.counter(LISTED_SLOT);
    assert_eq!((counter.calls, counter.packets), (1, 7));
    assert_eq!(lab.outcome(Outcome::DroppedFragment).packets, 7);
}

#[test]
fn questions_leave_no_traces() {
    let mut lab = Lab::open(standard::world());
    let frames = listed(PLAIN).fragments(&[1200]);
    assert!(lab.ask(&frames[0].bytes).outcome.is_dropped());
    assert!(!lab.send(&frames[1].bytes));

    let mut lab = Lab::open(standard::world());
    assert!(!lab.ask(&frames[1].bytes).outcome.is_dropped());
    assert_eq!(send_all(&mut lab, &frames), [true; 2]);
}

#[test]
fn a_monitored_datagram_passes_wholly() {
    let mut lab = Lab::open(standard::world());
    lab.monitor(true);
    let frames = listed(PLAIN).fragments(&[1200, 1600]);
    assert_eq!(send_all(&mut lab, &frames), [false; 3]);
    assert_eq!(lab.outcome(Outcome::Monitored).packets, 1);
}

#[test]
fn a_verdict_is_forgotten_in_time() {
    let mut lab = Lab::open(standard::world());
    let frames = listed(PLAIN).fragments(&[1200]);
    assert_eq!(send_all(&mut lab, &frames), [true; 2]);
    let deadline = Instant::now() + Duration::from_secs(10);
    while lab.send(&frames[1].bytes) {
        assert!(
            Instant::now() < deadline,
            "a later fragment is still dropped"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}
