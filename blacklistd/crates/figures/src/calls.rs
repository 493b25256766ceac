//! Calls as people and scripts see them: blocked ones of the log, passed ones of the sample; and what
//! is in a capture besides its calls.

use blacklist_common::tables::Direction;
use serde::{Deserialize, Serialize};

/// A blocked call as people and scripts see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedCall {
    /// Its number in the log.
    pub id: u64,
    /// When its first packet came, RFC 3339.
    pub time: String,
    /// When its last packet came, RFC 3339.
    pub last: String,
    /// Packets of it: how often its INVITE was sent.
    pub packets: u64,
    /// Whether its INVITE may still be repeated.
    pub open: bool,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// Canonical caller; empty if there is none.
    pub caller: String,
    /// The caller's user part, escaped.
    pub caller_as_sent: String,
    /// Canonical called party.
    pub called: String,
    /// The called party's user part, escaped.
    pub called_as_sent: String,
    /// The rule's id; 0 for a scope's default.
    pub rule: u32,
    /// The rule's pattern at that time.
    pub pattern: String,
    /// The rule's list at that time.
    pub list: String,
    /// The rule's scope at that time.
    pub scope: String,
    /// What the rule asked for.
    pub action: String,
    /// What was done.
    pub outcome: String,
    /// SIP status that was sent; none if none was.
    pub status: Option<u16>,
    /// Which header named the caller.
    pub identity: String,
    /// What a trusted trunk said of the caller's validation: `passed`, `passed-b`, `passed-c`,
    /// `failed`, `none`; empty for other trunks.
    pub verstat: String,
    /// The peer.
    pub source: String,
    /// Where it sent to.
    pub destination: String,
    /// The peer's trunk; empty for none.
    pub trunk: String,
    /// Where it arrived; empty if a proxy or a script asked.
    pub interface: String,
    /// Who decided: `xdp`, the program in the kernel, or `companion`, the daemon that was asked.
    #[serde(default)]
    pub path: String,
    /// Its Call-ID, escaped.
    pub call_id: String,
    /// Generation that decided it.
    pub generation: u64,
    /// Seconds that it was held; none if it was not.
    pub duration: Option<u64>,
    /// How the PIN was answered; none if nobody was asked.
    pub pin: Option<String>,
}

/// A call that passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedCall {
    /// Its number in the sample: `s7`.
    pub id: String,
    /// When its first packet came, RFC 3339.
    pub time: String,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// Canonical caller; empty if there is none.
    pub caller: String,
    /// The caller's user part, escaped.
    pub caller_as_sent: String,
    /// Canonical called party.
    pub called: String,
    /// The called party's user part, escaped.
    pub called_as_sent: String,
    /// `no-rule`, `allowed` or `user-space`.
    pub outcome: String,
    /// Which header named the caller.
    pub identity: String,
    /// The peer's address.
    #[serde(default)]
    pub source: String,
    /// The peer's trunk; empty for none.
    pub trunk: String,
    /// Its Call-ID, escaped.
    pub call_id: String,
}

impl PassedCall {
    /// The party outside.
    pub fn remote(&self) -> &str {
        if self.direction == Direction::Outbound.as_str() {
            &self.called
        } else {
            &self.caller
        }
    }
}

/// What else is in a capture.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptureCounts {
    /// Packets.
    pub packets: u64,
    /// Datagrams that are INVITEs, each time they were sent.
    pub invites: u64,
    /// Fragments of datagrams of which others are missing.
    pub lost_fragments: u64,
    /// INVITEs in connections that are spread over several segments: not read.
    pub unread_tcp_invites: u64,
    /// Packets on layers that are not read: other links, tunnels, damaged headers.
    pub unread_packets: u64,
    /// Packets of which the file holds only the beginning.
    pub cut_packets: u64,
}
