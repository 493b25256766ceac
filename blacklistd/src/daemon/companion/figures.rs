//! What became of questions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How something is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Udp,
    Tcp,
    Http,
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

impl CompanionFigures {
    /// Counts a question.
    pub(super) fn ask(&mut self, way: Way) {
        *match way {
            Way::Udp => &mut self.udp,
            Way::Tcp => &mut self.tcp,
            Way::Http => &mut self.http,
        } += 1;
    }
}
