//! A blocked call: as it is written to the log, and as it is read.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use blacklist_common::event::{EVENT_OUTBOUND, Event};
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::Class;
use blacklist_common::tables::IdentitySource;
use blacklist_model::printable;
use jiff::Timestamp;

use super::passage::Passage;
use super::pseudonym::{self, Pseudonyms};

/// The call goes outbound.
pub(super) const OUTBOUND: i64 = 1;
/// The caller is a pseudonym.
pub(super) const CALLER_HIDDEN: i64 = 2;
/// The called party is a pseudonym.
pub(super) const CALLED_HIDDEN: i64 = 4;
/// The pattern is the remote number.
pub(super) const PATTERN_IS_REMOTE: i64 = 8;
/// There may have been more packets.
pub(super) const INCOMPLETE: i64 = 16;
/// The companion decided.
pub(super) const COMPANION: i64 = 32;

/// A party of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LoggedParty {
    pub(super) number: Number,
    /// As sent, if that differs from the number.
    pub(super) sent: Option<String>,
}

impl LoggedParty {
    fn new(number: Number, sent: String) -> Self {
        let says_more = number.kind() == NumberKind::Text || number_text(number) != sent;
        Self {
            number,
            sent: (says_more && !sent.is_empty()).then_some(sent),
        }
    }

    /// The number as it is shown.
    pub(super) fn shown(&self) -> String {
        shown_number(self.number, self.sent.as_deref().unwrap_or_default(), false)
    }

    fn hide(&mut self, pseudonyms: &Pseudonyms) {
        self.number = pseudonyms.of(self.number);
        self.sent = None;
    }
}

/// A number as text; empty if absent or for a name.
fn number_text(number: Number) -> String {
    match number.kind() {
        NumberKind::None | NumberKind::Text => String::new(),
        NumberKind::E164 | NumberKind::Local => number.to_string(),
    }
}

/// A number as it is shown; a name as it was sent.
pub fn shown(number: Number, written: &str) -> String {
    shown_number(number, written, false)
}

/// A number as it is shown, given what was sent.
pub(super) fn shown_number(number: Number, sent: &str, hidden: bool) -> String {
    match number.kind() {
        _ if hidden => pseudonym::shown(number),
        NumberKind::None => String::new(),
        NumberKind::Text => sent.to_ascii_lowercase(),
        NumberKind::E164 | NumberKind::Local => number.to_string(),
    }
}

/// What decided a call, as it is at the moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecidedBy {
    /// The rule's id; 0 for a scope's default.
    pub rule: u32,
    /// Its pattern.
    pub pattern: String,
    /// Its list.
    pub list: String,
    /// Its scope.
    pub scope: String,
}

/// A call to be written to the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCall {
    /// When its first packet arrived, in nanoseconds since boot.
    pub(super) monotonic: u64,
    /// The same as wall-clock time.
    pub(super) time: Timestamp,
    pub(super) fingerprint: u64,
    pub(super) flags: i64,
    pub(super) caller: LoggedParty,
    pub(super) called: LoggedParty,
    pub(super) by: DecidedBy,
    pub(super) action: &'static str,
    pub(super) outcome: &'static str,
    pub(super) source: String,
    pub(super) destination: String,
    pub(super) trunk: String,
    pub(super) interface: String,
    pub(super) call_id: String,
    pub(super) identity: &'static str,
    pub(super) verstat: &'static str,
    pub(super) generation: u64,
    /// The SIP status of the answer, if known.
    pub status: Option<u16>,
}

/// What an event does not contain.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'a> {
    /// The rule.
    pub by: DecidedBy,
    /// The trunk's name; empty if there is none.
    pub trunk: &'a str,
    /// Whether the trunk is trusted.
    pub trusted: bool,
    /// The interface's name.
    pub interface: &'a str,
}

impl NewCall {
    /// A call from an event.
    pub fn new(event: &Event, time: Timestamp, around: Surroundings<'_>) -> Self {
        let party = |number, user: &[u8], length| LoggedParty::new(number, cut(user, length));
        let mut call = Self {
            monotonic: event.time,
            time,
            fingerprint: event.fingerprint,
            flags: 0,
            caller: party(event.caller, &event.caller_user, event.caller_length),
            called: party(event.called, &event.called_user, event.called_length),
            by: around.by,
            action: event.rule.action().as_str(),
            outcome: Outcome::from_number(event.outcome).map_or("", Outcome::as_str),
            source: address(event.source, event.source_port),
            destination: address(event.destination, event.destination_port),
            trunk: around.trunk.to_owned(),
            interface: around.interface.to_owned(),
            call_id: cut(&event.call_id, event.call_id_length),
            identity: IdentitySource::from_number(event.identity)
                .map_or("", IdentitySource::as_str),
            verstat: if around.trusted {
                verstat(event.classes)
            } else {
                ""
            },
            generation: event.generation,
            status: None,
        };
        if event.flags & EVENT_OUTBOUND != 0 {
            call.flags |= OUTBOUND;
        }
        if !call.by.pattern.is_empty() && call.by.pattern == call.remote().shown() {
            call.flags |= PATTERN_IS_REMOTE;
        }
        call
    }

    /// Marks the call as decided by the companion, with its result.
    #[must_use]
    pub fn of_companion(mut self, passage: Passage) -> Self {
        self.flags |= COMPANION;
        self.outcome = passage.as_str();
        self
    }

    const fn is_outbound(&self) -> bool {
        self.flags & OUTBOUND != 0
    }

    /// The external party.
    const fn remote(&self) -> &LoggedParty {
        if self.is_outbound() {
            &self.called
        } else {
            &self.caller
        }
    }

    /// The caller as it is shown; empty if unknown.
    pub fn caller_shown(&self) -> String {
        shown_number(
            self.caller.number,
            self.caller.sent.as_deref().unwrap_or_default(),
            self.flags & CALLER_HIDDEN != 0,
        )
    }

    /// The called party as it is shown; empty if unknown.
    pub fn called_shown(&self) -> String {
        shown_number(
            self.called.number,
            self.called.sent.as_deref().unwrap_or_default(),
            self.flags & CALLED_HIDDEN != 0,
        )
    }

    /// Replaces the external party by a pseudonym, wherever it is stored.
    pub(super) fn hide_remote(&mut self, pseudonyms: &Pseudonyms) {
        if self.is_outbound() {
            self.called.hide(pseudonyms);
            self.flags |= CALLED_HIDDEN;
        } else {
            self.caller.hide(pseudonyms);
            self.flags |= CALLER_HIDDEN;
        }
    }
}

/// The caller's verification result from a trusted trunk.
fn verstat(classes: u32) -> &'static str {
    let has = |class: Class| classes & class.bit() != 0;
    if has(Class::ValidationFailed) {
        "failed"
    } else if has(Class::NotValidated) {
        "none"
    } else if has(Class::AttestationB) {
        "passed-b"
    } else if has(Class::AttestationC) {
        "passed-c"
    } else {
        "passed"
    }
}

fn address(bytes: [u8; 16], port: u16) -> String {
    let address = IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical();
    SocketAddr::new(address, port).to_string()
}

/// The stored bytes, escaped; ends with `…` if truncated.
pub(super) fn cut(bytes: &[u8], length: u8) -> String {
    let length = usize::from(length);
    let mut text = printable(bytes.get(..length.min(bytes.len())).unwrap_or_default());
    if length > bytes.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_is_marked() {
        assert_eq!(cut(b"abc", 2), "ab");
        assert_eq!(cut(b"abc", 9), "abc…");
    }

    #[test]
    fn addresses_of_both_families() {
        let mut mapped = [0; 16];
        mapped[10] = 0xff;
        mapped[11] = 0xff;
        mapped[12..].copy_from_slice(&[192, 0, 2, 1]);
        assert_eq!(address(mapped, 5060), "192.0.2.1:5060");
        let v6 = "2001:db8::1".parse::<Ipv6Addr>().unwrap().octets();
        assert_eq!(address(v6, 5060), "[2001:db8::1]:5060");
    }

    #[test]
    fn what_a_trunk_said_of_validation() {
        let rows = [
            ("passed", 0),
            ("passed-b", Class::AttestationB.bit()),
            ("passed-c", Class::AttestationC.bit()),
            ("failed", Class::ValidationFailed.bit()),
            ("none", Class::NotValidated.bit() | Class::Withheld.bit()),
        ];
        for (expected, classes) in rows {
            assert_eq!(verstat(classes), expected);
        }
    }

    #[test]
    fn only_a_spelling_that_says_more_is_kept() {
        let number = Number::from_nibbles(NumberKind::E164, 0x4930_1234_0000_0000, 8);
        let sent = |number, text: &str| LoggedParty::new(number, text.to_owned()).sent;
        assert_eq!(sent(number, "+49301234"), None);
        assert_eq!(sent(number, "0049301234"), Some("0049301234".to_owned()));
        let name = Number::from_text(b"alice");
        assert_eq!(sent(name, "Alice"), Some("Alice".to_owned()));
        assert_eq!(sent(Number::NONE, ""), None);
        assert_eq!(LoggedParty::new(name, "Alice".to_owned()).shown(), "alice");
    }
}
