//! Grants: who gets past every rule, in which order, and until when; the program, its stock twin and
//! the host say the same.

use std::time::{Duration, Instant};

use blacklist_common::outcome::Outcome;
use blacklist_common::tables::{IdentitySource, SETTING_GRANTS, TRUNK_MONITOR, TRUNK_OUTBOUND};
use blacklist_kernel::{Change, GrantEnd};
use blacklist_tests::datagram::{Datagram, Frame};
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::Lab;
use blacklist_tests::rules::{List, World};
use blacklist_tests::standard::PLAIN;
use jiff::{SignedDuration, Timestamp};

const LOCAL: &str = "+12015550100";
const REMOTE: &str = "+14155550001";
const OUTBOUND: &str = "192.0.2.30";
const MONITOR: &str = "192.0.2.50";

fn frame(peer: &str, caller: &str, called: &str) -> Frame {
    let invite = Invite::new()
        .start(format!("INVITE sip:{called}@pbx.example.com SIP/2.0"))
        .from(format!("<sip:{caller}@carrier.example.net>;tag=1"))
        .to(format!("<sip:{called}@pbx.example.com>"));
    Datagram::new(peer, invite.unlisted()).frame()
}

/// What becomes of a call, asked and sent.
fn outcome(lab: &mut Lab, peer: &str, caller: &str, called: &str) -> Outcome {
    let frame = frame(peer, caller, called);
    let seen = lab.agree(&frame).unwrap_or_else(|why| panic!("{why}"));
    assert_eq!(lab.send(&frame.bytes), seen.outcome.is_dropped());
    seen.outcome
}

fn inbound(lab: &mut Lab) -> Outcome {
    outcome(lab, PLAIN, REMOTE, LOCAL)
}

/// Everything is blocked, in both directions, and no whitelist lifts it.
fn blocked() -> World {
    let mut world = World::new();
    let _ = world
        .global()
        .mandatory()
        .prefix(List::Block, 1, "+1")
        .block(2, "alice");
    let _ = world
        .global()
        .outbound()
        .mandatory()
        .prefix(List::Block, 3, "+1");
    world.trunk(&["192.0.2.30/32"], TRUNK_OUTBOUND, &[IdentitySource::From]);
    world.trunk(&["192.0.2.50/32"], TRUNK_MONITOR, &[IdentitySource::From]);
    world.protect("+14155550911");
    world
}

fn soon(seconds: i64) -> GrantEnd {
    let end = Timestamp::now() + SignedDuration::from_secs(seconds);
    GrantEnd::At(Timestamp::from_second(end.as_second()).unwrap())
}

fn has_setting(lab: &Lab) -> bool {
    lab.kernel.flags() & SETTING_GRANTS != 0
}

#[test]
fn a_grant_lets_its_two_parties_through_and_nobody_else() {
    let mut world = blocked();
    world.grant(LOCAL, REMOTE, GrantEnd::Open);
    world.grant(LOCAL, "+14155550002", soon(600));
    world.grant(LOCAL, "+14155550003", soon(-1));
    world.grant("100", "alice", GrantEnd::Open);
    let mut lab = Lab::open(world);
    let rows = [
        ("from outside", PLAIN, REMOTE, LOCAL, Outcome::Granted),
        (
            "other spellings",
            PLAIN,
            "4155550001",
            "0012015550100",
            Outcome::Granted,
        ),
        ("from inside", OUTBOUND, LOCAL, REMOTE, Outcome::Granted),
        ("turned round", PLAIN, LOCAL, REMOTE, Outcome::Dropped),
        (
            "turned round, from inside",
            OUTBOUND,
            REMOTE,
            LOCAL,
            Outcome::Dropped,
        ),
        (
            "with an end",
            PLAIN,
            "+14155550002",
            LOCAL,
            Outcome::Granted,
        ),
        ("over", PLAIN, "+14155550003", LOCAL, Outcome::Dropped),
        (
            "another caller",
            PLAIN,
            "+14155550004",
            LOCAL,
            Outcome::Dropped,
        ),
        (
            "another called number",
            PLAIN,
            REMOTE,
            "+12015550101",
            Outcome::Dropped,
        ),
        ("a name", PLAIN, "alice", "100", Outcome::Granted),
        (
            "a name, another number",
            PLAIN,
            "alice",
            "101",
            Outcome::Dropped,
        ),
        (
            "a longer number",
            PLAIN,
            "+141555500011",
            LOCAL,
            Outcome::Dropped,
        ),
        (
            "one that says that it is protected",
            PLAIN,
            "+14155550911",
            LOCAL,
            Outcome::Dropped,
        ),
        ("monitored", MONITOR, REMOTE, LOCAL, Outcome::Granted),
    ];
    for (name, peer, caller, called, expected) in rows {
        assert_eq!(outcome(&mut lab, peer, caller, called), expected, "{name}");
    }
    let counted = lab.outcome(Outcome::Granted);
    assert!(counted.packets >= 6, "{counted:?}");
}

#[test]
fn single_grants_come_and_go_and_the_setting_with_them() {
    let mut world = blocked();
    let mut lab = Lab::open(world.clone());
    assert!(!has_setting(&lab));
    assert_eq!(inbound(&mut lab), Outcome::Dropped);

    let pair = world.grant(LOCAL, REMOTE, soon(600));
    lab.apply(world.clone(), &[Change::Grant(pair, Some(soon(600)))]);
    assert!(has_setting(&lab));
    assert_eq!(inbound(&mut lab), Outcome::Granted);

    let other = world.grant("100", "alice", GrantEnd::Open);
    lab.apply(world.clone(), &[Change::Grant(other, Some(GrantEnd::Open))]);
    world.revoke(pair);
    lab.apply(world.clone(), &[Change::Grant(pair, None)]);
    assert!(has_setting(&lab), "there is another one");
    assert_eq!(inbound(&mut lab), Outcome::Dropped);
    assert_eq!(outcome(&mut lab, PLAIN, "alice", "100"), Outcome::Granted);

    world.revoke(other);
    // One that is not there is no mistake: time may have ended it.
    let changes = [Change::Grant(pair, None), Change::Grant(other, None)];
    lab.apply(world, &changes);
    assert!(!has_setting(&lab));
    assert_eq!(outcome(&mut lab, PLAIN, "alice", "100"), Outcome::Dropped);
}

#[test]
fn the_program_ends_a_grant_by_itself() {
    let mut world = blocked();
    let mut lab = Lab::open(world.clone());
    // Loading takes its time.
    let end = soon(3);
    let pair = world.grant(LOCAL, REMOTE, end);
    lab.apply(world, &[Change::Grant(pair, Some(end))]);
    let GrantEnd::At(time) = end else {
        panic!("it has an end")
    };
    assert_eq!(
        lab.ask(&frame(PLAIN, REMOTE, LOCAL).bytes).outcome,
        Outcome::Granted
    );
    let deadline = Instant::now() + Duration::from_secs(10);
    let ended = loop {
        let asked = Timestamp::now();
        if lab.ask(&frame(PLAIN, REMOTE, LOCAL).bytes).outcome == Outcome::Dropped {
            break asked;
        }
        assert!(Instant::now() < deadline, "it does not end");
        std::thread::sleep(Duration::from_millis(5));
    };
    let late = ended.duration_since(time).as_millis();
    assert!((-20..200).contains(&late), "{late} ms behind its end");
    assert_eq!(inbound(&mut lab), Outcome::Dropped);
}

#[test]
fn grants_outlive_the_daemon_and_a_generation_brings_its_own() {
    let mut world = blocked();
    world.grant(LOCAL, REMOTE, soon(600));
    let mut lab = Lab::open(world.clone()).restarted();
    assert!(has_setting(&lab));
    assert_eq!(
        lab.ask(&frame(PLAIN, REMOTE, LOCAL).bytes).outcome,
        Outcome::Granted
    );

    let mut other = blocked();
    other.grant("100", "alice", GrantEnd::Open);
    lab.install(other);
    assert_eq!(inbound(&mut lab), Outcome::Dropped);
    assert_eq!(outcome(&mut lab, PLAIN, "alice", "100"), Outcome::Granted);

    lab.kernel.set_monitor(false).unwrap();
    assert!(has_setting(&lab), "other settings leave it alone");
    lab.install(blocked());
    assert!(!has_setting(&lab));
    assert_eq!(outcome(&mut lab, PLAIN, "alice", "100"), Outcome::Dropped);
}

#[test]
fn as_many_as_there_may_be_have_room() {
    let mut world = blocked();
    let many = blacklist_generation::MAXIMUM_GRANTS;
    for index in 0..many {
        world.grant(LOCAL, &format!("+1415{index:07}"), GrantEnd::Open);
    }
    let mut lab = Lab::open(world.clone());
    let last = format!("+1415{:07}", many - 1);
    assert_eq!(outcome(&mut lab, PLAIN, &last, LOCAL), Outcome::Granted);
    // As many others: those of before make room first.
    let mut others = blocked();
    for index in 0..many {
        others.grant("100", &format!("+1415{index:07}"), GrantEnd::Open);
    }
    lab.install(others);
    assert_eq!(outcome(&mut lab, PLAIN, &last, LOCAL), Outcome::Dropped);
    assert_eq!(outcome(&mut lab, PLAIN, &last, "100"), Outcome::Granted);
}
