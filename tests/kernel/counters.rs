//! Calls and packets: by rule and by outcome, in force and when only monitored.

use blacklist_common::outcome::Outcome;
use blacklist_common::tables::Counter;
use blacklist_kernel::PatternTables;
use blacklist_tests::datagram::Datagram;
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::{Lab, MAXIMUM_CALLS};
use blacklist_tests::standard::{self, LISTED_SLOT, MONITOR, PLAIN, PLAIN_V6};

/// Times that an INVITE is sent when nobody answers (RFC 3261, 17.1.1.2).
const TRANSMISSIONS: u64 = 7;

fn call(id: &str) -> Vec<u8> {
    Datagram::new(PLAIN, Invite::new().call_id(id).listed())
        .frame()
        .bytes
}

#[test]
fn seven_transmissions_are_one_call() {
    let mut lab = Lab::open(standard::world());
    for _ in 0..TRANSMISSIONS {
        assert!(lab.send(&call("one@x")));
    }
    let one = Counter {
        calls: 1,
        packets: TRANSMISSIONS,
    };
    assert_eq!(lab.counter(LISTED_SLOT), one);
    assert_eq!(lab.outcome(Outcome::Dropped), one);
    assert_eq!(lab.events().len(), 1);
}

#[test]
fn another_call_id_is_another_call() {
    let mut lab = Lab::open(standard::world());
    let long = "l".repeat(700);
    let ids = [
        "one@x".to_owned(),
        "two@x".to_owned(),
        "One@x".to_owned(),
        "one@x2".to_owned(),
        "one@".to_owned(),
        "o".to_owned(),
        "eight--8".to_owned(),
        "eight--8nine".to_owned(),
        long.clone(),
        format!("{long}l"),
    ];
    for (index, id) in (1..).zip(&ids) {
        for _ in 0..3 {
            assert!(lab.send(&call(id)));
        }
        let expected = Counter {
            calls: index,
            packets: 3 * index,
        };
        assert_eq!(lab.counter(LISTED_SLOT), expected, "{id}");
    }
}

#[test]
fn a_call_id_written_otherwise_is_the_same_call() {
    let mut lab = Lab::open(standard::world());
    for line in [
        "Call-ID: a1@x",
        "i:a1@x",
        "CALL-ID :\r\n  a1@x  ",
        "Call-ID:\ta1@x\t",
    ] {
        let invite = Invite::new().line("Call-ID", line);
        assert!(
            lab.send(&Datagram::new(PLAIN, invite.listed()).frame().bytes),
            "{line}"
        );
        assert!(
            lab.send(&Datagram::new(PLAIN_V6, invite.listed()).frame().bytes),
            "{line}"
        );
    }
    assert_eq!(
        lab.counter(LISTED_SLOT),
        Counter {
            calls: 1,
            packets: 8
        }
    );
}

/// What is sent, how often, and where it is counted.
fn mixture() -> Vec<(Vec<u8>, u64, Outcome, u64)> {
    let frame = |text: Vec<u8>| Datagram::new(PLAIN, text).frame().bytes;
    let allowed = Invite::new()
        .start("INVITE sip:+12015550188@x SIP/2.0")
        .call_id("allowed");
    vec![
        (call("a"), 3, Outcome::Dropped, 1),
        (call("b"), 1, Outcome::Dropped, 1),
        (frame(Invite::new().unlisted()), 4, Outcome::NoRule, 1),
        (frame(allowed.listed()), 5, Outcome::Allowed, 1),
        (
            frame(
                Invite::new()
                    .start("INVITE sip:911@x SIP/2.0")
                    .call_id("emergency")
                    .listed(),
            ),
            2,
            Outcome::SafetyFloor,
            1,
        ),
        (
            frame(Invite::new().to("<sip:1@x>;tag=1").listed()),
            2,
            Outcome::InDialog,
            0,
        ),
        (
            frame(b"OPTIONS sip:x SIP/2.0\r\n\r\n".to_vec()),
            6,
            Outcome::NotInvite,
            0,
        ),
        (frame(b"\r\n\r\n".to_vec()), 3, Outcome::KeepAlive, 0),
        (
            frame(Invite::new().last("f: <sip:1@x>").listed()),
            2,
            Outcome::RepeatedHeader,
            0,
        ),
        (
            Datagram::new(PLAIN, "x").to_port(9).frame().bytes,
            7,
            Outcome::OtherPort,
            0,
        ),
    ]
}

#[test]
fn every_packet_is_counted_once_by_its_outcome() {
    let mut lab = Lab::open(standard::world());
    let mut expected = vec![Counter::default(); Outcome::ALL.len()];
    for (frame, times, outcome, calls) in mixture() {
        for _ in 0..times {
            assert_eq!(
                lab.send(&frame),
                outcome.is_dropped(),
                "{}",
                outcome.as_str()
            );
        }
        let counter = &mut expected[outcome as usize];
        counter.packets += times;
        counter.calls += calls;
    }
    for (outcome, counter) in lab.kernel.tally().outcomes().unwrap() {
        assert_eq!(counter, expected[outcome as usize], "{}", outcome.as_str());
    }
    assert_eq!(
        lab.counter(20),
        Counter {
            calls: 1,
            packets: 5
        },
        "the allow rule"
    );
}

#[test]
fn questions_are_not_counted() {
    let mut lab = Lab::open(standard::world());
    for (frame, ..) in mixture() {
        lab.ask(&frame);
    }
    assert_eq!(lab.kernel.tally().counters().count(), 0);
    let counted = lab
        .kernel
        .tally()
        .outcomes()
        .unwrap()
        .into_iter()
        .find(|(_, counter)| counter.packets > 0);
    assert_eq!(counted, None);
    assert_eq!(lab.events(), []);
    assert!(lab.send(&call("a")));
    assert_eq!(
        lab.counter(LISTED_SLOT),
        Counter {
            calls: 1,
            packets: 1
        }
    );
}

#[test]
fn monitoring_counts_the_same_and_drops_nothing() {
    let mut lab = Lab::open(standard::world());
    lab.monitor(true);
    for _ in 0..TRANSMISSIONS {
        assert!(!lab.send(&call("one@x")));
    }
    let one = Counter {
        calls: 1,
        packets: TRANSMISSIONS,
    };
    assert_eq!(lab.counter(LISTED_SLOT), one);
    assert_eq!(lab.outcome(Outcome::Monitored), one);
    assert_eq!(lab.outcome(Outcome::Dropped), Counter::default());
    let frame = Datagram::new(PLAIN, Invite::new().listed()).frame();
    assert_eq!(lab.agree(&frame).unwrap().outcome, Outcome::Monitored);
    lab.monitor(false);
    assert_eq!(lab.agree(&frame).unwrap().outcome, Outcome::Dropped);
    assert!(lab.send(&call("two@x")));
    assert_eq!(
        lab.counter(LISTED_SLOT),
        Counter {
            calls: 2,
            packets: TRANSMISSIONS + 1
        }
    );
}

#[test]
fn an_invite_of_every_trunk_is_counted_by_what_became_of_it() {
    let mut lab = Lab::open(standard::world());
    let mut send = |peer: &str, text: Vec<u8>, times: u32| {
        for _ in 0..times {
            lab.send(&Datagram::new(peer, text.clone()).frame().bytes);
        }
    };
    send(PLAIN, Invite::new().call_id("a").listed(), 3);
    send(PLAIN, Invite::new().call_id("b").unlisted(), 2);
    send(PLAIN, Invite::new().last("f: <sip:1@x>").listed(), 4);
    send(PLAIN, b"OPTIONS sip:x SIP/2.0\r\n\r\n".to_vec(), 5);
    send(MONITOR, Invite::new().call_id("c").listed(), 2);
    let of = |trunk| lab.kernel.tally().traffic(trunk).unwrap().shares;
    let counter = |calls, packets| Counter { calls, packets };
    let none = Counter::default();
    assert_eq!(
        of(0),
        [counter(1, 2), counter(1, 3), none, counter(0, 4)],
        "passed, blocked, monitored, ambiguous"
    );
    let monitored = lab.outcome(Outcome::Monitored);
    assert_eq!(monitored, counter(1, 2));
    let trunk = (0..8).find(|trunk| of(*trunk)[2] == monitored);
    assert!(trunk.is_some_and(|trunk| trunk != 0), "{trunk:?}");
}

#[test]
fn the_daemon_sees_how_often_a_call_came() {
    for tables in [PatternTables::Hashed, PatternTables::Stock] {
        let mut lab = Lab::open_with(standard::world(), tables);
        for _ in 0..3 {
            assert!(lab.send(&call("one@x")));
        }
        assert!(lab.send(&call("two@x")));
        let now = blacklist_system::clock::monotonic();
        let events = lab.events();
        let seen: Vec<u32> = events
            .iter()
            .map(|event| lab.kernel.remembered().get(event.fingerprint, now).unwrap())
            .inspect(|seen| assert!(now - seen.last < 1_000_000_000, "{seen:?}"))
            .map(|seen| seen.packets)
            .collect();
        assert_eq!(seen, [3, 1], "{tables:?}");
        assert_eq!(lab.kernel.remembered().get(12345, now), None);
    }
}

#[test]
fn calls_that_make_room_too_early_are_counted() {
    let mut lab = Lab::open(standard::world());
    let send = |lab: &mut Lab, ids: std::ops::Range<u32>| {
        for id in ids {
            assert!(lab.send(&call(&format!("flood-{id}@x"))));
        }
    };
    send(&mut lab, 0..MAXIMUM_CALLS);
    send(&mut lab, 0..MAXIMUM_CALLS);
    let calls = u64::from(MAXIMUM_CALLS);
    let dropped = lab.outcome(Outcome::Dropped);
    let forgotten = lab.kernel.tally().forgotten_calls().unwrap();
    assert!(
        forgotten <= 1,
        "{forgotten}: as many as shall be remembered are"
    );
    assert!(dropped.calls <= calls + forgotten);
    assert_eq!(dropped.packets, 2 * calls);
    // Twice as many as there are cells.
    send(&mut lab, 0..8 * MAXIMUM_CALLS);
    let sent = 8 * calls;
    let forgotten = lab.kernel.tally().forgotten_calls().unwrap();
    assert!(
        (sent - 4 * calls..=sent).contains(&forgotten),
        "{forgotten}"
    );
    let counted = lab.outcome(Outcome::Dropped).calls;
    assert!(counted >= sent && counted <= sent + forgotten, "{counted}");
}
