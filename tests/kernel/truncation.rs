//! Messages and frames that end too early, at every byte.

use blacklist_common::number::Number;
use blacklist_common::outcome::Outcome;
use blacklist_tests::corpus;
use blacklist_tests::datagram::{Datagram, Frame};
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::{LEAST_FRAME, Lab};
use blacklist_tests::rows;
use blacklist_tests::standard::{self, PLAIN, PLAIN_V6};

/// Texts above this size are cut in `large_texts` only.
const LARGE: usize = 3000;

/// Where From's lines end: the name, any case, blanks, a colon; up to the end of each physical line
/// of its value. A second From is the scanner's to refuse.
fn ends_of_from(text: &[u8]) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut inside = false;
    let mut start = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let end = start + line.len();
        start = end;
        if !matches!(line.first(), Some(b' ' | b'\t')) {
            inside = is_from(line);
        }
        if inside {
            ends.push(end);
        }
    }
    ends
}

fn is_from(line: &[u8]) -> bool {
    let Some(colon) = line.iter().position(|byte| *byte == b':') else {
        return false;
    };
    let name = line[..colon].trim_ascii_end();
    name.eq_ignore_ascii_case(b"from") || name.eq_ignore_ascii_case(b"f")
}

fn is_judged(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::NoRule
            | Outcome::Allowed
            | Outcome::SafetyFloor
            | Outcome::Dropped
            | Outcome::Monitored
            | Outcome::Unanswered
    )
}

/// A text as a datagram of its own, or as the first fragment of a longer one.
fn cut(text: &[u8], length: usize, fragment: bool) -> Frame {
    let part = &text[..length];
    if !fragment {
        return Datagram::new(PLAIN, part).frame();
    }
    let said = u16::try_from(text.len() + 8 + 1).unwrap();
    let mut frame = Datagram::new(PLAIN, part).said(said).frame();
    // More fragments follow.
    frame.bytes[20] |= 0x20;
    frame.fragment = true;
    frame
}

fn check(lab: &mut Lab, name: &str, text: &[u8], fragment: bool) {
    let ends = ends_of_from(text);
    let whole: Option<Number> = {
        let seen = lab
            .agree(&cut(text, text.len(), false))
            .unwrap_or_else(|why| panic!("{name}: {why}"));
        is_judged(seen.outcome).then_some(seen.caller)
    };
    for length in 0..text.len() {
        let frame = cut(text, length, fragment);
        let seen = lab
            .agree(&frame)
            .unwrap_or_else(|why| panic!("{name}, cut at {length}, fragment {fragment}: {why}"));
        if !is_judged(seen.outcome) {
            assert!(
                !seen.outcome.is_dropped(),
                "{name}, cut at {length}: {seen:?}"
            );
            continue;
        }
        let complete = ends.iter().any(|end| length >= *end);
        assert!(
            complete,
            "{name}, cut at {length}, judged without its From: {seen:?}"
        );
        if let Some(caller) = whole {
            assert_eq!(seen.caller, caller, "{name}, cut at {length}");
        }
        if fragment {
            let is_empty_line = |at: &[u8]| at == b"\n\n" || at == b"\n\r\n";
            let there = text[..length].windows(2).chain(text[..length].windows(3));
            assert!(
                there.into_iter().any(is_empty_line),
                "{name}, fragment of {length}: {seen:?}"
            );
        }
    }
}

#[test]
fn every_row_cut_at_every_byte() {
    let mut lab = Lab::open(standard::world());
    for (name, text) in rows::texts() {
        if text.len() < LARGE {
            check(&mut lab, &name, &text, false);
        }
    }
}

#[test]
fn every_message_of_the_corpora_cut_at_every_byte() {
    let mut lab = Lab::open(standard::world());
    for message in corpus::all() {
        if message.text.len() < 2 * LARGE {
            check(&mut lab, &message.name, &message.text, false);
            check(&mut lab, &message.name, &message.text, true);
        }
    }
}

#[test]
fn first_fragments_cut_at_every_byte() {
    let mut lab = Lab::open(standard::world());
    for text in [
        Invite::new().listed(),
        Invite::new().line_end(b"\n").listed(),
        Invite::new().from("sip:+14155551234@x\r\n ;tag=1").listed(),
        [b"\r\n\r\n", &Invite::new().listed()[..]].concat(),
    ] {
        check(&mut lab, "fragment", &text, true);
    }
}

#[test]
fn large_texts_cut_around_their_headers() {
    let mut lab = Lab::open(standard::world());
    let mut checked = 0;
    for (name, text) in rows::texts() {
        if text.len() < LARGE {
            continue;
        }
        for length in (0..text.len()).step_by(211).chain([16_383, 16_384, 16_385]) {
            if length < text.len() {
                let frame = cut(&text, length, false);
                lab.agree(&frame)
                    .unwrap_or_else(|why| panic!("{name}, cut at {length}: {why}"));
                checked += 1;
            }
        }
    }
    assert!(checked > 500, "{checked}");
}

#[test]
fn frames_cut_at_every_byte_with_lengths_as_they_were() {
    let mut lab = Lab::open(standard::world());
    let text = Invite::new().listed();
    let v4 = Datagram::new(PLAIN, text.clone());
    let v6 = Datagram::new(PLAIN_V6, text.clone());
    let short = [0, 1, 4, 0, 0, 0, 0];
    let mut frames = vec![
        ("IPv4", v4.frame()),
        ("VLAN", v4.clone().tag(0x8100).frame()),
        ("QinQ", v4.clone().tag(0x8100).tag(0x88A8).frame()),
        ("options", v4.clone().options([1; 40]).frame()),
        (
            "checksum zero",
            v4.clone()
                .checksum(blacklist_tests::datagram::Checksum::Zero)
                .frame(),
        ),
        ("IPv6", v6.frame()),
        ("IPv6 in a VLAN", v6.clone().tag(0x8100).frame()),
        (
            "extensions",
            v6.clone().extension(0, short).extension(60, short).frame(),
        ),
        ("atomic fragment", v6.clone().atomic().frame()),
        (
            "jumbo",
            Datagram::new(PLAIN, Invite::new().body(vec![b'b'; 4000]).listed()).frame(),
        ),
    ];
    frames.extend(
        v4.fragments(&[512])
            .into_iter()
            .map(|frame| ("IPv4 fragment", frame)),
    );
    frames.extend(
        v6.fragments(&[512])
            .into_iter()
            .map(|frame| ("IPv6 fragment", frame)),
    );
    for (name, frame) in frames {
        for length in LEAST_FRAME..frame.bytes.len() {
            let cut = frame.cut(length);
            let seen = lab
                .agree(&cut)
                .unwrap_or_else(|why| panic!("{name}, cut at {length}: {why}"));
            assert!(
                !is_judged(seen.outcome),
                "{name}, cut at {length}: {seen:?}"
            );
            assert!(!lab.send(&cut.bytes), "{name}, cut at {length}");
        }
    }
}
