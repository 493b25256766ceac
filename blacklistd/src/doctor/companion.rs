//! Whether those who ask get an answer.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

use crate::config::Configuration;
use blacklist_wire::Finding;

const SUBJECT: &str = "companion";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(1);

pub(super) fn examine(configuration: &Configuration) -> Vec<Finding> {
    let settings = &configuration.companion;
    let mut findings = Vec::new();
    if let Some(address) = settings.listen {
        let reachable = reachable(address);
        let told = sip(reachable);
        findings.push(judge(
            told.as_deref(),
            "SIP/2.0 200",
            &format!("the redirect server on {address}"),
            &format!(
                "listen in [companion], and whether allow has {}",
                reachable.ip()
            ),
        ));
        if settings.trunk.is_none() && configuration.trunks.len() > 1 {
            findings.push(Finding::note(
                SUBJECT,
                "calls without X-Blacklist-Source are of no trunk",
                "let the proxy add that header, or name a trunk in [companion]",
            ));
        }
    }
    if let Some(address) = settings.http {
        let told = http(reachable(address));
        findings.push(judge(
            told.as_deref(),
            "HTTP/1.1 200",
            &format!("the screen API on {address}"),
            "http in [companion]",
        ));
    }
    findings
}

fn judge(told: Option<&str>, expected: &str, what: &str, look_at: &str) -> Finding {
    match told {
        Some(told) if told.starts_with(expected) => {
            Finding::well(SUBJECT, format!("{what} answers"))
        }
        Some(told) => Finding::wrong(
            SUBJECT,
            format!(
                "{what} answers {}",
                told.lines().next().unwrap_or_default().escape_default()
            ),
            "another program has this port: give blacklistd or that one another",
        ),
        None => Finding::wrong(
            SUBJECT,
            format!("{what} does not answer: proxies let all calls go on"),
            format!("restart blacklistd after a change of [companion]; look at {look_at}"),
        ),
    }
}

/// An address at which a server that listens on all of them can be reached from here.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(four) if four.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(six) if six.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    SocketAddr::new(ip, address.port())
}

/// What the redirect server says to OPTIONS.
fn sip(address: SocketAddr) -> Option<String> {
    let any = SocketAddr::new(address.ip(), 0);
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(address).ok()?;
    let local = socket.local_addr().ok()?;
    let text = format!(
        "OPTIONS sip:{address} SIP/2.0\r\nVia: SIP/2.0/UDP {local};branch=z9hG4bK-doctor;rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:doctor@{local}>;tag=1\r\nTo: <sip:{address}>\r\n\
         Call-ID: doctor-{}@{local}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n",
        std::process::id()
    );
    socket.send(text.as_bytes()).ok()?;
    socket.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut buffer = [0; 4096];
    let length = socket.recv(&mut buffer).ok()?;
    Some(String::from_utf8_lossy(buffer.get(..length)?).into_owned())
}

/// What the screen API says when it is asked for its description.
fn http(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let text =
        format!("GET /v1/openapi.json HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).ok()?;
    let mut buffer = [0; 256];
    let length = stream.read(&mut buffer).ok()?;
    Some(String::from_utf8_lossy(buffer.get(..length)?).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use blacklist_wire::Level;

    #[test]
    fn answers_of_a_redirect_server() {
        let server = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = server.local_addr().unwrap();
        let thread = std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            let (length, peer) = server.recv_from(&mut buffer).unwrap();
            assert!(buffer[..length].starts_with(b"OPTIONS sip:127.0.0.1"));
            server.send_to(b"SIP/2.0 200 OK\r\n\r\n", peer).unwrap();
        });
        let told = sip(address);
        thread.join().unwrap();
        assert_eq!(told.as_deref(), Some("SIP/2.0 200 OK\r\n\r\n"));
        let rows = [
            (told.as_deref(), Level::Well),
            (Some("SIP/2.0 404 Not here"), Level::Wrong),
            (None, Level::Wrong),
        ];
        for (told, level) in rows {
            let finding = judge(told, "SIP/2.0 200", "x", "y");
            assert_eq!(finding.level, level, "{told:?}");
        }
    }

    #[test]
    fn nobody_listens() {
        // Bound and closed again: nobody has it.
        let address = UdpSocket::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        assert_eq!(sip(address), None);
        assert_eq!(http(address), None);
    }
}
