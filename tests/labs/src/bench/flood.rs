//! A sender of calls that are refused: as many a second as are asked for, each a call of its own,
//! and a count of what is answered. Nothing is sent twice.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use nix::sys::socket::{setsockopt, sockopt};

use super::{REFUSED, SBC};

/// Where calls come from.
const SOURCE: &str = "198.18.0.1:5070";
/// Requests that are sent before answers are looked at.
const BATCH: u64 = 16;
/// How long to wait where nothing is to be sent or heard.
const BREATH: Duration = Duration::from_micros(50);
/// How long answers may take that come last.
const LAST: Duration = Duration::from_millis(300);
/// Bytes that wait for us, so that no answer is lost here.
const BUFFER: usize = 64 << 20;
/// Digits of a call's number.
const DIGITS: usize = 10;
const ANSWER: &[u8] = b"SIP/2.0 603 ";
const BRANCH: &[u8] = b"branch=z9hG4bK-";
const TO: &[u8] = b"\r\nTo: ";

/// What is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flood {
    /// Calls a second; as many as can be sent if there is none.
    pub(super) rate: Option<f64>,
    /// Whether answers are acknowledged, as RFC 3261, 17.1.1.3, wants it.
    pub(super) acknowledges: bool,
    /// How long.
    pub(super) lasts: Duration,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) sent: u64,
    pub(super) answered: u64,
    pub(super) acknowledged: u64,
    /// For how long was sent.
    pub(super) lasted: Duration,
}

impl Tally {
    /// The share of calls that were answered.
    pub(super) fn share(&self) -> f64 {
        self.answered as f64 / self.sent.max(1) as f64
    }

    /// Something of this, a second.
    pub(super) fn a_second(&self, count: u64) -> f64 {
        count as f64 / self.lasted.as_secs_f64()
    }
}

/// The sender.
pub(super) struct Sender {
    socket: UdpSocket,
    /// The INVITE, with the number of the last call.
    invite: Vec<u8>,
    /// Where the number stands in it.
    places: Vec<usize>,
    calls: u64,
    buffer: Vec<u8>,
}

impl Sender {
    /// One on the carrier, on whose thread this has to be called.
    pub(super) fn new() -> Result<Self> {
        let socket = UdpSocket::bind(SOURCE).with_context(|| format!("cannot bind {SOURCE}"))?;
        let destination: SocketAddr = SBC.parse()?;
        socket.connect(destination)?;
        socket.set_nonblocking(true)?;
        setsockopt(&socket, sockopt::RcvBufForce, &BUFFER)?;
        // What is under way must not hold up what is due.
        setsockopt(&socket, sockopt::SndBufForce, &BUFFER)?;
        let number = "0".repeat(DIGITS);
        let invite = format!(
            "INVITE sip:+13125550100@{SBC} SIP/2.0\r\n\
             Via: SIP/2.0/UDP {SOURCE};rport;branch=z9hG4bK-{number}\r\n\
             Max-Forwards: 70\r\n\
             From: <sip:{REFUSED}@carrier.example>;tag=1\r\n\
             To: <sip:+13125550100@{SBC}>\r\n\
             Call-ID: {number}-{}@carrier.example\r\n\
             CSeq: 1 INVITE\r\n\
             Contact: <sip:{REFUSED}@{SOURCE}>\r\n\
             Content-Length: 0\r\n\r\n",
            std::process::id()
        );
        let places = invite.match_indices(&number).map(|(place, _)| place);
        Ok(Self {
            socket,
            places: places.collect(),
            invite: invite.into_bytes(),
            calls: 0,
            buffer: vec![0; 2048],
        })
    }

    /// Sends and counts.
    pub(super) fn send(&mut self, flood: Flood) -> Result<Tally> {
        let mut tally = Tally::default();
        let begun = Instant::now();
        loop {
            tally.lasted = begun.elapsed();
            if tally.lasted >= flood.lasts {
                break;
            }
            let due = flood
                .rate
                .map_or(u64::MAX, |rate| (tally.lasted.as_secs_f64() * rate) as u64);
            let count = due.saturating_sub(tally.sent).min(BATCH);
            for _ in 0..count {
                if !self.call()? {
                    break;
                }
                tally.sent += 1;
            }
            let heard = self.hear(flood.acknowledges, &mut tally)?;
            if count == 0 && !heard {
                std::thread::sleep(BREATH);
            }
        }
        let end = Instant::now() + LAST;
        while Instant::now() < end && tally.answered < tally.sent {
            if !self.hear(flood.acknowledges, &mut tally)? {
                std::thread::sleep(BREATH);
            }
        }
        Ok(tally)
    }

    /// Begins a call. False if there is no room for it on the wire.
    fn call(&mut self) -> Result<bool> {
        self.calls += 1;
        let number = format!("{:0DIGITS$}", self.calls);
        for place in &self.places {
            if let Some(digits) = self.invite.get_mut(*place..*place + DIGITS) {
                digits.copy_from_slice(number.as_bytes());
            }
        }
        put(&self.socket, &self.invite)
    }

    /// Counts the answers that have come. False if there are none.
    fn hear(&mut self, acknowledges: bool, tally: &mut Tally) -> Result<bool> {
        let mut heard = false;
        // As many as were sent, and more: what waits becomes less.
        for _ in 0..4 * BATCH {
            let length = match self.socket.recv(&mut self.buffer) {
                Ok(length) => length,
                Err(error) if is_nothing(error.kind()) => break,
                Err(error) => return Err(error).context("cannot receive"),
            };
            heard = true;
            let answer = self.buffer.get(..length).unwrap_or_default();
            if !answer.starts_with(ANSWER) {
                continue;
            }
            tally.answered += 1;
            if acknowledges && let Some(ack) = acknowledgement(answer) {
                tally.acknowledged += u64::from(put(&self.socket, ack.as_bytes())?);
            }
        }
        Ok(heard)
    }
}

/// Sends; false if there is no room, or what was sent before was refused.
fn put(socket: &UdpSocket, message: &[u8]) -> Result<bool> {
    match socket.send(message) {
        Ok(_) => Ok(true),
        Err(error) if is_nothing(error.kind()) => Ok(false),
        Err(error) if error.raw_os_error() == Some(nix::errno::Errno::ENOBUFS as i32) => Ok(false),
        Err(error) => Err(error).context("cannot send"),
    }
}

fn is_nothing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::WouldBlock | ErrorKind::ConnectionRefused)
}

/// The ACK for an answer to one of our calls (RFC 3261, 17.1.1.3).
fn acknowledgement(answer: &[u8]) -> Option<String> {
    let number = behind(answer, BRANCH)?.get(..DIGITS)?;
    let number = std::str::from_utf8(number).ok()?;
    let to = behind(answer, TO)?;
    let end = to.iter().position(|byte| *byte == b'\r')?;
    let to = std::str::from_utf8(to.get(..end)?).ok()?;
    Some(format!(
        "ACK sip:+13125550100@{SBC} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {SOURCE};rport;branch=z9hG4bK-{number}\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:{REFUSED}@carrier.example>;tag=1\r\n\
         To: {to}\r\n\
         Call-ID: {number}-{}@carrier.example\r\n\
         CSeq: 1 ACK\r\n\
         Content-Length: 0\r\n\r\n",
        std::process::id()
    ))
}

fn behind<'a>(text: &'a [u8], what: &[u8]) -> Option<&'a [u8]> {
    let place = text.windows(what.len()).position(|window| window == what)?;
    text.get(place + what.len()..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ack_names_the_call_and_the_tag_of_its_answer() {
        let answer = b"SIP/2.0 603 Decline\r\nVia: SIP/2.0/UDP 198.18.0.1:5070;rport=5070;\
            branch=z9hG4bK-0000000042;received=198.18.0.1\r\nFrom: <sip:1@h>;tag=1\r\n\
            To: <sip:+13125550100@198.18.0.2:5060>;tag=xyz\r\n\r\n";
        let ack = acknowledgement(answer).unwrap();
        assert!(ack.contains("\r\nTo: <sip:+13125550100@198.18.0.2:5060>;tag=xyz\r\n"));
        assert!(ack.contains(";branch=z9hG4bK-0000000042\r\n"));
        assert!(ack.contains("\r\nCall-ID: 0000000042-"));
        assert_eq!(acknowledgement(b"SIP/2.0 603 Decline\r\n\r\n"), None);
    }
}
