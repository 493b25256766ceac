//! Whom packets are taken from, and where they are sent to. An address in a session description is
//! a claim of a stranger, and may be that of somebody else: nothing is sent to it before something
//! came from it, unless whoever is asked for media is trusted.

use std::net::{IpAddr, SocketAddr};

/// Addresses from which packets may come at most.
const MOST_ALLOWED: usize = 8;

/// The other side of a stream.
#[derive(Clone, Debug)]
pub struct Source {
    /// What its description says.
    negotiated: Option<SocketAddr>,
    /// From which addresses packets may come whatever the description says: behind an address
    /// translation the one of the signalling is right, and the described one is not.
    allowed: Vec<IpAddr>,
    /// Where packets came from.
    heard: Option<SocketAddr>,
    /// Something may be sent to the negotiated address before anything came.
    may_send_first: bool,
}

impl Source {
    /// With what is known when a stream begins.
    pub fn new(
        negotiated: Option<SocketAddr>,
        allowed: impl IntoIterator<Item = IpAddr>,
        may_send_first: bool,
    ) -> Self {
        Self {
            negotiated: negotiated.map(canonical),
            allowed: allowed
                .into_iter()
                .take(MOST_ALLOWED)
                .map(|address| address.to_canonical())
                .collect(),
            heard: None,
            may_send_first,
        }
    }

    /// Another description; the stream may come from elsewhere.
    pub fn renegotiate(&mut self, negotiated: Option<SocketAddr>) {
        let negotiated = negotiated.map(canonical);
        if self.negotiated != negotiated {
            self.negotiated = negotiated;
            self.heard = None;
        }
    }

    /// Packets may be sent before any came.
    pub const fn permit(&mut self) {
        self.may_send_first = true;
    }

    /// Whether a packet from an address is of this stream. Where the packet is what it should be,
    /// this is remembered: of the allowed addresses the first one that is heard is the source, but
    /// the negotiated one goes before.
    pub fn accepts(&mut self, from: SocketAddr) -> bool {
        let from = canonical(from);
        if self.heard == Some(from) {
            return true;
        }
        let is_negotiated = self.negotiated == Some(from);
        let is_first = self.heard.is_none() && self.is_allowed(from.ip());
        if is_negotiated || is_first {
            self.heard = Some(from);
        }
        is_negotiated || is_first
    }

    /// Whether an address could be of this stream, which is asked before anything is read.
    pub fn may_be(&self, from: SocketAddr) -> bool {
        let from = canonical(from);
        self.heard == Some(from) || self.negotiated == Some(from) || {
            self.heard.is_none() && self.is_allowed(from.ip())
        }
    }

    fn is_allowed(&self, address: IpAddr) -> bool {
        self.allowed.contains(&address)
            || self
                .negotiated
                .is_some_and(|negotiated| negotiated.ip() == address)
    }

    /// Where packets came from.
    pub const fn heard(&self) -> Option<SocketAddr> {
        self.heard
    }

    /// Where to send to; none if that is not known, or not confirmed.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.heard
            .or(self.negotiated.filter(|_| self.may_send_first))
    }
}

/// IPv4 as itself, also where a socket shows it within IPv6.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
