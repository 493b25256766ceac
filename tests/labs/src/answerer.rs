//! A SIP answerer: the phone system behind the blocker. A process of its own that answers every
//! request with 200 and writes a line for each, so that the lab knows what reached a socket. Who makes
//! a call of its own out of another says in `X-Lab-Call` which one that was.

use std::fs::File;
use std::io::Write;
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Lab;
use super::cleanup::Process;

const LOG: &str = "answerer.log";
const READY: &str = "ready";

/// What an offer is answered with: media that nobody listens to.
const DESCRIPTION: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
    m=audio 9 RTP/AVP 0\r\n";

/// Starts one on the SBC for some addresses and waits until it listens.
pub(crate) fn start(lab: &Lab, addresses: &[SocketAddr]) -> Result<Process> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .arg("answer-calls")
        .args(addresses.iter().map(ToString::to_string));
    lab.network.sbc.host(&mut command)?;
    let process = lab.spawn(&mut command, LOG)?;
    let deadline = Instant::now() + Duration::from_secs(5);
    while lines(lab)?.iter().filter(|line| *line == READY).count() < addresses.len() {
        if Instant::now() > deadline {
            bail!("the answerer does not start: {}", lines(lab)?.join("; "));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(process)
}

/// The Call-ID of every INVITE that reached it, with repetitions.
pub(crate) fn received(lab: &Lab) -> Result<Vec<String>> {
    let lines = lines(lab)?;
    Ok(lines
        .iter()
        .filter_map(|line| line.strip_prefix("INVITE ").map(str::to_owned))
        .collect())
}

/// Method and Call-ID of every request that reached it.
pub(crate) fn messages(lab: &Lab) -> Result<Vec<(String, String)>> {
    let lines = lines(lab)?;
    let of = |line: &String| {
        let (method, id) = line.split_once(' ')?;
        Some((method.to_owned(), id.to_owned()))
    };
    Ok(lines.iter().filter_map(of).collect())
}

fn lines(lab: &Lab) -> Result<Vec<String>> {
    let text = std::fs::read(lab.folder.join(LOG)).context("cannot read the answerer's log")?;
    Ok(String::from_utf8_lossy(&text)
        .lines()
        .map(str::to_owned)
        .collect())
}

/// The process: answers on all addresses until it is ended.
pub(crate) fn run(addresses: &[SocketAddr]) -> Result<()> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = addresses
            .iter()
            .map(|address| scope.spawn(move || answer(*address)))
            .collect();
        for thread in threads {
            match thread.join() {
                Ok(result) => result?,
                Err(_) => bail!("a thread of the answerer panicked"),
            }
        }
        Ok(())
    })
}

fn answer(address: SocketAddr) -> Result<()> {
    let socket = UdpSocket::bind(address).with_context(|| format!("cannot bind {address}"))?;
    // One write per line, so that the lines of two threads do not mix.
    let mut log = File::from(std::os::fd::AsFd::as_fd(&std::io::stdout()).try_clone_to_owned()?);
    log.write_all(format!("{READY}\n").as_bytes())?;
    let mut buffer = vec![0; 65_536];
    loop {
        let (length, peer) = socket.recv_from(&mut buffer)?;
        let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned();
        let request = Request::read(&text);
        log.write_all(format!("{} {}\n", request.method, request.call_id).as_bytes())?;
        if let Some(response) = request.ok(address) {
            socket.send_to(response.as_bytes(), peer)?;
        }
    }
}

/// What an answer needs of a request.
struct Request<'a> {
    method: &'a str,
    call_id: String,
    /// Whether there is a session description, which wants another one.
    offers: bool,
    /// Via, Record-Route, From, To, Call-ID and CSeq as they came, folded lines included.
    copied: Vec<(String, String)>,
}

impl<'a> Request<'a> {
    fn read(text: &'a str) -> Self {
        let method = text.split(' ').next().unwrap_or_default();
        let mut headers: Vec<String> = Vec::new();
        for line in text.lines().skip(1).take_while(|line| !line.is_empty()) {
            match headers.last_mut() {
                Some(header) if line.starts_with([' ', '\t']) => {
                    header.push_str("\r\n");
                    header.push_str(line);
                }
                _ => headers.push(line.to_owned()),
            }
        }
        let mut request = Self {
            method,
            call_id: String::new(),
            offers: text.contains("\r\nm=audio "),
            copied: Vec::new(),
        };
        for header in headers {
            let Some((name, value)) = header.split_once(':') else {
                continue;
            };
            let name = full_name(name);
            if name == "x-lab-call" || name == "call-id" && request.call_id.is_empty() {
                value.trim().clone_into(&mut request.call_id);
            }
            if ["via", "record-route", "from", "to", "call-id", "cseq"].contains(&name.as_str()) {
                request.copied.push((name, header));
            }
        }
        request
    }

    /// The answer of an address; none for what is not answered (ACK, a response).
    fn ok(&self, address: SocketAddr) -> Option<String> {
        if self.method == "ACK" || self.method.starts_with("SIP/") || self.copied.is_empty() {
            return None;
        }
        let mut text = "SIP/2.0 200 OK\r\n".to_owned();
        for (name, header) in &self.copied {
            text.push_str(header);
            if name == "to" && !header.contains(";tag=") {
                text.push_str(";tag=answerer");
            }
            text.push_str("\r\n");
        }
        let (kind, description) = if self.offers {
            ("Content-Type: application/sdp\r\n", DESCRIPTION)
        } else {
            ("", "")
        };
        text.push_str(&format!(
            "Contact: <sip:answerer@{address}>\r\n{kind}Content-Length: {}\r\n\r\n{description}",
            description.len()
        ));
        Some(text)
    }
}

fn full_name(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    match name.as_str() {
        "v" => "via".to_owned(),
        "f" => "from".to_owned(),
        "t" => "to".to_owned(),
        "i" => "call-id".to_owned(),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_and_folded_headers_are_answered_as_they_came() {
        let request = Request::read(
            "INVITE sip:1@h SIP/2.0\r\nf:\r\n <sip:2@h>\r\nt: <sip:1@h>\r\ni: 7@x\r\n\r\nbody",
        );
        assert_eq!(request.call_id, "7@x");
        let answer = request.ok(([192, 0, 2, 1], 5070).into()).unwrap();
        assert!(answer.contains("\r\nf:\r\n <sip:2@h>\r\nt: <sip:1@h>;tag=answerer\r\ni: 7@x\r\n"));
    }

    #[test]
    fn an_ack_is_not_answered() {
        assert!(
            Request::read("ACK sip:1@h SIP/2.0\r\nTo: <sip:1@h>\r\n\r\n")
                .ok(([192, 0, 2, 1], 5070).into())
                .is_none()
        );
    }
}
