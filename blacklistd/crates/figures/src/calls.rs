//! Calls as people and scripts see them: blocked ones of the log, passed ones of the sample; and what
//! is in a capture besides its calls.

use blacklist_common::tables::Direction;
use serde::{Deserialize, Serialize};

/// A blocked call, as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockedCall {
    /// Its id in the log.
    pub id: u64,
    /// When its first packet arrived, RFC 3339.
    pub time: String,
    /// When its last packet arrived, RFC 3339.
    pub last: String,
    /// Number of its packets: how often its INVITE was sent.
    pub packets: u64,
    /// Whether its INVITE may still be retransmitted.
    pub open: bool,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// Canonical caller; empty if unknown.
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
    /// The rule's action.
    pub action: String,
    /// What was done.
    pub outcome: String,
    /// SIP status that was sent; `None` if none was.
    pub status: Option<u16>,
    /// Which header named the caller.
    pub identity: String,
    /// The caller's verification result from a trusted trunk: `passed`, `passed-b`, `passed-c`,
    /// `failed`, `none`; empty for other trunks.
    pub verstat: String,
    /// The peer.
    pub source: String,
    /// The address to which it was sent.
    pub destination: String,
    /// The peer's trunk; empty if it belongs to none.
    pub trunk: String,
    /// The receiving interface; empty for the companion.
    pub interface: String,
    /// Which path decided: `xdp` (the kernel) or `companion`.
    #[serde(default)]
    pub path: String,
    /// Its Call-ID, escaped.
    pub call_id: String,
    /// Generation by which it was decided.
    pub generation: u64,
    /// Seconds for which it was held; `None` if it was not.
    pub duration: Option<u64>,
    /// Result of the last PIN attempt; `None` if no PIN was requested.
    pub pin: Option<String>,
}

/// A call that passed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassedCall {
    /// Its id in the sample, such as `s7`.
    pub id: String,
    /// When its first packet arrived, RFC 3339.
    pub time: String,
    /// `inbound` or `outbound`.
    pub direction: String,
    /// Canonical caller; empty if unknown.
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
    /// The peer's trunk; empty if it belongs to none.
    pub trunk: String,
    /// Its Call-ID, escaped.
    pub call_id: String,
}

impl PassedCall {
    /// The external party.
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
    /// Datagrams that contain INVITEs, including retransmissions.
    pub invites: u64,
    /// Fragments of incomplete datagrams.
    pub lost_fragments: u64,
    /// INVITEs that span several TCP segments and are not read.
    pub unread_tcp_invites: u64,
    /// Packets with unsupported layers: other links, tunnels, damaged headers.
    pub unread_packets: u64,
    /// Packets of which only the beginning was captured.
    pub cut_packets: u64,
}
