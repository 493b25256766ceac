//! Calls that the daemon answers: their packets get its port and a right checksum, and what belongs
//! to them goes the same way; without the daemon the trunk's policy holds.

use blacklist_common::outcome::Outcome;
use blacklist_common::rule::Action;
use blacklist_common::tables::{
    DAEMON_GONE_AFTER, IdentitySource, TRUNK_BYPASS, TRUNK_DOWN_DROP, TRUNK_MONITOR,
};
use blacklist_kernel::{Heartbeat, PatternTables};
use blacklist_tests::datagram::{Checksum, Datagram, Frame};
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::{Lab, Sent};
use blacklist_tests::rules::{List, World};

const PEER: &str = "192.0.2.1";
const PEER_V6: &str = "2001:db8::1";
/// A trunk whose calls are dropped while the daemon is not there.
const CLOSED: &str = "192.0.2.2";
/// A trunk that is monitored.
const MONITORED: &str = "192.0.2.3";

/// A trunk that is not judged.
const BYPASS: &str = "192.0.2.4";

const ANSWERS: u16 = 25060;
const MARK: u32 = 0x0B1A_C001;
const SLOT: u32 = 1;

fn world() -> World {
    let mut world = World::new();
    let _ = world
        .global()
        .exact(List::Block, SLOT, "+14155551234", Action::Reject)
        .exact(List::Block, 2, "+14155551235", Action::Torment)
        .block(3, "+14155551236")
        .allow(4, "+14155551238");
    let identity = &[IdentitySource::From];
    world.trunk(&["192.0.2.1/32", "2001:db8::1/128"], 0, identity);
    world.trunk(&["192.0.2.2/32"], TRUNK_DOWN_DROP, identity);
    world.trunk(&["192.0.2.3/32"], TRUNK_MONITOR, identity);
    world.trunk(&["192.0.2.4/32"], TRUNK_BYPASS, identity);
    world
}

/// A lab whose daemon answers rejected calls.
fn answering(tables: PatternTables) -> (Lab, Heartbeat) {
    let mut lab = Lab::open_with(world(), tables);
    lab.answer(&[(5060, ANSWERS)], MARK, &[Action::Reject]);
    let mut heart = lab.kernel.take_heart().unwrap();
    heart.beat().unwrap();
    (lab, heart)
}

fn call(from: &str, peer: &str) -> Datagram {
    let from = format!("<sip:{from}@example.com>;tag=1");
    Datagram::new(peer, Invite::new().from(from).listed())
}

/// Another message of the same call.
fn in_dialog(peer: &str, start: &str, call_id: &str) -> Datagram {
    let text = format!(
        "{start}\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=1\r\n\
         To: <sip:c@d>;tag=2\r\nCall-ID: {call_id}\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n"
    );
    Datagram::new(peer, text)
}

fn passed(frame: &Frame) -> Sent {
    Sent {
        dropped: false,
        frame: frame.bytes.clone(),
    }
}

/// As it is where the daemon listens.
fn at_the_daemon(datagram: &Datagram) -> Sent {
    passed(&datagram.clone().to_port(ANSWERS).frame())
}

#[test]
fn a_call_gets_the_daemons_port_and_a_right_checksum() {
    let rows = [
        ("IPv4", call("+14155551234", PEER)),
        ("IPv6", call("+14155551234", PEER_V6)),
        ("one tag", call("+14155551234", PEER).tag(0x8100)),
        (
            "two tags",
            call("+14155551234", PEER_V6).tag(0x88A8).tag(0x8100),
        ),
        (
            "IP options",
            call("+14155551234", PEER).options([1, 1, 1, 0]),
        ),
        (
            "no checksum",
            call("+14155551234", PEER).checksum(Checksum::Zero),
        ),
    ];
    for tables in [PatternTables::Hashed, PatternTables::Stock] {
        let (mut lab, _heart) = answering(tables);
        for (name, datagram) in &rows {
            let frame = datagram.frame();
            let sent = lab.send_whole(&frame.bytes);
            assert_eq!(sent, at_the_daemon(datagram), "{name}");
        }
        let counter = lab.outcome(Outcome::Steered);
        assert_eq!((counter.calls, counter.packets), (1, rows.len() as u64));
        assert_eq!(lab.counter(SLOT).packets, rows.len() as u64);
        let events = lab.events();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].outcome, Outcome::Steered as u8);
        assert_eq!(events[0].destination_port, 5060, "as the peer has it");
    }
}

#[test]
fn kernel_and_engine_agree_on_what_is_answered() {
    let (mut lab, _heart) = answering(PatternTables::Hashed);
    let rows = [
        ("answered", call("+14155551234", PEER), Outcome::Steered),
        (
            "not yet answered",
            call("+14155551235", PEER),
            Outcome::Unanswered,
        ),
        ("dropped", call("+14155551236", PEER), Outcome::Dropped),
        ("no rule", call("+14155551237", PEER), Outcome::NoRule),
        (
            "monitored",
            call("+14155551234", MONITORED),
            Outcome::Monitored,
        ),
    ];
    for (name, datagram, outcome) in rows {
        let answer = lab.agree(&datagram.frame()).unwrap();
        assert_eq!(answer.outcome, outcome, "{name}");
    }
}

#[test]
fn calls_that_need_no_answer_keep_their_port() {
    let (mut lab, _heart) = answering(PatternTables::Hashed);
    for from in ["+14155551235", "+14155551237"] {
        let frame = call(from, PEER).frame();
        assert_eq!(lab.send_whole(&frame.bytes), passed(&frame), "{from}");
    }
    assert!(lab.send(&call("+14155551236", PEER).frame().bytes));
}

#[test]
fn what_belongs_to_an_answered_call_follows_it() {
    const STARTS: [&str; 6] = [
        "ACK sip:a@b SIP/2.0",
        "CANCEL sip:a@b SIP/2.0",
        "BYE sip:a@b SIP/2.0",
        "INVITE sip:a@b SIP/2.0",
        "OPTIONS sip:a@b SIP/2.0",
        "SIP/2.0 200 OK",
    ];
    for tables in [PatternTables::Hashed, PatternTables::Stock] {
        let (mut lab, mut heart) = answering(tables);
        for start in STARTS {
            let frame = in_dialog(PEER, start, "steered@call").frame();
            assert_eq!(
                lab.send_whole(&frame.bytes),
                passed(&frame),
                "before: {start}"
            );
        }
        let invite = Invite::new()
            .from("<sip:+14155551234@b>;tag=1")
            .call_id("steered@call");
        lab.send(&Datagram::new(PEER, invite.listed()).frame().bytes);
        for start in STARTS {
            let datagram = in_dialog(PEER, start, "steered@call");
            let sent = lab.send_whole(&datagram.frame().bytes);
            assert_eq!(sent, at_the_daemon(&datagram), "{start}");
            let frame = in_dialog(PEER, start, "another@call").frame();
            assert_eq!(lab.send_whole(&frame.bytes), passed(&frame), "{start}");
        }
        assert_eq!(lab.outcome(Outcome::SteeredDialog).packets, 6);
        heart.stop().unwrap();
        let frame = in_dialog(PEER, STARTS[0], "steered@call").frame();
        assert_eq!(lab.send_whole(&frame.bytes), passed(&frame), "nobody there");
    }
}

#[test]
fn a_call_that_went_through_keeps_what_belongs_to_it() {
    // A carrier tries several called numbers under one Call-ID.
    for tables in [PatternTables::Hashed, PatternTables::Stock] {
        for (name, callers) in [
            (
                "first refused, then through",
                ["+14155551234", "+14155551237"],
            ),
            (
                "first through, then refused",
                ["+14155551237", "+14155551234"],
            ),
            (
                "first refused, then allowed",
                ["+14155551234", "+14155551238"],
            ),
            (
                "first allowed, then refused",
                ["+14155551238", "+14155551234"],
            ),
        ] {
            let (mut lab, _heart) = answering(tables);
            for from in callers {
                let invite = Invite::new()
                    .from(format!("<sip:{from}@b>;tag=1"))
                    .call_id("hunting@call");
                lab.send(&Datagram::new(PEER, invite.listed()).frame().bytes);
            }
            for start in ["ACK sip:a@b SIP/2.0", "BYE sip:a@b SIP/2.0"] {
                let frame = in_dialog(PEER, start, "hunting@call").frame();
                assert_eq!(
                    lab.send_whole(&frame.bytes),
                    passed(&frame),
                    "{name}: {start}"
                );
            }
        }
    }
}

#[test]
fn other_messages_are_counted_as_what_they_are() {
    let (mut lab, _heart) = answering(PatternTables::Hashed);
    lab.send(&call("+14155551234", PEER).frame().bytes);
    for peer in [PEER, BYPASS] {
        for start in ["OPTIONS sip:a@b SIP/2.0", "SIP/2.0 200 OK"] {
            let frame = in_dialog(peer, start, "another@call").frame();
            assert_eq!(lab.send_whole(&frame.bytes), passed(&frame));
        }
    }
    assert_eq!(lab.outcome(Outcome::NotInvite).packets, 4);
    lab.send(&call("+14155551234", BYPASS).frame().bytes);
    assert_eq!(lab.outcome(Outcome::Bypass).packets, 1);
}

#[test]
fn without_the_daemon_the_trunks_policy_holds() {
    let (mut lab, mut heart) = answering(PatternTables::Hashed);
    heart.stop().unwrap();
    let open = call("+14155551234", PEER).frame();
    assert_eq!(lab.send_whole(&open.bytes), passed(&open));
    assert_eq!(lab.outcome(Outcome::Unanswered).packets, 1);
    assert!(lab.send(&call("+14155551234", CLOSED).frame().bytes));
    assert_eq!(lab.outcome(Outcome::Dropped).packets, 1);
    heart.beat().unwrap();
    let datagram = call("+14155551234", CLOSED);
    let sent = lab.send_whole(&datagram.frame().bytes);
    assert_eq!(sent, at_the_daemon(&datagram));
    // The clock of the program is some milliseconds coarser.
    std::thread::sleep(std::time::Duration::from_nanos(
        DAEMON_GONE_AFTER + 50_000_000,
    ));
    assert!(
        lab.send(&datagram.frame().bytes),
        "it has said nothing since"
    );
}

#[test]
fn a_port_without_the_daemon_behind_it_passes() {
    let mut lab = Lab::open(world());
    lab.answer(&[], MARK, &[Action::Reject]);
    let mut heart = lab.kernel.take_heart().unwrap();
    heart.beat().unwrap();
    let frame = call("+14155551234", PEER).frame();
    assert_eq!(lab.send_whole(&frame.bytes), passed(&frame));
    assert_eq!(lab.outcome(Outcome::Unanswered).packets, 1);
}

#[test]
fn the_first_fragment_carries_the_port_for_all() {
    let (mut lab, _heart) = answering(PatternTables::Hashed);
    for peer in [PEER, PEER_V6] {
        let invite = Invite::new().from("<sip:+14155551234@b>;tag=1");
        let datagram = Datagram::new(peer, invite.body(vec![b'b'; 2000]).listed());
        let before = datagram.fragments(&[1200, 1600]);
        let after = datagram.clone().to_port(ANSWERS).fragments(&[1200, 1600]);
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(lab.send_whole(&before.bytes), passed(after), "{peer}");
        }
    }
}

/// An answer of the daemon's, as it comes to the way out.
fn answer(from: &str) -> Datagram {
    Datagram::new(from, "SIP/2.0 603 Decline\r\n\r\n").from_port(ANSWERS)
}

#[test]
fn the_daemons_answers_leave_from_the_port_that_was_called() {
    let (mut lab, _heart) = answering(PatternTables::Hashed);
    let rows = [
        ("IPv4", answer(PEER)),
        ("IPv6", answer(PEER_V6)),
        ("one tag", answer(PEER).tag(0x8100)),
        ("two tags", answer(PEER_V6).tag(0x88A8).tag(0x8100)),
        ("IP options", answer(PEER).options([1, 1, 1, 0])),
        ("no checksum", answer(PEER).checksum(Checksum::Zero)),
        ("a whole fragment", answer(PEER_V6).atomic()),
    ];
    for (name, datagram) in rows {
        let before = datagram.frame().bytes;
        let after = datagram.clone().from_port(5060).frame().bytes;
        assert_eq!(lab.leave(&before, MARK), after, "{name}");
        assert_eq!(lab.leave(&before, 0), before, "{name}: without the mark");
        assert_eq!(lab.leave(&before, MARK + 1), before, "{name}: another mark");
        let other = datagram.from_port(ANSWERS + 1).frame().bytes;
        assert_eq!(lab.leave(&other, MARK), other, "{name}: another port");
    }
}

#[test]
fn later_fragments_of_an_answer_are_left_alone() {
    let (mut lab, _heart) = answering(PatternTables::Hashed);
    for from in [PEER, PEER_V6] {
        let long = Datagram::new(from, vec![b'x'; 3000]).from_port(ANSWERS);
        let before = long.fragments(&[1200, 1600]);
        let after = long.clone().from_port(5060).fragments(&[1200, 1600]);
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(lab.leave(&before.bytes, MARK), after.bytes, "{from}");
        }
    }
}

#[test]
fn what_is_no_udp_leaves_as_it_is() {
    let (mut lab, _heart) = answering(PatternTables::Hashed);
    // From the end of the IP header, which a test run wants, to that of the UDP header.
    for length in 34..42 {
        let whole = answer(PEER).frame().bytes;
        let cut = whole[..length].to_vec();
        assert_eq!(lab.leave(&cut, MARK), cut, "cut to {length} bytes");
    }
    let tcp = answer(PEER).protocol(6).frame().bytes;
    assert_eq!(lab.leave(&tcp, MARK), tcp);
}
