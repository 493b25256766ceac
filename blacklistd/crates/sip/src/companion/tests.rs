//! The redirect server's answers as bytes.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use blacklist_common::rule::ReasonClass;
use blacklist_model::{RejectStatus, RuleId};

use super::{
    Ambiguous, Answers, CompanionSettings, Fate, Framed, PassAnswer, Uri, next, readings, source_of,
};
use crate::answer::{Reply, Request, Responder, StatusSettings};

const INVITE: &str = "INVITE sip:100@192.0.2.7;user=phone SIP/2.0\r\n\
    Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK1\r\nFrom: <sip:+14155551234@x>;tag=a\r\n\
    To: <sip:100@192.0.2.7>\r\nCall-ID: 1@x\r\nCSeq: 7 INVITE\r\n\r\n";

/// The answer for calls that pass, and for calls whose rule says drop.
type Told = (PassAnswer, RejectStatus);

const USUAL: Told = (PassAnswer::NotFound, RejectStatus::Decline);
const BY_503: Told = (PassAnswer::ServiceUnavailable, RejectStatus::Decline);
const BY_302: Told = (PassAnswer::MovedTemporarily, RejectStatus::Decline);
const DROPPED_486: Told = (PassAnswer::NotFound, RejectStatus::BusyHere);

fn settings((pass, dropped): Told) -> CompanionSettings {
    CompanionSettings {
        listen: None,
        http: None,
        allow: Vec::new(),
        trunk: None,
        media_host: None,
        pass,
        dropped,
        ambiguous: Ambiguous::Listed,
        maximum_per_second: 1000,
        maximum_connections: 100,
        maximum_message: 65_536,
        deadline: Duration::from_millis(100),
    }
}

fn peer() -> SocketAddr {
    "127.0.0.1:5060".parse().unwrap()
}

fn with<T>(told: Told, work: impl FnOnce(&Answers<'_>) -> T) -> T {
    work(&Answers {
        responder: &Responder::new(b"secret", StatusSettings::default()),
        settings: &settings(told),
        peer: peer(),
    })
}

fn lines(reply: &Reply) -> Vec<String> {
    let text = String::from_utf8_lossy(&reply.text).into_owned();
    text.lines().map(str::to_owned).collect()
}

/// The first line and those that begin with `header`.
fn answered(told: Told, text: &str, fate: &Fate, header: &str) -> (String, Vec<String>) {
    let request = Request::read_first(text.as_bytes()).unwrap();
    let reply = with(told, |answers| answers.invite(&request, fate)).unwrap();
    assert_eq!(reply.to, peer());
    let lines = lines(&reply);
    let found = lines.iter().filter(|line| line.starts_with(header));
    (lines[0].clone(), found.cloned().collect())
}

#[test]
fn fates_become_answers() {
    let refuse = |status| Fate::Refuse(status, ReasonClass::OwnList);
    let target = Uri::new(b"sip:hold@127.0.0.1:5090").unwrap();
    let rows = [
        ("goes on", USUAL, Fate::Pass, "404 Not Found", ""),
        (
            "goes on by 503",
            BY_503,
            Fate::Pass,
            "503 Service Unavailable",
            "",
        ),
        (
            "goes on by 302",
            BY_302,
            Fate::Pass,
            "302 Moved Temporarily",
            "Contact: <sip:100@192.0.2.7;user=phone;blacklist=pass>",
        ),
        (
            "refused",
            USUAL,
            refuse(RejectStatus::Unwanted),
            "607 Unwanted",
            "",
        ),
        (
            "refused with what means go on",
            USUAL,
            refuse(RejectStatus::NotFound),
            "603 Decline",
            "",
        ),
        (
            "the same where it means nothing else",
            BY_503,
            refuse(RejectStatus::NotFound),
            "404 Not Found",
            "",
        ),
        (
            "dropped, with another status",
            DROPPED_486,
            refuse(RejectStatus::NotFound),
            "486 Busy Here",
            "",
        ),
        (
            "diverted",
            USUAL,
            Fate::Divert(target, RuleId(7)),
            "302 Moved Temporarily",
            "Contact: <sip:hold@127.0.0.1:5090;blacklist-rule=7>",
        ),
        (
            "in a dialog",
            USUAL,
            Fate::InDialog,
            "481 Call/Transaction Does Not Exist",
            "",
        ),
    ];
    for (name, told, fate, status, contact) in rows {
        let (line, found) = answered(told, INVITE, &fate, "Contact");
        assert_eq!(line, format!("SIP/2.0 {status}"), "{name}");
        assert_eq!(found.first().map_or("", String::as_str), contact, "{name}");
    }
}

#[test]
fn a_target_that_cannot_be_written_goes_on_by_404() {
    let text = INVITE.replace("sip:100@192.0.2.7;user=phone", "sip:<100>@x");
    let (line, found) = answered(BY_302, &text, &Fate::Pass, "Contact");
    assert_eq!((line.as_str(), found.len()), ("SIP/2.0 404 Not Found", 0));
}

#[test]
fn a_branch_of_a_fork_has_a_tag_of_its_own_and_a_repetition_the_same() {
    let other = INVITE.replace("z9hG4bK1", "z9hG4bK2");
    let to = |text: &str| answered(USUAL, text, &Fate::Pass, "To").1;
    assert_eq!(to(INVITE), to(INVITE));
    assert_ne!(to(INVITE), to(&other));
}

#[test]
fn other_methods() {
    let rows = [
        ("OPTIONS", "", "200 OK"),
        ("SUBSCRIBE", "", "405 Method Not Allowed"),
        ("BYE", ";tag=1", "481 Call/Transaction Does Not Exist"),
    ];
    for (method, tag, status) in rows {
        let text = INVITE.replace("INVITE", method).replace(
            "To: <sip:100@192.0.2.7>",
            &format!("To: <sip:100@192.0.2.7>{tag}"),
        );
        let request = Request::read_first(text.as_bytes()).unwrap();
        let reply = with(USUAL, |answers| answers.other(&request)).unwrap();
        assert_eq!(lines(&reply)[0], format!("SIP/2.0 {status}"), "{method}");
    }
    let request = Request::read_first(INVITE.as_bytes()).unwrap();
    let reply = with(USUAL, |answers| answers.overload(&request)).unwrap();
    assert!(lines(&reply).contains(&"Retry-After: 1".to_owned()));
}

#[test]
fn uris_that_can_stand_in_brackets() {
    for bad in [
        &b""[..],
        b"sip:a@b>",
        b"sip:a b",
        b"sip:\xff",
        b"sip:a\"@b",
        b"a\r\nb",
    ] {
        assert_eq!(Uri::new(bad), None, "{bad:?}");
    }
    let uri = Uri::new(b"sip:a@b?Subject=x").unwrap();
    assert_eq!(uri.with("p=1"), "sip:a@b;p=1?Subject=x");
}

/// Every message of RFC 4475 and RFC 5118: whatever can be parsed gets a complete answer, and
/// nothing panics.
#[test]
fn torture_messages() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/data/sip-torture");
    let mut seen = 0;
    for folder in ["rfc4475", "rfc5118"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read(&path).unwrap();
            seen += 1;
            let _ = next(&text, 65_536);
            let _ = source_of(&text);
            for reading in readings(&text, &Default::default()) {
                assert!(
                    matches!(next(&reading, 65_536), Framed::Message(_)),
                    "{path:?}"
                );
            }
            let Ok(request) = Request::read_first(&text) else {
                continue;
            };
            for fate in [
                Fate::Pass,
                Fate::Refuse(RejectStatus::Decline, ReasonClass::OwnList),
            ] {
                let Ok(reply) = with(USUAL, |answers| answers.invite(&request, &fate)) else {
                    continue;
                };
                assert!(reply.text.starts_with(b"SIP/2.0 "), "{path:?}");
                assert!(
                    reply.text.ends_with(b"\r\nContent-Length: 0\r\n\r\n"),
                    "{path:?}"
                );
            }
        }
    }
    assert!(seen > 50, "{seen} messages");
}
