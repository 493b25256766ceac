//! The messages of RFC 4475 and RFC 5118: the caller as the RFCs' authors meant it, or no call, never
//! another caller.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test program fails by panicking"
)]

#[path = "../../tests/src/corpus.rs"]
#[expect(unreachable_pub, reason = "a module of the tests' own library")]
mod corpus;

use blacklist_common::message::{Reader, Reading, read};
use blacklist_common::number::Number;
use blacklist_common::outcome::Outcome;
use blacklist_common::repeat::PlainLoop;
use blacklist_common::tables::{IdentitySource, TrunkEntry};
use blacklist_common::user_part::canonical;
use corpus::{NOT_JUDGED, Torture};

/// A peer that is asked for From alone.
fn trunk() -> TrunkEntry {
    TrunkEntry {
        identity: [IdentitySource::From as u8, 0, 0, 0],
        ..TrunkEntry::default()
    }
}

fn reading(reader: &mut Reader, text: &[u8]) -> Reading {
    reader.length = reader.text.fill(text);
    read::<PlainLoop>(reader, &trunk())
}

fn meant(message: &Torture) -> Option<Number> {
    let caller = message.caller.as_deref()?;
    Some(
        canonical(caller.as_bytes(), &trunk().dial_plan)
            .unwrap()
            .number,
    )
}

#[test]
fn callers_are_those_that_the_authors_meant() {
    let messages = corpus::all();
    assert_eq!(messages.len(), 50 + 12);
    let mut reader = Box::<Reader>::default();
    for message in &messages {
        let unjudged = NOT_JUDGED.iter().find(|(name, _)| *name == message.name);
        let expected = match (message.is_invite, unjudged) {
            (false, _) => Reading::NotOurs(Outcome::NotInvite),
            (true, Some((_, Outcome::InDialog))) => Reading::NotOurs(Outcome::InDialog),
            (true, Some((_, outcome))) => Reading::Ambiguous(*outcome),
            (true, None) => Reading::Call,
        };
        assert_eq!(
            reading(&mut reader, &message.text),
            expected,
            "{}",
            message.name
        );
        if expected == Reading::Call {
            let caller = Some(reader.message.caller.number);
            assert_eq!(caller, meant(message), "{}", message.name);
        }
    }
}

#[test]
fn a_message_that_ends_early_has_no_other_caller() {
    let mut reader = Box::<Reader>::default();
    let mut calls = 0;
    for message in corpus::all() {
        if reading(&mut reader, &message.text) != Reading::Call {
            continue;
        }
        for length in 0..message.text.len() {
            if reading(&mut reader, &message.text[..length]) == Reading::Call {
                let caller = Some(reader.message.caller.number);
                assert_eq!(caller, meant(&message), "{} cut to {length}", message.name);
                calls += 1;
            }
        }
    }
    assert!(calls > 1000, "{calls}");
}
