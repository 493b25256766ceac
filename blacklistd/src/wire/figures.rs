//! What the daemon has counted of answers and of questions since it began.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What became of the packets that came to the answering thread, since this daemon began.
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
