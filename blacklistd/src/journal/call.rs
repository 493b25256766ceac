//! One blocked call, made from the kernel's event.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use blacklist_common::event::Event;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::outcome::Outcome;
use blacklist_common::tables::IdentitySource;
use serde::{Deserialize, Serialize};

/// A blocked call as people and scripts see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedCall {
    /// When its first packet came, RFC 3339.
    pub time: String,
    /// Canonical caller; empty if there is none.
    pub caller: String,
    /// The caller's user part, escaped.
    pub caller_as_sent: String,
    /// Canonical called party.
    pub called: String,
    /// The called party's user part, escaped.
    pub called_as_sent: String,
    /// The rule's id; 0 if the rule is gone.
    pub rule: u32,
    /// The rule's pattern at that time.
    pub pattern: String,
    /// The rule's scope at that time.
    pub scope: String,
    /// What the rule asked for.
    pub action: String,
    /// What was done.
    pub outcome: String,
    /// Which header named the caller.
    pub identity: String,
    /// The peer.
    pub source: String,
    /// Where it sent to.
    pub destination: String,
    /// The peer's trunk; empty for none.
    pub trunk: String,
    /// Where it arrived.
    pub interface: String,
    /// Its Call-ID, escaped.
    pub call_id: String,
    /// Generation that decided it.
    pub generation: u64,
}

impl BlockedCall {
    /// What the event itself says; rule, trunk, interface and time are for the caller to fill in.
    pub fn from_event(event: &Event) -> Self {
        let caller = cut(&event.caller_user, event.caller_length);
        let called = cut(&event.called_user, event.called_length);
        Self {
            caller: number(event.caller, &caller),
            called: number(event.called, &called),
            caller_as_sent: caller,
            called_as_sent: called,
            outcome: Outcome::from_number(event.outcome)
                .map_or("", Outcome::as_str)
                .to_owned(),
            identity: IdentitySource::from_number(event.identity)
                .map_or("", IdentitySource::as_str)
                .to_owned(),
            source: address(event.source, event.source_port),
            destination: address(event.destination, event.destination_port),
            call_id: cut(&event.call_id, event.call_id_length),
            generation: event.generation,
            ..Self::default()
        }
    }
}

fn number(number: Number, as_sent: &str) -> String {
    match number.kind() {
        NumberKind::None => String::new(),
        NumberKind::Text => as_sent.to_ascii_lowercase(),
        NumberKind::E164 | NumberKind::Local => number.to_string(),
    }
}

fn address(bytes: [u8; 16], port: u16) -> String {
    let address = IpAddr::V6(Ipv6Addr::from(bytes)).to_canonical();
    SocketAddr::new(address, port).to_string()
}

/// The bytes that are kept, escaped; `…` where the rest was cut.
fn cut(bytes: &[u8], length: u8) -> String {
    let length = usize::from(length);
    let mut text = escaped(bytes.get(..length.min(bytes.len())).unwrap_or_default());
    if length > bytes.len() {
        text.push('…');
    }
    text
}

/// Bytes of a stranger as text that a terminal can show: printable ASCII as it is, everything
/// else as `\xHH`.
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strangers_bytes_are_escaped() {
        assert_eq!(
            escaped(b"alice\x1b[2J\\\xc3\xa4\0"),
            "alice\\x1b[2J\\\\\\xc3\\xa4\\x00"
        );
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
}
