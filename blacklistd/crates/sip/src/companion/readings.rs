//! The possible readings of an ambiguous call. A downstream proxy may use any of them, so each is
//! judged by itself, as an unambiguous message.

use blacklist_common::message::{self, Reader, Reading};
use blacklist_common::outcome::Outcome;
use blacklist_common::repeat::PlainLoop;
use blacklist_common::tables::{TRUNK_CALLED_FROM_TO, TrunkEntry};

use super::headers::{Header, headers};

/// Maximum number of readings.
const MAXIMUM: usize = 16;
/// Maximum length of an address, in bytes.
const LONGEST: usize = 1024;

/// A message for each combination of caller and called party that can be read in a message; empty
/// if it belongs to a dialog, or has neither.
pub fn readings(text: &[u8], trunk: &TrunkEntry) -> Vec<Vec<u8>> {
    let (start, list) = headers(text);
    let values = |long: &str, compact: &str| -> Vec<&[u8]> {
        list.iter()
            .filter(|header| header.is(long, compact))
            .map(|header| header.value.as_slice())
            .collect()
    };
    let to = values("to", "t");
    // With several To, a server may take one that has no tag.
    let in_dialog = !to.is_empty() && to.iter().all(|value| has_tag(value));
    let Some(call_id) = values("call-id", "i").first().copied() else {
        return Vec::new();
    };
    if in_dialog || without_method(start).is_none() {
        return Vec::new();
    }
    let identities = [
        values("from", "f"),
        values("p-asserted-identity", ""),
        values("remote-party-id", ""),
    ];
    let mut callers = Vec::new();
    for source in trunk.identity {
        // Numbers of identity sources begin with 1.
        let place = usize::from(source).checked_sub(1);
        for value in place
            .and_then(|place| identities.get(place))
            .into_iter()
            .flatten()
        {
            add_addresses(value, &mut callers);
        }
    }
    let mut called = Vec::new();
    if trunk.has(TRUNK_CALLED_FROM_TO) {
        for value in &to {
            add_addresses(value, &mut called);
        }
    } else {
        called.extend(request_uri(start));
    }
    let kept: Vec<&Header<'_>> = list
        .iter()
        .filter(|header| header.is("privacy", "") || header.is("priority", ""))
        .collect();
    let pairs = callers
        .iter()
        .flat_map(|caller| called.iter().map(move |called| (caller, called)));
    pairs
        .take(MAXIMUM)
        .map(|(caller, called)| message(caller, called, call_id, &kept))
        .collect()
}

/// An unambiguous message.
fn message(caller: &[u8], called: &[u8], call_id: &[u8], kept: &[&Header<'_>]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut add = |parts: &[&[u8]]| {
        for part in parts {
            text.extend_from_slice(part);
        }
        text.extend_from_slice(b"\r\n");
    };
    add(&[b"INVITE ", called, b" SIP/2.0"]);
    for name in [&b"From"[..], b"P-Asserted-Identity", b"Remote-Party-ID"] {
        add(&[name, b": <", caller, b">"]);
    }
    add(&[b"To: <", called, b">"]);
    add(&[b"Call-ID: ", call_id]);
    for header in kept.iter().take(4) {
        add(&[header.name, b": ", &header.value]);
    }
    add(&[]);
    text
}

/// Whether a value of To has a tag, as the program in the kernel reads it.
fn has_tag(value: &[u8]) -> bool {
    let mut text = b"INVITE sip:1@x SIP/2.0\r\nFrom: <sip:1@x>\r\nCall-ID: 1\r\nTo: ".to_vec();
    text.extend_from_slice(value);
    text.extend_from_slice(b"\r\n\r\n");
    let mut reader = Box::<Reader>::default();
    reader.length = reader.text.fill(&text);
    let reading = message::read::<PlainLoop>(&mut reader, &TrunkEntry::default());
    reading == Reading::NotOurs(Outcome::InDialog)
}

/// An INVITE's start line after its method, which servers relay in any case.
fn without_method(start: &[u8]) -> Option<&[u8]> {
    let (method, rest) = start.split_at_checked(7)?;
    method.eq_ignore_ascii_case(b"INVITE ").then_some(rest)
}

/// The text between method and version, without blanks and brackets.
fn request_uri(start: &[u8]) -> Option<Vec<u8>> {
    let rest = without_method(start)?.trim_ascii();
    let end = rest
        .iter()
        .rposition(u8::is_ascii_whitespace)
        .unwrap_or(rest.len());
    cleaned(rest.get(..end)?)
}

/// Adds the addresses that a header's value can mean: those in angle brackets outside of quotes, or
/// if there are none, in any brackets; without brackets, the parts between commas.
fn add_addresses(value: &[u8], addresses: &mut Vec<Vec<u8>>) {
    let mut found = bracketed(value, true);
    if found.is_empty() {
        found = bracketed(value, false);
    }
    if found.is_empty() {
        let bare = value.split(|byte| *byte == b',').filter_map(|part| {
            // Parameters after an address without brackets belong to the header (RFC 3261, section
            // 20.10).
            part.split(|byte| *byte == b';').next()
        });
        found = bare.collect();
    }
    for address in found.into_iter().filter_map(cleaned) {
        if addresses.len() < MAXIMUM && !addresses.contains(&address) {
            addresses.push(address);
        }
    }
}

/// The texts between `<` and `>`, or after a `<` that is never closed.
fn bracketed(value: &[u8], heed_quotes: bool) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let (mut quoted, mut escaped, mut begin) = (false, false, None);
    for (at, byte) in value.iter().enumerate() {
        if escaped {
            escaped = false;
            continue;
        }
        match (byte, begin) {
            (b'\\', None) if quoted => escaped = true,
            (b'"', None) if heed_quotes => quoted = !quoted,
            (b'<', _) if !quoted => begin = Some(at + 1),
            (b'>', Some(from)) => {
                found.extend(value.get(from..at));
                begin = None;
            }
            _ => {}
        }
    }
    if let Some(from) = begin {
        found.extend(value.get(from..));
    }
    found
}

/// An address without blanks, brackets, quotes and control characters, whether literal or escaped,
/// so that all parsers read it the same way.
fn cleaned(address: &[u8]) -> Option<Vec<u8>> {
    let mut clean = Vec::new();
    let mut rest = address.get(..address.len().min(LONGEST))?;
    while let [byte, behind @ ..] = rest {
        rest = behind;
        if let (b'%', [b'0', b'0', behind @ ..]) = (byte, behind) {
            rest = behind;
        } else if byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"') {
            clean.push(*byte);
        }
    }
    (!clean.is_empty()).then_some(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trunk(identity: [u8; 3]) -> TrunkEntry {
        let mut entry = TrunkEntry::default();
        for (place, source) in entry.identity.iter_mut().zip(identity) {
            *place = source;
        }
        entry
    }

    fn callers(lines: &str) -> Vec<String> {
        let text =
            format!("INVITE sip:100@x SIP/2.0\r\nTo: <sip:100@x>\r\nCall-ID: 1\r\n{lines}\r\n");
        readings(text.as_bytes(), &trunk([2, 1, 0]))
            .iter()
            .map(|text| {
                let text = String::from_utf8_lossy(text);
                let from = text.lines().find_map(|line| line.strip_prefix("From: "));
                from.unwrap_or_default().to_owned()
            })
            .collect()
    }

    #[test]
    fn every_reading_has_one_caller() {
        let rows: [(&str, &str, &[&str]); 9] = [
            (
                "two From",
                "From: <sip:a@x>\r\nf: sip:b@x;tag=1\r\n",
                &["<sip:a@x>", "<sip:b@x>"],
            ),
            (
                "a folded number",
                "From: <sip:+1415\r\n 5550100@x>\r\n",
                &["<sip:+14155550100@x>"],
            ),
            ("an open quote", "From: \"a <sip:b@x>\r\n", &["<sip:b@x>"]),
            (
                "a name that looks like one",
                "From: \"<sip:a@x>\" <sip:b@x>\r\n",
                &["<sip:b@x>"],
            ),
            (
                "a comma",
                "From: sip:a@x, sip:b@x\r\n",
                &["<sip:a@x>", "<sip:b@x>"],
            ),
            ("a NUL", "From: <sip:a%00\0b@x>\r\n", &["<sip:ab@x>"]),
            (
                "a lone CR",
                "Subject: x\rFrom: <sip:a@x>\r\n",
                &["<sip:a@x>"],
            ),
            (
                "identities before From",
                "From: <sip:a@x>\r\nP-Asserted-Identity: <sip:b@x>, <tel:+1>\r\n",
                &["<sip:b@x>", "<tel:+1>", "<sip:a@x>"],
            ),
            ("nobody", "Subject: x\r\n", &[]),
        ];
        for (name, lines, expected) in rows {
            assert_eq!(callers(lines), expected, "{name}");
        }
    }

    #[test]
    fn a_tag_is_one_of_to_alone() {
        for to in [
            "\"a;tag=1\" <sip:100@x>",
            "<sip:100@x;tag=1>",
            "sip:100;tag=1@x",
            "<sip:100@x>;tag=\"\"",
            "<sip:100@x>;tag=1\r\nTo: <sip:100@x>",
        ] {
            let text = format!(
                "invite sip:100@x SIP/2.0\r\nTo: {to}\r\nCall-ID: 1\r\nFrom: <sip:a@x>\r\n\r\n"
            );
            let found = readings(text.as_bytes(), &trunk([1, 0, 0]));
            assert_eq!(found.len(), 1, "{to}");
        }
    }

    #[test]
    fn what_is_no_new_call_has_no_reading() {
        for text in [
            "INVITE sip:100@x SIP/2.0\r\nTo: <sip:100@x>;tag=1\r\nCall-ID: 1\r\nFrom: <sip:a@x>\r\n\r\n",
            "INVITE sip:100@x SIP/2.0\r\nTo: <sip:100@x>\r\nFrom: <sip:a@x>\r\n\r\n",
            "BYE sip:100@x SIP/2.0\r\nTo: <sip:100@x>\r\nCall-ID: 1\r\nFrom: <sip:a@x>\r\n\r\n",
            "",
        ] {
            assert_eq!(
                readings(text.as_bytes(), &trunk([1, 0, 0])).len(),
                0,
                "{text}"
            );
        }
    }

    #[test]
    fn readings_are_few() {
        let many: String = (0..100).map(|n| format!("From: <sip:{n}@x>\r\n")).collect();
        assert_eq!(callers(&many).len(), MAXIMUM);
    }
}
