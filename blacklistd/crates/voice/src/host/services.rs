//! What the media host asks of whoever has the rules, the PINs and the log.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::plan::Parties;
use crate::dialog::Transmit;

/// What a PIN is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinAnswer {
    /// It is right.
    Right,
    /// It is not; no other is compared before so much time has passed.
    Wrong(Duration),
    /// Too many were wrong: none is compared until the lock-out is over.
    Locked,
    /// There is none for this number.
    NoPin,
}

impl PinAnswer {
    /// The word for the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong(_) => "wrong",
            Self::Locked => "locked",
            Self::NoPin => "none",
        }
    }
}

/// What is noted of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallNote {
    /// The first status that says how it goes: 183, 200, or the one that refuses it.
    Status(u16),
    /// A PIN was tried.
    Pin(PinAnswer),
    /// It is over.
    Ended {
        /// How long it was on the line.
        time: Duration,
        /// It was held.
        is_held: bool,
    },
}

/// Whoever has the rules, the PINs and the log.
pub trait CallServices: Send + Sync + 'static {
    /// Compares a PIN, and counts the try. Takes its time, and blocks meanwhile.
    fn check_pin(&self, parties: &Parties, digits: &str) -> PinAnswer;

    /// Lets further calls of these two through for a while. Blocks.
    fn grant(&self, parties: &Parties, lifetime: Duration);

    /// Notes what became of a call, known by the hash of its Call-ID.
    fn record(&self, fingerprint: u64, note: CallNote);

    /// Whether an address belongs to a configured trunk.
    fn is_trunk(&self, address: IpAddr) -> bool;

    /// What sends from an address and port of this host, as the other side sees them.
    fn transmit(&self, from: SocketAddr) -> Option<Arc<dyn Transmit>>;

    /// Now; tests have their own.
    fn now(&self) -> Instant {
        Instant::now()
    }
}
