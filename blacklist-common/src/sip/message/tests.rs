//! Texts by what they are, who calls, and of which classes the caller is.

extern crate std;
use std::boxed::Box;
use std::format;
use std::string::{String, ToString as _};

use super::*;
use crate::repeat::PlainLoop;

fn trunk() -> TrunkEntry {
    TrunkEntry {
        flags: TRUNK_TRUSTED,
        identity: [
            IdentitySource::PAssertedIdentity as u8,
            IdentitySource::From as u8,
            0,
            0,
        ],
        ..TrunkEntry::default()
    }
}

fn reader(text: &str) -> (Box<Reader>, Reading) {
    let mut reader = Box::<Reader>::default();
    reader.length = reader.text.fill(text.as_bytes());
    let reading = read::<PlainLoop>(&mut reader, &trunk());
    (reader, reading)
}

fn invite(lines: &str) -> String {
    format!("INVITE sip:2@x SIP/2.0\r\n{lines}\r\nTo: <sip:2@x>\r\nCall-ID: c\r\n\r\n")
}

#[test]
fn datagrams_by_their_first_bytes() {
    for (text, fragment, start) in [
        (&b""[..], false, Start::KeepAlive),
        (b"", true, Start::Incomplete),
        (b"\0\0\0\0", false, Start::KeepAlive),
        (b"\r\n\r\n", false, Start::Unknown),
        (b"INVITE ", false, Start::Invite),
        (b"INVITE sip:1@x SIP/2.0", false, Start::Invite),
        (b"INVITE", false, Start::Message),
        (b"INVITE", true, Start::Incomplete),
        (b"INVITES ", false, Start::Message),
        (b"invite sip", false, Start::Invite),
        (b"InViTe sip", false, Start::Invite),
        (b"invites sip", false, Start::Message),
        (b"INVITE\0sip", false, Start::Message),
        (b"\0INVITE s", false, Start::Unknown),
        (b" INVITE s", false, Start::Unknown),
        (b"\tINVITE s", false, Start::Unknown),
        (b"\0\x01\0\0\x21\x12\xa4\x42", false, Start::Unknown),
        (b"\x01INVITE s", false, Start::NoMessage),
        (b"SIP/2.0 200 OK", false, Start::Message),
        (b"\x80abcdefgh", true, Start::NoMessage),
    ] {
        let word = word_of(text.get(..8).unwrap_or(text));
        let found = Start::of(Some(word), text.len() as u32, fragment);
        assert_eq!(found, start, "{text:?}");
    }
    assert_eq!(Start::of(None, 7, false), Start::Unknown);
    assert_eq!(Start::of_text(b"\r\n\nINVITE sip:1@x"), Start::Invite);
    assert_eq!(Start::of_text(b"\r\n"), Start::KeepAlive);
}

#[test]
fn what_is_read_and_what_is_not() {
    use Outcome::{
        BadStartLine, IdentityConflict, InDialog, KeepAlive, MissingHeader, NotInvite, NulInUser,
        SeveralAddresses, TooLong, Truncated,
    };
    let whole = invite("From: <sip:1@x>");
    let long = invite(&format!("From: <sip:{}@x>", "1".repeat(600)));
    for (text, expected) in [
        (whole.clone(), Reading::Call),
        (format!("\r\n\r\n{whole}"), Reading::Call),
        (format!(" {whole}"), Reading::Call),
        (format!("\0{whole}"), Reading::Call),
        (format!("\t\0 \r{whole}"), Reading::Call),
        (whole.replace("INVITE", "inviTE"), Reading::Call),
        (
            format!("\0{}", whole.replace("INVITE", "ACK")),
            Reading::NotOurs(NotInvite),
        ),
        (
            "\0\x01\0\0\x21\x12\u{24}\x42abcdefgh".to_string(),
            Reading::NotOurs(KeepAlive),
        ),
        (
            "\0\0\0\0\0\0\0\0\0\0".to_string(),
            Reading::NotOurs(KeepAlive),
        ),
        (
            whole.replace("To: <sip:2@x>", "To: <sip:2@x>;tag=\"\""),
            Reading::Ambiguous(Outcome::BadAddress),
        ),
        ("\r\n\r\n".to_string(), Reading::NotOurs(KeepAlive)),
        (whole.replace("INVITE", "ACK"), Reading::NotOurs(NotInvite)),
        (
            whole.replace("To: <sip:2@x>", "To: <sip:2@x>;tag=a"),
            Reading::NotOurs(InDialog),
        ),
        (
            whole.replace("SIP/2.0", "SIP/2"),
            Reading::Ambiguous(BadStartLine),
        ),
        (
            whole.replace("From", "Form"),
            Reading::Ambiguous(MissingHeader),
        ),
        (whole[..40].to_string(), Reading::Ambiguous(Truncated)),
        (
            invite("From: <sip:1@x>, <sip:3@x>"),
            Reading::Ambiguous(SeveralAddresses),
        ),
        (invite("From: <sip:1%00@x>"), Reading::Ambiguous(NulInUser)),
        (long, Reading::Ambiguous(TooLong)),
        (
            invite("From: <sip:1@x>\r\nP-Asserted-Identity: <sip:3@x>, <tel:4>"),
            Reading::Ambiguous(IdentityConflict),
        ),
    ] {
        assert_eq!(reader(&text).1, expected, "{text}");
    }
}

#[test]
fn the_caller_is_the_first_source_that_names_one() {
    for (lines, caller, source) in [
        ("From: <sip:1@x>", "1", IdentitySource::From),
        (
            "From: <sip:1@x>\r\nP-Asserted-Identity: <sip:3@x>",
            "3",
            IdentitySource::PAssertedIdentity,
        ),
        (
            "From: <sip:1@x>\r\nP-Asserted-Identity: <sip:3@x>, <tel:3>",
            "3",
            IdentitySource::PAssertedIdentity,
        ),
        (
            "From: <sip:1@x>\r\nP-Asserted-Identity: <sip:a@x>\r\nP-Asserted-Identity: <tel:4>",
            "4",
            IdentitySource::PAssertedIdentity,
        ),
        (
            "From: <sip:1@x>\r\nP-Asserted-Identity: <sip:x>",
            "1",
            IdentitySource::From,
        ),
    ] {
        let (reader, reading) = reader(&invite(lines));
        assert_eq!(reading, Reading::Call, "{lines}");
        let message = &reader.message;
        assert_eq!(message.caller.number.to_string(), caller, "{lines}");
        assert_eq!(message.identity, source as u32, "{lines}");
        assert_eq!(message.called.number.to_string(), "2", "{lines}");
    }
}

#[test]
fn classes_of_the_caller() {
    use crate::pattern::Class;
    let of = |lines: &str| {
        let (reader, reading) = reader(&invite(lines));
        assert_eq!(reading, Reading::Call, "{lines}");
        reader.message.classes
    };
    let unvalidated = Class::NotValidated.bit();
    for (lines, classes) in [
        ("From: <sip:1@x>", unvalidated),
        (
            "From: <sip:1@x>\r\nPrivacy: id",
            unvalidated | Class::Withheld.bit(),
        ),
        (
            "From: <sip:1@x>\r\nPrivacy: header ; USER",
            unvalidated | Class::Withheld.bit(),
        ),
        ("From: <sip:1@x>\r\nPrivacy: none", unvalidated),
        ("From: <sip:1@x>\r\nPrivacy: idx", unvalidated),
        (
            "From: Anonymous <sip:1@x>",
            unvalidated | Class::AnonymousUri.bit(),
        ),
        (
            "From: <sip:1@anonymous.invalid>",
            unvalidated | Class::AnonymousUri.bit(),
        ),
        ("From: <sip:1@anonymous.invalid.x>", unvalidated),
        ("From: <sip:x>", unvalidated | Class::NoNumber.bit()),
        (
            "From: <sip:unavailable@x>",
            unvalidated | Class::NoNumber.bit(),
        ),
        ("From: <sip:0000@x>", unvalidated | Class::Unusable.bit()),
        ("From: <sip:1;verstat=TN-Validation-Passed@x>", 0),
        (
            "From: <sip:1;verstat=TN-Validation-Passed-B@x>",
            Class::AttestationB.bit(),
        ),
        (
            "From: <sip:1;a;verstat=tn-validation-passed-c@x>",
            Class::AttestationC.bit(),
        ),
        (
            "From: <tel:1;verstat=TN-Validation-Failed>",
            Class::ValidationFailed.bit(),
        ),
        ("From: <sip:1;verstat=No-TN-Validation@x>", unvalidated),
    ] {
        assert_eq!(of(lines), classes, "{lines}");
    }
}

#[test]
fn a_fingerprint_is_that_of_the_call_id_alone() {
    let of = |text: String| {
        let (mut reader, _) = reader(&text);
        fingerprint::<PlainLoop>(&mut reader)
    };
    let one = invite("From: <sip:1@x>");
    let first = of(one.clone());
    assert_eq!(of(one.replace("sip:1@x", "sip:99@y")), first);
    assert_ne!(of(one.replace("Call-ID: c", "Call-ID: d")), first);
    assert_ne!(of(one.replace("Call-ID: c", "Call-ID: cc")), first);
}
