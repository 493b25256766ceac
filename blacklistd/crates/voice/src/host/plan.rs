//! What is planned for a call.

use std::net::SocketAddr;
use std::time::Duration;

use blacklist_common::number::Number;

use super::settings::TargetSettings;
use crate::media::sound::Sound;

/// How a call is rejected, or ended before it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The SIP status.
    pub status: u16,
    /// Its reason phrase.
    pub phrase: String,
    /// The value of a Reason header (RFC 3326).
    pub reason: Option<String>,
}

/// How a call is treated.
#[derive(Clone, Debug)]
pub enum Treatment {
    /// Plays an announcement.
    Announce(Sound),
    /// Holds the caller with music, or with phrases that wait for a response.
    Torment {
        /// With phrases.
        is_interactive: bool,
        /// How long.
        length: Duration,
    },
    /// Asks for the PIN.
    Pin,
    /// Redirects the call.
    Redirect(TargetSettings),
}

/// How a call is connected after the right PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Onward {
    /// By a second leg to the proxy, with relayed media.
    Leg,
    /// By 302: the proxy that sent the call here calls this URI.
    Moved(String),
}

/// The two parties of a call, as the rules know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties {
    /// The local number, in its canonical spelling; empty if unknown.
    pub local: String,
    /// The remote number, likewise.
    pub remote: String,
    /// The remote number as a key.
    pub remote_number: Number,
}

/// A call and how it is treated.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How the caller is treated.
    pub treatment: Treatment,
    /// How it is connected, if it is.
    pub onward: Onward,
    /// How the call is rejected in the end.
    pub refusal: Refusal,
    /// Whether the peer is a configured trunk, so that media is sent to the address it names.
    pub is_believed: bool,
    /// The hash of its Call-ID, by which kernel and log identify it.
    pub fingerprint: u64,
    /// The two parties.
    pub parties: Parties,
    /// Its source.
    pub source: SocketAddr,
    /// Its local address, as the peer sees it.
    pub local: SocketAddr,
    /// Headers about the rule for the target of a redirected call.
    pub headers: Vec<(String, String)>,
}
