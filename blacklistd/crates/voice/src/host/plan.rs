//! What shall become of a call.

use std::net::SocketAddr;
use std::time::Duration;

use blacklist_common::number::Number;

use super::settings::TargetSettings;
use crate::media::sound::Sound;

/// How a call is refused, or what is said when it ends before it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The SIP status.
    pub status: u16,
    /// Its words.
    pub phrase: String,
    /// The value of a Reason header (RFC 3326).
    pub reason: Option<String>,
}

/// What a caller meets.
#[derive(Clone, Debug)]
pub enum Treatment {
    /// An announcement.
    Announce(Sound),
    /// Music, or phrases that wait for an answer.
    Torment {
        /// By phrases.
        is_interactive: bool,
        /// For so long.
        length: Duration,
    },
    /// A question for the PIN.
    Pin,
    /// Somebody else.
    Redirect(TargetSettings),
}

/// How a call goes on with the right PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Onward {
    /// By a second leg to the proxy, whose media is passed on.
    Leg,
    /// By 302: the proxy that has sent it here takes it back, and calls this URI.
    Moved(String),
}

/// Who speaks with whom, as the rules know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parties {
    /// The number on this side, in its canonical spelling; empty for none.
    pub local: String,
    /// The number on the other side, likewise.
    pub remote: String,
    /// The same as a key.
    pub remote_number: Number,
}

/// A call, and what shall become of it.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the caller meets.
    pub treatment: Treatment,
    /// How it goes on, if it does.
    pub onward: Onward,
    /// How the call is refused in the end.
    pub refusal: Refusal,
    /// The peer is a configured trunk: media is sent where it says.
    pub is_believed: bool,
    /// The hash of its Call-ID, by which the kernel and the log know it.
    pub fingerprint: u64,
    /// Who speaks with whom.
    pub parties: Parties,
    /// Where it came from.
    pub source: SocketAddr,
    /// Where it came to, as the peer sees it.
    pub local: SocketAddr,
    /// What whoever gets a diverted call is told of the rule.
    pub headers: Vec<(String, String)>,
}
