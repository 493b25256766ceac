//! The messages of RFC 4475 and RFC 5118 in frames: the caller as the RFCs' authors meant it, or
//! no judgement, never another caller.

use blacklist_common::outcome::Outcome;
use blacklist_tests::corpus::{self, NOT_JUDGED, Torture};
use blacklist_tests::datagram::{Datagram, Frame};
use blacklist_tests::lab::Lab;
use blacklist_tests::rules::{World, number};
use blacklist_tests::standard::{PLAIN, PLAIN_V6};

/// Rules that block these users, one slot each.
fn blocking<'a>(users: impl Iterator<Item = &'a str>) -> World {
    let mut world = World::new();
    let mut place = world.global();
    for (slot, user) in (1..).zip(users) {
        place = place.block(slot, user);
    }
    world
}

fn callers(messages: &[Torture]) -> Vec<&str> {
    let mut callers: Vec<&str> = messages
        .iter()
        .filter_map(|m| m.caller.as_deref())
        .collect();
    callers.sort_unstable();
    callers.dedup();
    callers
}

fn frames(message: &Torture) -> [Frame; 2] {
    [PLAIN, PLAIN_V6].map(|peer| Datagram::new(peer, message.text.clone()).frame())
}

fn check(lab: &mut Lab, message: &Torture, frame: &Frame) -> Result<bool, String> {
    let seen = lab.agree(frame)?;
    let dropped = lab.send(&frame.bytes);
    if dropped != seen.outcome.is_dropped() {
        return Err(format!("the enforcing program did not do as {seen:?}"));
    }
    let unjudged = NOT_JUDGED.iter().find(|(name, _)| *name == message.name);
    let expected = match (message.is_invite, unjudged) {
        (false, _) => Outcome::NotInvite,
        (true, Some((_, outcome))) => *outcome,
        (true, None) => Outcome::Dropped,
    };
    if seen.outcome != expected {
        return Err(format!("expected {}, seen {seen:?}", expected.as_str()));
    }
    if expected == Outcome::Dropped {
        let caller = message.caller.as_deref().ok_or("no caller can be read")?;
        if seen.caller != number(caller) {
            return Err(format!("the caller is not {caller}: {seen:?}"));
        }
    }
    Ok(dropped)
}

#[test]
fn callers_are_those_that_the_authors_meant() {
    let messages = corpus::all();
    assert_eq!(messages.len(), 50 + 12);
    let mut lab = Lab::open(blocking(callers(&messages).into_iter()));
    let mut failures = Vec::new();
    let mut dropped = 0;
    for message in &messages {
        for frame in frames(message) {
            match check(&mut lab, message, &frame) {
                Ok(was) => dropped += usize::from(was),
                Err(why) => failures.push(format!("{} from {}: {why}", message.name, frame.source)),
            }
        }
    }
    assert!(
        failures.is_empty(),
        "{} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
    let invites = messages.iter().filter(|message| message.is_invite).count();
    assert_eq!(dropped, 2 * (invites - NOT_JUDGED.len()));
}

#[test]
fn another_caller_is_never_dropped() {
    let messages = corpus::all();
    let others: Vec<String> = callers(&messages)
        .into_iter()
        .flat_map(|user| [format!("{user}x"), format!("x{user}")])
        .collect();
    let mut lab = Lab::open(blocking(others.iter().map(String::as_str)));
    for message in &messages {
        for frame in frames(message) {
            let seen = lab
                .agree(&frame)
                .unwrap_or_else(|why| panic!("{}: {why}", message.name));
            assert!(!seen.outcome.is_dropped(), "{}: {seen:?}", message.name);
            assert!(!lab.send(&frame.bytes), "{}", message.name);
        }
    }
}
