//! Settings of the companion, which tells proxies and scripts the decision about a call.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use blacklist_model::{RejectStatus, words};
use ipnet::IpNet;

/// How the redirect server says that a call passes.
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
    /// What happens to an ambiguous call.
    pub enum Ambiguous {
        /// Blocked if a rule blocks one of its readings.
        Listed = "listed",
        /// It passes.
        Pass = "pass",
        /// It is blocked.
        Block = "block",
    }
}

/// Settings of the companion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompanionSettings {
    /// Address of the redirect server, UDP and TCP; `None` to disable it.
    pub listen: Option<SocketAddr>,
    /// Address of the screening API over HTTP; `None` for the control socket only.
    pub http: Option<SocketAddr>,
    /// Networks that may ask the redirect server.
    pub allow: Vec<IpNet>,
    /// Trunk of calls whose source is unknown; `None` for the trunk of the asking peer.
    pub trunk: Option<String>,
    /// Where proxies send calls that are to hear something; `None` to reject those.
    pub media_host: Option<IpAddr>,
    /// The answer for calls that pass.
    pub pass: PassAnswer,
    /// The answer for calls whose rule says drop.
    pub dropped: RejectStatus,
    /// What happens to ambiguous calls.
    pub ambiguous: Ambiguous,
    /// Maximum questions per second, in total.
    pub maximum_per_second: u32,
    /// Maximum number of concurrent connections, for SIP and for HTTP each.
    pub maximum_connections: u32,
    /// Maximum size of a message in bytes.
    pub maximum_message: usize,
    /// How long a question with `explain` waits while rules are being put in force.
    pub deadline: Duration,
}

impl CompanionSettings {
    /// Whether the redirect server answers an address.
    pub fn allows(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.allow.iter().any(|network| network.contains(&peer))
    }
}
