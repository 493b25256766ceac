//! What single parts of the daemon have counted since it began.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of packets that were sent to the daemon's answering thread, since this daemon began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerFigures {
    /// Answers, by their SIP status.
    pub sent: BTreeMap<u16, u64>,
    /// Messages that get no answer: ACK, CANCEL, responses.
    pub absorbed: u64,
    /// Calls that no rule names any more, or not yet: the next repetition is judged anew.
    pub undecided: u64,
    /// Messages that lack what an answer needs.
    pub unreadable: u64,
    /// Calls above `maximum_per_second`.
    pub overload: u64,
    /// Answers that the network refused.
    pub failed: u64,
}

/// What became of questions, since this daemon began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CompanionFigures {
    /// SIP messages by UDP.
    pub udp: u64,
    /// SIP messages by TCP.
    pub tcp: u64,
    /// Questions by HTTP.
    pub http: u64,
    /// SIP answers by their status.
    pub sent: BTreeMap<u16, u64>,
    /// Messages that want no answer: ACK, CANCEL, responses.
    pub absorbed: u64,
    /// Messages that lack what an answer needs.
    pub unreadable: u64,
    /// Questions above `maximum_per_second`.
    pub overload: u64,
    /// Questions that were answered while rules were put in force, as before them.
    pub meanwhile: u64,
    /// Messages and connections of addresses that `allow` does not name.
    pub strangers: u64,
    /// Connections that were closed for there being too many, or for what came over them.
    pub closed: u64,
    /// Answers that the network refused.
    pub failed: u64,
}

/// What the media host has done since the daemon began.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostFigures {
    /// Calls that are on the line now.
    pub calls_now: u64,
    /// Calls that heard an announcement.
    pub announced: u64,
    /// Calls that were held.
    pub tormented: u64,
    /// Seconds for which they were held, all together.
    pub tormented_seconds: u64,
    /// Calls that were asked for a PIN.
    pub asked_for_pin: u64,
    /// Calls that went on with the right PIN.
    pub connected: u64,
    /// Calls that were diverted.
    pub redirected: u64,
    /// Calls that were refused with a status instead: too many at once, no port, too much held,
    /// or a request of which no call can be made.
    pub refused_instead: u64,
    /// Messages of calls that were thrown away because the call sends too many.
    pub flooded: u64,
}

/// A sink as people and scripts see it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SinkStatus {
    /// Its name.
    pub name: String,
    /// What it is: `file`, `journald`, `unix` or `http`.
    pub kind: String,
    /// Where it is; without secrets.
    pub target: String,
    /// Lines that were delivered since it was started.
    pub delivered: u64,
    /// Rows that were deleted before they could be delivered, since it was started.
    pub skipped: u64,
    /// Rows that are not yet delivered; none if that is not known.
    pub behind: Option<u64>,
    /// Why the last failed try failed; what it says may be over, see `failing_since`.
    pub last_error: Option<String>,
    /// Since when no try has succeeded; none while it delivers.
    pub failing_since: Option<Timestamp>,
}
