//! SIP by hand over TCP and UDP, and HTTP: what was answered, byte by byte.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// A request; of a number, or of a whole From where it has a bracket.
pub(super) fn request(
    method: &str,
    transport: &str,
    local: SocketAddr,
    number: &str,
    call_id: &str,
    more: &str,
) -> String {
    let from = if number.contains('<') {
        number.to_owned()
    } else {
        format!("<sip:{number}@carrier.example>")
    };
    format!(
        "{method} sip:+13125550100@198.18.0.2:5060 SIP/2.0\r\nVia: SIP/2.0/{transport} {local};branch=z9hG4bK-{call_id};rport\r\n\
         Max-Forwards: 70\r\n{more}From: {from};tag=1\r\nTo: <sip:+13125550100@198.18.0.2>\r\n\
         Call-ID: {call_id}\r\nCSeq: 1 {method}\r\nContact: <sip:lab@{local}>\r\nContent-Length: 0\r\n\r\n"
    )
}

/// Code and phrase of an answer.
fn status(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.strip_prefix("SIP/2.0 ").unwrap_or(line).to_owned()
}

/// Places a call by TCP, with header lines more; the status of its final answer.
pub(super) fn by_tcp(to: SocketAddr, number: &str, call_id: &str, more: &str) -> Result<String> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE)
        .with_context(|| format!("cannot connect to {to}"))?;
    let local = stream.local_addr()?;
    stream.write_all(request("INVITE", "TCP", local, number, call_id, more).as_bytes())?;
    final_answer(&mut stream, &mut String::new())
        .map(|text| text.map_or("nothing".to_owned(), |text| status(&text)))
}

/// The next answer of a stream that is none of 1xx. `text` is what came and was not looked at.
pub(super) fn final_answer(stream: &mut TcpStream, text: &mut String) -> Result<Option<String>> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        while let Some(end) = text.find("\r\n\r\n") {
            let answer: String = text.drain(..end + 4).collect();
            if !answer.starts_with("SIP/2.0 1") {
                return Ok(Some(answer));
            }
        }
        stream.set_read_timeout(Some(Duration::from_millis(200)))?;
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => {
                let bytes = buffer.get(..length).unwrap_or_default();
                text.push_str(&String::from_utf8_lossy(bytes));
            }
            Err(error) if crate::sip::is_timeout(&error) => {}
            Err(error) => return Err(error).context("cannot receive"),
        }
    }
    Ok(None)
}

/// Sends a datagram to the redirect server; the answer.
pub(super) fn by_udp(socket: &UdpSocket, to: SocketAddr, text: &str) -> Result<Option<String>> {
    socket.send_to(text.as_bytes(), to)?;
    socket.set_read_timeout(Some(Duration::from_millis(500)))?;
    let mut buffer = [0; 8192];
    match socket.recv(&mut buffer) {
        Ok(length) => {
            let bytes = buffer.get(..length).unwrap_or_default();
            Ok(Some(String::from_utf8_lossy(bytes).into_owned()))
        }
        Err(error) if crate::sip::is_timeout(&error) => Ok(None),
        Err(error) => Err(error).context("cannot receive"),
    }
}

/// The same, of which only the status is wanted.
pub(super) fn status_by_udp(socket: &UdpSocket, to: SocketAddr, text: &str) -> Result<String> {
    let answer = by_udp(socket, to, text)?;
    Ok(answer.map_or("nothing".to_owned(), |text| status(&text)))
}

/// Asks by HTTP: code and body.
pub(super) fn http(
    to: SocketAddr,
    request: &str,
    media: &str,
    body: &str,
) -> Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&to, PATIENCE)
        .with_context(|| format!("cannot connect to {to}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let length = body.len();
    let text = format!(
        "{request} HTTP/1.1\r\nHost: {to}\r\nConnection: close\r\nContent-Type: {media}\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no whole answer")?;
    let code = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    Ok((code.context("no status")?, body.to_owned()))
}
