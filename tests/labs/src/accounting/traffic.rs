//! What is sent: INVITEs of every kind, each call with a Call-ID of its own, as fast as a veth takes
//! them.

use std::net::{SocketAddr, UdpSocket};
use std::ops::Range;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::Lab;

/// Kinds of packets, by what becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A listed number.
    Listed,
    /// A listed number, over the trunk whose assertions are believed.
    Asserted,
    /// A listed beginning.
    Prefix,
    /// A rule that only watches.
    Watched,
    /// An exception.
    Allowed,
    /// Nobody's.
    Unlisted,
    /// Two From headers.
    Ambiguous,
    /// Inside of a dialog.
    InDialog,
    /// No INVITE.
    Options,
}

impl Kind {
    pub(super) const fn all() -> &'static [Self] {
        &[
            Self::Listed,
            Self::Asserted,
            Self::Prefix,
            Self::Watched,
            Self::Allowed,
            Self::Unlisted,
            Self::Ambiguous,
            Self::InDialog,
            Self::Options,
        ]
    }

    const fn caller(self) -> &'static str {
        match self {
            Self::Asserted | Self::Unlisted => "+13105550001",
            Self::Prefix => "+493012345678",
            Self::Watched => "+33123456789",
            Self::Allowed => "+493099901234",
            Self::Listed | Self::Ambiguous | Self::InDialog | Self::Options => "+14155550101",
        }
    }

    /// Where from, and where to.
    const fn way(self) -> (&'static str, &'static str) {
        match self {
            Self::Asserted => ("198.18.1.1:0", "198.18.1.2:5060"),
            _ => ("198.18.0.1:0", "198.18.0.2:5060"),
        }
    }

    fn message(self, id: u32) -> String {
        let caller = self.caller();
        let method = if self == Self::Options {
            "OPTIONS"
        } else {
            "INVITE"
        };
        let tag = if self == Self::InDialog { ";tag=2" } else { "" };
        let more = match self {
            Self::Asserted => "P-Asserted-Identity: <sip:+14155550101@carrier>\r\n",
            Self::Ambiguous => "From: <sip:+13105550002@carrier>;tag=9\r\n",
            _ => "",
        };
        format!(
            "{method} sip:+13125550100@198.18.0.2 SIP/2.0\r\n\
             Via: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK-{id}\r\nMax-Forwards: 70\r\n\
             From: <sip:{caller}@carrier>;tag=1\r\n{more}To: <sip:+13125550100@sbc>{tag}\r\n\
             Call-ID: accounting-{id}@carrier\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
        )
    }
}

/// Packets between two pauses: the queue of a veth holds more.
const BURST: u32 = 64;
const PAUSE: Duration = Duration::from_micros(100);

/// Sends the calls with these ids, all of them `times` one round after the other.
pub(super) fn send(lab: &Lab, kind: Kind, ids: Range<u32>, times: u32) -> Result<()> {
    lab.network.carrier.run(move || {
        let (source, destination) = kind.way();
        let source: SocketAddr = source.parse()?;
        let socket = UdpSocket::bind(source).with_context(|| format!("cannot bind {source}"))?;
        socket.connect(destination)?;
        let mut sent = 0;
        for _ in 0..times {
            for id in ids.clone() {
                send_one(&socket, kind.message(id).as_bytes())?;
                sent += 1;
                if sent % BURST == 0 {
                    std::thread::sleep(PAUSE);
                }
            }
        }
        Ok(())
    })
}

/// A refusal of an earlier packet (nobody listens) is no reason not to send the next one.
fn send_one(socket: &UdpSocket, text: &[u8]) -> Result<()> {
    loop {
        match socket.send(text) {
            Ok(_) => return Ok(()),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {}
            Err(error) => return Err(error).context("cannot send"),
        }
    }
}
