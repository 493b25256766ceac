//! Callers who are held: as much of a phone as it takes to get on the line and off again, many of
//! them on one socket.

use std::collections::HashMap;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use nix::sys::socket::{setsockopt, sockopt};

use super::{HELD, SBC};
use crate::sip::is_timeout;

/// Where calls come from.
const SOURCE: &str = "198.18.0.1:5080";
/// Between two calls that begin.
const BETWEEN: Duration = Duration::from_millis(5);
/// RFC 3261, 17.1.1.1: the first interval between repetitions over UDP.
const T1: Duration = Duration::from_millis(500);
/// How long the last one may take.
const PATIENCE: Duration = Duration::from_secs(4);
/// Bytes that wait for us.
const BUFFER: usize = 8 << 20;

/// One of them.
#[derive(Debug)]
struct Call {
    sent: Instant,
    /// To as the answer has it, with its tag.
    to: String,
    /// Where the SBC wants its sound sent to; none until it has answered.
    media: Option<SocketAddr>,
    is_over: bool,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Callers {
    socket: UdpSocket,
    media_port: u16,
    calls: HashMap<String, Call>,
    begun: usize,
    buffer: Vec<u8>,
}

impl Callers {
    /// Nobody yet; on a thread of the carrier's. All take their sound at one port.
    pub(super) fn new(media_port: u16) -> Result<Self> {
        let socket = UdpSocket::bind(SOURCE).with_context(|| format!("cannot bind {SOURCE}"))?;
        let destination: SocketAddr = SBC.parse()?;
        socket.connect(destination)?;
        socket.set_read_timeout(Some(Duration::from_millis(1)))?;
        setsockopt(&socket, sockopt::RcvBufForce, &BUFFER)?;
        Ok(Self {
            socket,
            media_port,
            calls: HashMap::new(),
            begun: 0,
            buffer: vec![0; 4096],
        })
    }

    /// So many call, one behind the other. Where the SBC wants the sound of each that is on the
    /// line then.
    pub(super) fn call(&mut self, count: usize) -> Result<Vec<SocketAddr>> {
        self.calls.clear();
        let start = Instant::now();
        let mut placed = 0;
        loop {
            let due = start.elapsed().as_nanos() / BETWEEN.as_nanos() + 1;
            while placed < count && (placed as u128) < due {
                self.begin()?;
                placed += 1;
            }
            self.listen()?;
            let is_answered = self.calls.values().all(|call| call.media.is_some());
            let last = start + BETWEEN * u32::try_from(count)? + PATIENCE;
            if placed == count && is_answered || Instant::now() > last {
                break;
            }
            self.repeat()?;
        }
        Ok(self.calls.values().filter_map(|call| call.media).collect())
    }

    /// All who are on the line hang up. How many were not heard to be gone.
    pub(super) fn hang_up(&mut self) -> Result<usize> {
        let ids: Vec<String> = self.calls.keys().cloned().collect();
        let end = Instant::now() + PATIENCE;
        loop {
            for id in &ids {
                let Some(call) = self.calls.get(id) else {
                    continue;
                };
                if call.media.is_some() && !call.is_over {
                    self.send(&request("BYE", 2, id, &call.to, "", ""))?;
                    self.listen()?;
                }
            }
            let wait = Instant::now() + T1;
            while Instant::now() < wait && self.left() > 0 {
                self.listen()?;
            }
            if self.left() == 0 || Instant::now() > end {
                return Ok(self.left());
            }
        }
    }

    fn left(&self) -> usize {
        let on_line = |call: &&Call| call.media.is_some() && !call.is_over;
        self.calls.values().filter(on_line).count()
    }

    fn begin(&mut self) -> Result<()> {
        self.begun += 1;
        let id = format!("held-{}-{}", std::process::id(), self.begun);
        self.send(&self.invite(&id))?;
        let call = Call {
            sent: Instant::now(),
            to: String::new(),
            media: None,
            is_over: false,
        };
        self.calls.insert(id, call);
        Ok(())
    }

    /// Sends again what has no answer.
    fn repeat(&mut self) -> Result<()> {
        let now = Instant::now();
        let late = |call: &Call| call.media.is_none() && now.duration_since(call.sent) >= T1;
        let ids: Vec<String> = self
            .calls
            .iter()
            .filter(|(_, call)| late(call))
            .map(|(id, _)| id.clone())
            .collect();
        for id in ids {
            self.send(&self.invite(&id))?;
            if let Some(call) = self.calls.get_mut(&id) {
                call.sent = now;
            }
        }
        Ok(())
    }

    fn invite(&self, id: &str) -> String {
        let (address, _) = SOURCE.split_once(':').unwrap_or((SOURCE, ""));
        let description = format!(
            "v=0\r\no=bench 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n\
             m=audio {} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\na=ptime:20\r\n",
            self.media_port
        );
        let to = format!("<sip:+13125550100@{SBC}>");
        let more = format!("Contact: <sip:{HELD}@{SOURCE}>\r\nContent-Type: application/sdp\r\n");
        request("INVITE", 1, id, &to, &more, &description)
    }

    fn send(&self, message: &str) -> Result<()> {
        self.socket
            .send(message.as_bytes())
            .context("cannot send")?;
        Ok(())
    }

    /// Takes what has come, waits a little if there is nothing.
    fn listen(&mut self) -> Result<()> {
        loop {
            let length = match self.socket.recv(&mut self.buffer) {
                Ok(length) => length,
                Err(error) if is_timeout(&error) => return Ok(()),
                Err(error) => return Err(error).context("cannot receive"),
            };
            let text = self.buffer.get(..length).unwrap_or_default();
            let text = String::from_utf8_lossy(text).into_owned();
            self.take(&text)?;
            self.socket.set_nonblocking(true)?;
            let more = self.socket.peek(&mut [0; 1]).is_ok();
            self.socket.set_nonblocking(false)?;
            if !more {
                return Ok(());
            }
        }
    }

    fn take(&mut self, text: &str) -> Result<()> {
        if !text.starts_with("SIP/2.0 2") {
            return Ok(());
        }
        let (id, to) = (header(text, "Call-ID"), header(text, "To"));
        let Some(call) = self.calls.get_mut(id) else {
            return Ok(());
        };
        if header(text, "CSeq").ends_with("BYE") {
            call.is_over = true;
            return Ok(());
        }
        to.clone_into(&mut call.to);
        call.media = media(text);
        // Again for each repetition of the answer.
        let ack = request("ACK", 1, id, to, "", "");
        self.send(&ack)
    }
}

fn request(method: &str, number: u32, id: &str, to: &str, more: &str, body: &str) -> String {
    format!(
        "{method} sip:+13125550100@{SBC} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {SOURCE};rport;branch=z9hG4bK-{method}-{id}\r\n\
         Max-Forwards: 70\r\n\
         From: <sip:{HELD}@carrier.example>;tag={id}\r\n\
         To: {to}\r\n\
         Call-ID: {id}\r\n\
         CSeq: {number} {method}\r\n\
         {more}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The value of the first header of a name.
fn header<'a>(text: &'a str, name: &str) -> &'a str {
    let mut values = text.lines().filter_map(|line| line.split_once(": "));
    values
        .find(|(found, _)| found.eq_ignore_ascii_case(name))
        .map_or("", |(_, value)| value)
}

/// Where a description wants sound sent to.
fn media(text: &str) -> Option<SocketAddr> {
    let mut lines = text.lines();
    let address = lines
        .clone()
        .find_map(|line| line.strip_prefix("c=IN IP4 "))?;
    let port = lines.find_map(|line| line.strip_prefix("m=audio "))?;
    let port = port.split(' ').next()?.parse().ok()?;
    Some(SocketAddr::new(address.parse().ok()?, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_where_its_sound_goes() {
        let text = "SIP/2.0 200 OK\r\nCall-ID: 7\r\nTo: <sip:1@h>;tag=a\r\n\r\nv=0\r\n\
            c=IN IP4 198.18.0.2\r\nm=audio 30002 RTP/AVP 0\r\n";
        assert_eq!(media(text), Some("198.18.0.2:30002".parse().unwrap()));
        assert_eq!(header(text, "to"), "<sip:1@h>;tag=a");
        assert_eq!(media("SIP/2.0 200 OK\r\n\r\n"), None);
    }
}
