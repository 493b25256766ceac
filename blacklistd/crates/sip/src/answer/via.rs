//! The topmost Via: where an answer is sent, and what is added to it (RFC 3261, sections 18.2.1 and
//! 18.2.2; RFC 3581, section 4).

use std::net::{IpAddr, SocketAddr};

use super::quoted::find_unquoted;

/// The default port (RFC 3261, section 19.1.2).
const SIP: u16 = 5060;

/// The topmost Via of a request, and the rest of the same header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Via {
    /// As written, without `rport` and `received`.
    kept: Vec<u8>,
    /// What follows the first comma.
    rest: Vec<u8>,
    host: Vec<u8>,
    port: Option<u16>,
    /// Whether the client asks for `rport`.
    rport: bool,
    maddr: Option<IpAddr>,
    /// The client's transaction identifier.
    pub(super) branch: Vec<u8>,
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// Parses a host that is an address; IPv6 in brackets, or bare as in `received` (RFC 5118, section
/// 4.5).
fn address(host: &[u8]) -> Option<IpAddr> {
    let host = host
        .strip_prefix(b"[")
        .and_then(|host| host.strip_suffix(b"]"))
        .unwrap_or(host);
    text(host)?.parse().ok()
}

/// `host:port`, with blanks allowed around the colon (RFC 3261, section 25.1).
fn host_and_port(sent_by: &[u8]) -> (&[u8], Option<u16>) {
    let ends = sent_by
        .iter()
        .position(|byte| *byte == b']')
        .unwrap_or_default();
    let colon = sent_by
        .iter()
        .skip(ends)
        .position(|byte| *byte == b':')
        .map(|at| at + ends);
    match colon {
        Some(at) => {
            let (host, port) = sent_by.split_at_checked(at).unwrap_or((sent_by, &[]));
            let port = port.get(1..).unwrap_or_default().trim_ascii();
            (
                host.trim_ascii(),
                text(port).and_then(|port| port.parse().ok()),
            )
        }
        None => (sent_by.trim_ascii(), None),
    }
}

impl Via {
    /// Parses the value of the first Via header; `None` if its first value is invalid.
    pub(super) fn read(value: &[u8]) -> Option<Self> {
        let (first, rest) =
            value.split_at_checked(find_unquoted(value, b',').unwrap_or(value.len()))?;
        let mut parts = first.split(|byte| *byte == b';');
        let head = parts.next()?.trim_ascii();
        // Protocol, blank, sent-by; blanks around the slashes are allowed.
        let slash = head.iter().rposition(|byte| *byte == b'/')?;
        let transport = head.get(slash + 1..)?.trim_ascii_start();
        let blank = transport
            .iter()
            .position(|byte| matches!(byte, b' ' | b'\t'))?;
        let (host, port) = host_and_port(transport.get(blank..)?.trim_ascii());
        if host.is_empty() {
            return None;
        }
        let mut via = Self {
            kept: head.to_vec(),
            rest: rest.to_vec(),
            host: host.to_vec(),
            port,
            rport: false,
            maddr: None,
            branch: Vec::new(),
        };
        for part in parts {
            let mut pair = part.splitn(2, |byte| *byte == b'=');
            let name = pair
                .next()
                .unwrap_or_default()
                .trim_ascii()
                .to_ascii_lowercase();
            let value = pair.next().map(<[u8]>::trim_ascii);
            match name.as_slice() {
                b"rport" => {
                    via.rport = true;
                    continue;
                }
                // Only this side may set it.
                b"received" => continue,
                b"maddr" => via.maddr = value.and_then(address),
                b"branch" => via.branch = value.unwrap_or_default().to_vec(),
                _ => {}
            }
            via.kept.push(b';');
            via.kept.extend_from_slice(part.trim_ascii());
        }
        Some(via)
    }

    /// The header's value in the answer to a request from `source`.
    pub(super) fn answered(&self, source: SocketAddr) -> Vec<u8> {
        let mut value = self.kept.clone();
        if self.rport || address(&self.host) != Some(plain(source.ip())) {
            value.extend_from_slice(format!(";received={}", plain(source.ip())).as_bytes());
        }
        if self.rport {
            value.extend_from_slice(format!(";rport={}", source.port()).as_bytes());
        }
        value.extend_from_slice(&self.rest);
        value
    }

    /// The destination of the answer to a request from `source`. `believed` says whether the
    /// request may name an address other than its source; strangers may not, because answers could
    /// be directed at anybody.
    pub(super) fn destination(&self, source: SocketAddr, believed: bool) -> SocketAddr {
        if !believed {
            return source;
        }
        if let Some(maddr) = self.maddr {
            return SocketAddr::new(maddr, self.port.unwrap_or(SIP));
        }
        if self.rport {
            return source;
        }
        let mut destination = source;
        destination.set_port(self.port.unwrap_or(SIP));
        destination
    }
}

/// Converts an IPv4-mapped IPv6 address to IPv4.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(IpAddr::V6(six), IpAddr::V4),
        four @ IpAddr::V4(_) => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_go_where_they_are_expected() {
        let rows = [
            (
                "no rport: the port of sent-by",
                "SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1",
                "SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1",
                "192.0.2.1:5080",
            ),
            (
                "no port: the usual one, and received",
                "SIP/2.0/UDP host.example;branch=z9hG4bK1",
                "SIP/2.0/UDP host.example;branch=z9hG4bK1;received=192.0.2.1",
                "192.0.2.1:5060",
            ),
            (
                "rport is filled",
                "SIP/2.0/UDP 192.0.2.1:5080;rport;branch=z9hG4bK1",
                "SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1;received=192.0.2.1;rport=4444",
                "192.0.2.1:4444",
            ),
            (
                "what the client says of itself is not believed",
                "SIP/2.0/UDP 10.0.0.1;received=10.9.9.9;rport=1;branch=a",
                "SIP/2.0/UDP 10.0.0.1;branch=a;received=192.0.2.1;rport=4444",
                "192.0.2.1:4444",
            ),
            (
                "maddr wins",
                "SIP/2.0/UDP 192.0.2.1:5080;maddr=192.0.2.9;rport",
                "SIP/2.0/UDP 192.0.2.1:5080;maddr=192.0.2.9;received=192.0.2.1;rport=4444",
                "192.0.2.9:5080",
            ),
            (
                "several values, blanks, IPv6",
                "SIP / 2.0 / UDP [2001:db8::9] : 5062 ;branch=b , SIP/2.0/TCP x;y=\",\"",
                "SIP / 2.0 / UDP [2001:db8::9] : 5062;branch=b;received=192.0.2.1, SIP/2.0/TCP x;y=\",\"",
                "192.0.2.1:5062",
            ),
        ];
        let source: SocketAddr = "192.0.2.1:4444".parse().unwrap();
        for (name, value, answered, destination) in rows {
            let via = Via::read(value.as_bytes()).unwrap();
            let seen = String::from_utf8(via.answered(source)).unwrap();
            assert_eq!(seen, answered, "{name}");
            let seen = via.destination(source, true).to_string();
            assert_eq!(seen, destination, "{name}");
            assert_eq!(via.destination(source, false), source, "{name}: a stranger");
        }
    }

    #[test]
    fn what_is_no_via() {
        for value in ["", "SIP/2.0/UDP", "SIP/2.0/UDP ;branch=1", "UDP host"] {
            assert_eq!(Via::read(value.as_bytes()), None, "{value}");
        }
    }
}
