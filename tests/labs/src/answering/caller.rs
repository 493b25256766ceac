//! A caller that writes each byte itself, and says from where it was answered.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::sip::is_timeout;

/// A call of the carrier's.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) source: SocketAddr,
    pub(crate) destination: SocketAddr,
    /// The number in From; a whole From where it has a colon.
    pub(crate) number: String,
    pub(crate) call_id: String,
    /// The value of Via; empty for the usual one.
    pub(crate) via: String,
    /// Further header lines.
    pub(crate) more: String,
    /// Bytes of a body.
    pub(crate) body: usize,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) from: SocketAddr,
    pub(crate) text: String,
}

impl Heard {
    /// Code and phrase.
    pub(crate) fn status(&self) -> String {
        let line = self.text.lines().next().unwrap_or_default();
        line.strip_prefix("SIP/2.0 ").unwrap_or(line).to_owned()
    }

    /// The first header of a name.
    pub(crate) fn header(&self, name: &str) -> String {
        let mut lines = self.text.lines();
        lines
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
            .unwrap_or_default()
            .to_owned()
    }
}

impl Caller {
    fn message(&self, method: &str) -> String {
        let via = if self.via.is_empty() {
            format!(
                "SIP/2.0/UDP {};rport;branch=z9hG4bK-{}",
                self.source, self.call_id
            )
        } else {
            self.via.clone()
        };
        let from = if self.number.contains(':') {
            self.number.clone()
        } else {
            format!("<sip:{}@carrier.example>", self.number)
        };
        // Inside of a dialog that the answer's tag would have made.
        let tag = if matches!(method, "INVITE" | "CANCEL") {
            ""
        } else {
            ";tag=answer"
        };
        format!(
            "{method} sip:+13125550100@{to} SIP/2.0\r\nVia: {via}\r\n{more}Max-Forwards: 70\r\n\
             From: {from};tag=1\r\nTo: <sip:+13125550100@{to}>{tag}\r\nCall-ID: {id}\r\n\
             CSeq: 1 {method}\r\nContent-Length: {length}\r\n\r\n{body}",
            to = self.destination,
            more = self.more,
            id = self.call_id,
            length = self.body,
            body = "b".repeat(self.body),
        )
    }

    /// Bytes of its INVITE.
    pub(crate) fn length(&self) -> usize {
        self.message("INVITE").len()
    }

    /// Sends a message and waits for an answer at an address. On a thread of the carrier's.
    pub(crate) fn send(
        &self,
        method: &str,
        at: SocketAddr,
        patience: Duration,
    ) -> Result<Option<Heard>> {
        let bind = |address: SocketAddr| {
            UdpSocket::bind(address).with_context(|| format!("cannot bind {address}"))
        };
        let socket = bind(self.source)?;
        let other = (at != self.source).then(|| bind(at)).transpose()?;
        socket.send_to(self.message(method).as_bytes(), self.destination)?;
        hear(other.as_ref().unwrap_or(&socket), patience)
    }
}

fn hear(socket: &UdpSocket, patience: Duration) -> Result<Option<Heard>> {
    let mut buffer = vec![0; 65_536];
    socket.set_read_timeout(Some(patience))?;
    match socket.recv_from(&mut buffer) {
        Ok((length, from)) => {
            let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default());
            Ok(Some(Heard {
                from,
                text: text.into_owned(),
            }))
        }
        Err(error) if is_timeout(&error) => Ok(None),
        Err(error) => Err(error).context("cannot receive"),
    }
}
