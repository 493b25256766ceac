//! How proxies and scripts are told the same decision: what an operator chooses.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use blacklist_model::{RejectStatus, words};
use ipnet::IpNet;

/// How the redirect server says that a call goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassAnswer {
    /// 404 Not Found.
    NotFound,
    /// 480 Temporarily Unavailable.
    TemporarilyUnavailable,
    /// 503 Service Unavailable.
    ServiceUnavailable,
    /// 302 Moved Temporarily, to the target that the call had, with a mark.
    MovedTemporarily,
}

impl PassAnswer {
    /// Code and phrase.
    pub const fn line(self) -> (u16, &'static str) {
        match self {
            Self::NotFound => (404, "Not Found"),
            Self::TemporarilyUnavailable => (480, "Temporarily Unavailable"),
            Self::ServiceUnavailable => (503, "Service Unavailable"),
            Self::MovedTemporarily => (302, "Moved Temporarily"),
        }
    }
}

words! {
    /// What becomes of a call that can be read in more than one way.
    pub enum Ambiguous {
        /// Blocked if a rule blocks one of its readings.
        Listed = "listed",
        /// Goes on.
        Pass = "pass",
        /// Blocked.
        Block = "block",
    }
}

/// How proxies and scripts are told the same decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanionSettings {
    /// Address of the redirect server, UDP and TCP; none if it is switched off.
    pub listen: Option<SocketAddr>,
    /// Address of the screen API by HTTP; none for the control socket alone.
    pub http: Option<SocketAddr>,
    /// Networks from which the redirect server is asked.
    pub allow: Vec<IpNet>,
    /// Trunk of calls of which nobody says where they came from; none for the asker's own.
    pub trunk: Option<String>,
    /// Where proxies send calls to that are to hear something; none if those are refused.
    pub media_host: Option<IpAddr>,
    /// How a call is told to go on.
    pub pass: PassAnswer,
    /// What calls are answered with whose rule says drop.
    pub dropped: RejectStatus,
    /// What becomes of ambiguous calls.
    pub ambiguous: Ambiguous,
    /// Questions in a second at most, of all ways together.
    pub maximum_per_second: u32,
    /// Connections at once at most, for SIP and for HTTP each.
    pub maximum_connections: u32,
    /// Bytes of one message at most.
    pub maximum_message: usize,
    /// How long a question that wants to be told why waits while rules are being put in force.
    pub deadline: Duration,
}

impl CompanionSettings {
    /// Whether the redirect server answers an address.
    pub fn allows(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.allow.iter().any(|network| network.contains(&peer))
    }
}
