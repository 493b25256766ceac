//! What single parts of the daemon have counted since its start.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Packets that were sent to the answering thread, since the daemon's start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerFigures {
    /// Responses sent, by SIP status.
    pub sent: BTreeMap<u16, u64>,
    /// Messages that get no answer: ACK, CANCEL, responses.
    pub absorbed: u64,
    /// Calls that no rule in force blocks; the next retransmission is judged anew.
    pub undecided: u64,
    /// Messages without the headers that a response needs.
    pub unreadable: u64,
    /// Calls above `maximum_per_second`.
    pub overload: u64,
    /// Responses that could not be sent.
    pub failed: u64,
}

/// Questions to the companion, since the daemon's start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CompanionFigures {
    /// SIP messages over UDP.
    pub udp: u64,
    /// SIP messages over TCP.
    pub tcp: u64,
    /// Questions over HTTP.
    pub http: u64,
    /// SIP responses, by status.
    pub sent: BTreeMap<u16, u64>,
    /// Messages that need no response: ACK, CANCEL, responses.
    pub absorbed: u64,
    /// Messages without the headers that a response needs.
    pub unreadable: u64,
    /// Questions above `maximum_per_second`.
    pub overload: u64,
    /// Questions that were answered by the rules before a change that was in progress.
    pub meanwhile: u64,
    /// Messages and connections from addresses that are not in `allow`.
    pub strangers: u64,
    /// Connections closed because there were too many, or because of what they sent.
    pub closed: u64,
    /// Responses that could not be sent.
    pub failed: u64,
}

/// What the media host has done since the daemon's start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFigures {
    /// Calls in progress.
    pub calls_now: u64,
    /// Calls that heard an announcement.
    pub announced: u64,
    /// Calls that were held.
    pub tormented: u64,
    /// Total seconds for which they were held.
    pub tormented_seconds: u64,
    /// Calls that were asked for a PIN.
    pub asked_for_pin: u64,
    /// Calls that were connected after the right PIN.
    pub connected: u64,
    /// Calls that were redirected.
    pub redirected: u64,
    /// Calls that were rejected with a status instead: too many at once, no free port, too much
    /// held, or an unusable request.
    pub refused_instead: u64,
    /// Messages dropped because their call sent too many.
    pub flooded: u64,
}

/// A log sink.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkStatus {
    /// Its name.
    pub name: String,
    /// Its type: `file`, `journald`, `unix` or `http`.
    pub kind: String,
    /// Its destination, without secrets.
    pub target: String,
    /// Lines delivered since its start.
    pub delivered: u64,
    /// Rows that were deleted before they were delivered, since its start.
    pub skipped: u64,
    /// Rows not yet delivered; `None` if unknown.
    pub behind: Option<u64>,
    /// Error of the last failed attempt; for whether it persists see `failing_since`.
    pub last_error: Option<String>,
    /// Since when every attempt has failed; `None` while it delivers.
    pub failing_since: Option<Timestamp>,
}
