//! As much SIP over UDP as a lab needs in order to place a call by hand: for messages that no
//! ordinary client writes, and where sipp is not installed. Requests are given as text, so that
//! every byte is the scenario's.

use std::io::ErrorKind;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// RFC 3261, 17.1.1.1: the first interval between retransmissions over UDP; each doubles.
const T1: Duration = Duration::from_millis(500);
/// How long a caller waits: the fourth packet leaves after 3.5 s, the fifth would after
/// 7.5 s.
pub(crate) const PATIENCE: Duration = Duration::from_millis(5000);

/// The most INVITEs that leave in a time if nobody answers: the interval stops doubling at 4 s (T2).
pub(crate) fn most_packets(took: Duration) -> u64 {
    let (mut count, mut at, mut interval) = (1, T1, T1);
    while at <= took {
        count += 1;
        interval = (interval * 2).min(8 * T1);
        at += interval;
    }
    count
}

/// What became of a call, as its caller saw it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Placed {
    /// How often the INVITE was sent, where that is known.
    pub(crate) packets: Option<u64>,
    /// Whether it was answered with 200.
    pub(crate) answered: bool,
    /// How long its caller was there.
    pub(crate) took: Duration,
}

/// A call to place.
#[derive(Clone, Debug)]
pub(crate) struct Invite {
    /// Where it goes.
    pub(crate) destination: SocketAddr,
    /// Start line's URI.
    pub(crate) request_uri: String,
    /// All header lines between Via and Content-Length, each ended by CRLF.
    pub(crate) headers: String,
}

/// Places a call from `source`, waits for an answer for so long, and hangs up once there is one.
/// Must run on a thread of the caller's host.
pub(crate) fn place(source: SocketAddr, invite: &Invite, patience: Duration) -> Result<Placed> {
    let socket = UdpSocket::bind(source).with_context(|| format!("cannot bind {source}"))?;
    socket.connect(invite.destination)?;
    let local = socket.local_addr()?;
    let message = message("INVITE", invite, local, &invite.headers);
    let began = Instant::now();
    let end = began + patience;
    let mut placed = Placed {
        packets: Some(0),
        ..Placed::default()
    };
    let mut interval = T1;
    while !placed.answered && Instant::now() < end {
        // A refused port is not an answer: an ICMP error must not end the call.
        let _ = socket.send(message.as_bytes());
        placed.packets = placed.packets.map(|packets| packets + 1);
        let next = (Instant::now() + interval).min(end);
        placed.answered = wait_for_answer(&socket, next)?;
        interval *= 2;
    }
    if placed.answered {
        hang_up(&socket, invite, local)?;
    }
    placed.took = began.elapsed();
    Ok(placed)
}

/// The INVITE as [`place`] sends it from an address.
pub(crate) fn text(invite: &Invite, source: SocketAddr) -> String {
    message("INVITE", invite, source, &invite.headers)
}

fn wait_for_answer(socket: &UdpSocket, until: Instant) -> Result<bool> {
    let mut buffer = [0; 4096];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        socket.set_read_timeout(Some(left))?;
        match socket.recv(&mut buffer) {
            Ok(length) => {
                if buffer
                    .get(..length)
                    .is_some_and(|text| text.starts_with(b"SIP/2.0 2"))
                {
                    return Ok(true);
                }
            }
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {}
            Err(error) if is_timeout(&error) => return Ok(false),
            Err(error) => return Err(error).context("cannot receive"),
        }
    }
}

fn hang_up(socket: &UdpSocket, invite: &Invite, local: SocketAddr) -> Result<()> {
    let of = |method: &str| {
        invite
            .headers
            .replace("CSeq: 1 INVITE", &format!("CSeq: 2 {method}"))
    };
    let ack = invite.headers.replace("CSeq: 1 INVITE", "CSeq: 1 ACK");
    socket.send(message("ACK", invite, local, &ack).as_bytes())?;
    socket.send(message("BYE", invite, local, &of("BYE")).as_bytes())?;
    wait_for_answer(socket, Instant::now() + T1)?;
    Ok(())
}

fn message(method: &str, invite: &Invite, local: SocketAddr, headers: &str) -> String {
    let uri = &invite.request_uri;
    format!(
        "{method} {uri} SIP/2.0\r\n\
         Via: SIP/2.0/UDP {local};rport;branch=z9hG4bK-{method}-{}\r\n\
         Max-Forwards: 70\r\n\
         {headers}\
         Contact: <sip:lab@{local}>\r\n\
         Content-Length: 0\r\n\r\n",
        local.port()
    )
}

/// Whether a read ended because nothing came.
pub(crate) fn is_timeout(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_in_a_time() {
        for (milliseconds, most) in [
            (0, 1),
            (499, 1),
            (600, 2),
            (1600, 3),
            (5000, 4),
            (8000, 5),
            (12_000, 6),
        ] {
            assert_eq!(
                most_packets(Duration::from_millis(milliseconds)),
                most,
                "{milliseconds} ms"
            );
        }
    }
}
