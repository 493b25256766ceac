//! Classes of callers: what puts a call into each, and what only looks like it.

use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::Class;
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::Lab;
use blacklist_tests::rules::List;
use blacklist_tests::standard::{PLAIN, REMOTE_PARTY, TRUSTED};

use crate::patterns::{outcome, world};

/// A message, and the classes that it is in.
fn class_rows() -> Vec<(&'static str, &'static str, Invite, Vec<Class>)> {
    use Class::{
        AnonymousUri, AttestationB, AttestationC, NoNumber, NotValidated, Unusable,
        ValidationFailed, Withheld,
    };
    let privacy = |value: &str| Invite::new().last(format!("Privacy: {value}"));
    let asserted = |user: &str| {
        Invite::new().last(format!(
            "P-Asserted-Identity: <sip:+14155550001{user}@carrier.example.net;user=phone>"
        ))
    };
    vec![
        ("an ordinary call", PLAIN, Invite::new(), vec![]),
        ("Privacy: id", PLAIN, privacy("id"), vec![Withheld]),
        ("Privacy: user", PLAIN, privacy("USER"), vec![Withheld]),
        (
            "Privacy: user;id",
            PLAIN,
            privacy("header;critical ; id"),
            vec![Withheld],
        ),
        (
            "Privacy: id, critical",
            PLAIN,
            privacy("id, critical"),
            vec![Withheld],
        ),
        ("Privacy: none", PLAIN, privacy("none"), vec![]),
        (
            "Privacy: history",
            PLAIN,
            privacy("history;header;session"),
            vec![],
        ),
        ("Privacy: identity", PLAIN, privacy("identity"), vec![]),
        ("Privacy, empty", PLAIN, privacy(""), vec![]),
        (
            "anonymous.invalid",
            PLAIN,
            Invite::new().from("<sip:+14155550001@anonymous.invalid>;tag=1"),
            vec![AnonymousUri],
        ),
        (
            "anonymous@anonymous.invalid",
            PLAIN,
            Invite::new().from("\"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1"),
            vec![AnonymousUri, NoNumber],
        ),
        (
            "a display name alone",
            PLAIN,
            Invite::new().from("Anonymous <sip:+14155550001@x>;tag=1"),
            vec![AnonymousUri],
        ),
        (
            "a quoted display name in capitals",
            PLAIN,
            Invite::new().from("\"ANONYMOUS\" <sip:+14155550001@x>;tag=1"),
            vec![AnonymousUri],
        ),
        (
            "user anonymous",
            PLAIN,
            Invite::new().from("<sip:Anonymous@x>;tag=1"),
            vec![AnonymousUri, NoNumber],
        ),
        (
            "no user at anonymous.invalid",
            PLAIN,
            Invite::new().from("<sip:anonymous.invalid>;tag=1"),
            vec![AnonymousUri, NoNumber],
        ),
        (
            "a host that only begins so",
            PLAIN,
            Invite::new().from("<sip:+14155550001@anonymous.invalid.example.com>;tag=1"),
            vec![],
        ),
        (
            "a name that only begins so",
            PLAIN,
            Invite::new().from("\"Anonymously Yours\" <sip:+14155550001@x>;tag=1"),
            vec![],
        ),
        (
            "a user that only begins so",
            PLAIN,
            Invite::new().from("<sip:anonymous1@x>;tag=1"),
            vec![],
        ),
        (
            "no user",
            PLAIN,
            Invite::new().from("<sip:x.example.com>;tag=1"),
            vec![NoNumber],
        ),
        (
            "unavailable",
            PLAIN,
            Invite::new().from("<sip:Unavailable@x>;tag=1"),
            vec![NoNumber],
        ),
        (
            "restricted",
            PLAIN,
            Invite::new().from("<sip:Restricted@x>;tag=1"),
            vec![NoNumber],
        ),
        (
            "unknown",
            PLAIN,
            Invite::new().from("<sip:unknown@x>;tag=1"),
            vec![NoNumber],
        ),
        (
            "alice",
            PLAIN,
            Invite::new().from("<sip:alice@x>;tag=1"),
            vec![],
        ),
        (
            "ten zeros",
            PLAIN,
            Invite::new().from("<sip:0000000000@x>;tag=1"),
            vec![Unusable],
        ),
        (
            "+00",
            PLAIN,
            Invite::new().from("<sip:+00@x>;tag=1"),
            vec![Unusable],
        ),
        (
            "zeros with separators",
            PLAIN,
            Invite::new().from("<sip:000-0000@x>;tag=1"),
            vec![Unusable],
        ),
        (
            "twenty zeros",
            PLAIN,
            Invite::new().from("<sip:00000000000000000000@x>;tag=1"),
            vec![Unusable],
        ),
        (
            "zeros and a one",
            PLAIN,
            Invite::new().from("<sip:0000000001@x>;tag=1"),
            vec![],
        ),
        (
            "trusted, nothing said",
            TRUSTED,
            Invite::new(),
            vec![NotValidated],
        ),
        (
            "passed",
            TRUSTED,
            asserted(";verstat=TN-Validation-Passed"),
            vec![],
        ),
        (
            "passed A",
            TRUSTED,
            asserted(";verstat=TN-Validation-Passed-A"),
            vec![],
        ),
        (
            "passed B",
            TRUSTED,
            asserted(";verstat=TN-Validation-Passed-B"),
            vec![AttestationB],
        ),
        (
            "passed C",
            TRUSTED,
            asserted(";cpc=ordinary;verstat=tn-validation-passed-c"),
            vec![AttestationC],
        ),
        (
            "failed",
            TRUSTED,
            asserted(";verstat=TN-Validation-Failed"),
            vec![ValidationFailed],
        ),
        (
            "not validated",
            TRUSTED,
            asserted(";verstat=No-TN-Validation"),
            vec![NotValidated],
        ),
        (
            "failed, tel URI",
            TRUSTED,
            Invite::new()
                .last("P-Asserted-Identity: <tel:+14155550001;verstat=TN-Validation-Failed>"),
            vec![ValidationFailed],
        ),
        (
            "failed, after the host",
            TRUSTED,
            Invite::new().last(
                "P-Asserted-Identity: <sip:+14155550001@x;user=phone;verstat=TN-Validation-Failed>",
            ),
            vec![ValidationFailed],
        ),
        (
            "passed B, after the bracket",
            TRUSTED,
            Invite::new().last(
                "P-Asserted-Identity: <sip:+14155550001@x>;verstat=TN-Validation-Passed-B",
            ),
            vec![AttestationB],
        ),
        (
            "passed, with the second identity",
            TRUSTED,
            Invite::new().last(
                "P-Asserted-Identity: <sip:+14155550001@x>, <tel:+14155550001;verstat=TN-Validation-Passed>",
            ),
            vec![],
        ),
        (
            "failed, with a level",
            TRUSTED,
            asserted(";verstat=TN-Validation-Failed-C"),
            vec![ValidationFailed],
        ),
        (
            "a value that begins so",
            TRUSTED,
            asserted(";verstat=TN-Validation-Failedly"),
            vec![NotValidated],
        ),
        (
            "Remote-Party-ID, withheld",
            REMOTE_PARTY,
            Invite::new().last("Remote-Party-ID: <sip:+14155550001@x>;party=calling;privacy=full"),
            vec![Withheld],
        ),
        (
            "Remote-Party-ID, its number withheld",
            REMOTE_PARTY,
            Invite::new().last("Remote-Party-ID: <sip:+14155550001@x> ; Privacy=\"uri\";screen=yes"),
            vec![Withheld],
        ),
        (
            "Remote-Party-ID, not withheld",
            REMOTE_PARTY,
            Invite::new().last("Remote-Party-ID: <sip:+14155550001@x>;privacy=off"),
            vec![],
        ),
        (
            "Remote-Party-ID, another value",
            REMOTE_PARTY,
            Invite::new().last("Remote-Party-ID: <sip:+14155550001@x>;privacy=fully"),
            vec![],
        ),
        (
            "failed, said by a stranger",
            PLAIN,
            Invite::new().from("<sip:+14155550001;verstat=TN-Validation-Failed@x>;tag=1"),
            vec![],
        ),
    ]
}

#[test]
fn classes_are_what_calls_are() {
    let mut lab = Lab::open(world());
    for class in Class::ALL {
        let mut blocking = world();
        let _ = blocking.global().class(List::Block, 1, class);
        lab.install(blocking);
        for (name, peer, invite, classes) in class_rows() {
            let expected = if class == Class::Everything || classes.contains(&class) {
                Outcome::Dropped
            } else {
                Outcome::NoRule
            };
            assert_eq!(
                outcome(&mut lab, peer, &invite),
                expected,
                "{name}: {class:?}"
            );
        }
    }
}
