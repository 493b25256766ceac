//! Captures of calls: a pcap or pcapng file as the INVITEs in it, one for each call. Files and
//! frames are the libraries' work; what is one call is told by the same reading of SIP as in the
//! kernel program.

mod calls;
mod datagram;
mod fragments;
mod packets;

use std::net::SocketAddr;

use blacklist_figures::CaptureCounts;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use calls::{MAXIMUM_CALLS, read};

#[cfg(test)]
mod tests;

/// What carried an INVITE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// A datagram, the first that the kernel program would have judged.
    Udp,
    /// A segment of a connection, which the kernel program lets pass.
    Tcp,
}

/// A call: its first INVITE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedCall {
    /// Number of the packet in the file, from 1; of several fragments the last.
    pub packet: u64,
    /// When it was captured; none where the file does not say.
    pub at: Option<Timestamp>,
    /// Who sent it.
    pub source: SocketAddr,
    /// To whom.
    pub destination: SocketAddr,
    /// By what.
    pub carrier: Carrier,
    /// The message, put together where it came in fragments.
    pub text: Vec<u8>,
    /// Its Call-ID; none where it cannot be read with certainty.
    pub call_id: Option<String>,
    /// How often it was sent, retransmissions and a second try with credentials included.
    pub sent: u32,
    /// The capture holds only its beginning.
    pub is_cut: bool,
    /// The Ethernet frame, of several fragments the first; none where the capture has none.
    pub frame: Option<Vec<u8>>,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// The calls, in the order of their first INVITEs.
    pub calls: Vec<CapturedCall>,
    /// What else is in it.
    pub counts: CaptureCounts,
    /// Why it was not read to its end, as a sentence.
    pub problem: Option<String>,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The system does not give it.
    #[error("the capture cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// It is something else.
    #[error("this is no capture: {0}")]
    NotACapture(&'static str),
}
