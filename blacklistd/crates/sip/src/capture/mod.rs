//! Reads a pcap or pcapng file as INVITEs, one for each call. Libraries read files and frames; what
//! belongs to one call is decided by the same SIP parser as in the kernel program.

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

/// The transport of an INVITE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Carrier {
    /// A datagram, the first that the kernel program would judge.
    Udp,
    /// A TCP segment, which the kernel program passes.
    Tcp,
}

/// A call, by its first INVITE.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CapturedCall {
    /// Number of its packet in the file, from 1; of fragments, the last.
    pub packet: u64,
    /// When it was captured; `None` if the file does not say.
    pub at: Option<Timestamp>,
    /// Its sender.
    pub source: SocketAddr,
    /// Its receiver.
    pub destination: SocketAddr,
    /// Its transport.
    pub carrier: Carrier,
    /// The message, reassembled.
    pub text: Vec<u8>,
    /// Its Call-ID; `None` if it is ambiguous.
    pub call_id: Option<String>,
    /// How often it was sent, including retransmissions and a retry with credentials.
    pub sent: u32,
    /// Whether only its beginning was captured.
    pub is_cut: bool,
    /// The Ethernet frame, of fragments the first; `None` if the capture has no frames.
    pub frame: Option<Vec<u8>>,
}

/// What a file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capture {
    /// The calls, in the order of their first INVITEs.
    pub calls: Vec<CapturedCall>,
    /// Its counts.
    pub counts: CaptureCounts,
    /// Why it was not read to the end, as a sentence.
    pub problem: Option<String>,
}

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// A system error.
    #[error("the capture cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// It is not a capture.
    #[error("this is not a capture: {0}")]
    NotACapture(&'static str),
}
