//! Header blocks by what is found in them and how they end.

extern crate std;
use std::boxed::Box;
use std::format;
use std::vec::Vec;

use super::*;
use crate::repeat::PlainLoop;

fn scanned(text: &[u8]) -> (Box<Text>, Scan, Result<(), Outcome>) {
    let mut memory = Box::<Text>::default();
    // What follows the text is left over from a longer one.
    let length = memory.fill(text);
    memory.fill(&[text, b": <sip:left@over>\r\n\r\n"].concat());
    let mut found = Scan::default();
    let end = scan::<PlainLoop>(&memory, &mut found, 0, length);
    (memory, found, end)
}

#[test]
fn headers_in_every_spelling() {
    use Field::{CallId, FirstIdentity, From, None, Priority, Privacy, RemotePartyId, To};
    for (header, field) in [
        ("From: a", From),
        ("f:a", From),
        ("FROM \t : a", From),
        ("To: a", To),
        ("t: a", To),
        ("Call-ID: a", CallId),
        ("i: a", CallId),
        ("P-Asserted-Identity: a", FirstIdentity),
        ("Remote-Party-ID: a", RemotePartyId),
        ("Privacy: a", Privacy),
        ("Priority: a", Priority),
        ("From: \r\n a", From),
        ("Froma: a", None),
        ("Fro: a", None),
        ("From a", None),
        ("X-From: a", None),
    ] {
        for line_end in ["\r\n", "\n"] {
            let text = format!("INVITE x{line_end}{header}{line_end}X: y{line_end}{line_end}");
            let (memory, found, end) = scanned(text.as_bytes());
            assert_eq!(end, Ok(()), "{header}");
            assert_eq!(found.empty_line, 1, "{header}");
            for other in [
                From,
                To,
                CallId,
                FirstIdentity,
                RemotePartyId,
                Privacy,
                Priority,
            ] {
                assert_eq!(found.span(other).is_some(), other == field, "{header}");
            }
            let span = found.span(field);
            if field != None {
                let value = memory.slice(span.start, span.end).trim_ascii();
                assert_eq!(value, b"a", "{header}");
            }
        }
    }
}

#[test]
fn what_ends_a_scan() {
    let many: Vec<u8> = b"X: y\r\n".repeat(300);
    let wide = [&b"From"[..], &[b' '; 80], b": a\r\n\r\n"].concat();
    for (name, text, expected) in [
        ("empty line", &b"I\r\nX: y\r\n\r\nbody"[..], Ok(())),
        ("bare LF", b"I\nX: y\n\n", Ok(())),
        ("ends behind a line", b"I\r\nX: y\r\n", Ok(())),
        (
            "ends inside of a line",
            b"I\r\nX: y",
            Err(Outcome::Truncated),
        ),
        (
            "ends between CR and LF",
            b"I\r\nX: y\r",
            Err(Outcome::Truncated),
        ),
        ("CR alone", b"I\r\nX: y\rz\r\n\r\n", Err(Outcome::BareCr)),
        ("empty line of CR alone", b"I\r\n\rX", Err(Outcome::BareCr)),
        (
            "two From",
            b"I\r\nf: a\r\nFrom: b\r\n\r\n",
            Err(Outcome::RepeatedHeader),
        ),
        (
            "two To",
            b"I\r\nTo: a\r\nt: b\r\n\r\n",
            Err(Outcome::RepeatedHeader),
        ),
        (
            "two Call-ID",
            b"I\r\ni: a\r\ni: b\r\n\r\n",
            Err(Outcome::RepeatedHeader),
        ),
        (
            "two Privacy",
            b"I\r\nPrivacy: a\r\nPrivacy: b\r\n\r\n",
            Ok(()),
        ),
        ("too many lines", &many, Err(Outcome::TooLong)),
        ("blanks in front of the colon", &wide, Err(Outcome::TooLong)),
    ] {
        let text = if text.first() == Some(&b'I') {
            text.to_vec()
        } else {
            [b"I\r\n", text].concat()
        };
        assert_eq!(scanned(&text).2, expected, "{name}");
    }
}

#[test]
fn identities_may_come_twice() {
    let text = b"I\r\nP-Asserted-Identity: a\r\nP-Asserted-Identity: b\r\n\r\n";
    let (_, found, end) = scanned(text);
    assert_eq!(end, Ok(()));
    assert!(found.span(Field::FirstIdentity).is_some());
    assert!(found.span(Field::SecondIdentity).is_some());
    assert!(!found.is_repeated(Field::SecondIdentity));
    let third = [&text[..text.len() - 2], b"P-Asserted-Identity: c\r\n\r\n"].concat();
    assert!(scanned(&third).1.is_repeated(Field::SecondIdentity));
}
