//! Where packets are accepted from and sent to. An address in a session description is a stranger's
//! claim and may belong to somebody else: nothing is sent to it before something came from it,
//! unless the peer is trusted.

use std::net::{IpAddr, SocketAddr};

/// Maximum number of addresses from which packets are accepted.
const MOST_ALLOWED: usize = 8;

/// The peer of a stream.
#[derive(Clone, Debug)]
pub struct Source {
    /// The address in its session description.
    negotiated: Option<SocketAddr>,
    /// Addresses from which packets are accepted whatever the description says: behind NAT the
    /// signalling address is right, and the described one is not.
    allowed: Vec<IpAddr>,
    /// Where packets came from.
    heard: Option<SocketAddr>,
    /// Whether to send to the negotiated address before anything was received.
    may_send_first: bool,
}

impl Source {
    /// With what is known at the start of a stream.
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

    /// Applies a new session description; the stream may come from elsewhere.
    pub fn renegotiate(&mut self, negotiated: Option<SocketAddr>) {
        let negotiated = negotiated.map(canonical);
        if self.negotiated != negotiated {
            self.negotiated = negotiated;
            self.heard = None;
        }
    }

    /// Allows sending before anything was received.
    pub const fn permit(&mut self) {
        self.may_send_first = true;
    }

    /// Whether a valid packet from an address belongs to this stream; remembers its source. The
    /// first allowed address that sends becomes the source, but the negotiated one takes
    /// precedence.
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

    /// Whether an address could belong to this stream, before the packet is parsed.
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

    /// The destination; `None` if it is unknown or not confirmed.
    pub fn destination(&self) -> Option<SocketAddr> {
        self.heard
            .or(self.negotiated.filter(|_| self.may_send_first))
    }
}

/// Converts an IPv4-mapped IPv6 address to IPv4.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
