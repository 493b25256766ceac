//! What the media host needs from the owner of the rules, the PINs and the log.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::plan::Parties;
use crate::dialog::Transmit;
use blacklist_system::Moment;

/// The result of a PIN attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinAnswer {
    /// It is right.
    Right,
    /// It is wrong; further attempts are not compared before this time has passed.
    Wrong(Duration),
    /// Too many attempts were wrong: none is compared until the lock ends.
    Locked,
    /// There is no PIN for this number.
    NoPin,
}

impl PinAnswer {
    /// Its word in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong(_) => "wrong",
            Self::Locked => "locked",
            Self::NoPin => "none",
        }
    }
}

/// What is recorded about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallNote {
    /// The first conclusive status: 183, 200, or a rejection.
    Status(u16),
    /// A PIN attempt.
    Pin(PinAnswer),
    /// The call has ended.
    Ended {
        /// How long it was connected.
        time: Duration,
        /// Whether it was held.
        is_held: bool,
    },
}

/// The owner of the rules, the PINs and the log.
pub trait CallServices: Send + Sync + 'static {
    /// Compares a PIN and counts the attempt. Slow; blocks.
    fn check_pin(&self, parties: &Parties, digits: &str) -> PinAnswer;

    /// Lets further calls between the two parties through for a while. Blocks.
    fn grant(&self, parties: &Parties, lifetime: Duration);

    /// Records something about a call, identified by the hash of its Call-ID.
    fn record(&self, fingerprint: u64, note: CallNote);

    /// Whether an address belongs to a configured trunk.
    fn is_trunk(&self, address: IpAddr) -> bool;

    /// The transport that sends from a local address and port, as the peer sees it.
    fn transmit(&self, from: SocketAddr) -> Option<Arc<dyn Transmit>>;

    /// The current time; tests override it.
    fn now(&self) -> Moment {
        Moment::now()
    }
}
