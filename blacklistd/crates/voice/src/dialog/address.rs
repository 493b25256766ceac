//! The addresses that calls are sent to.

use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use rsipstack::sip::{Host, Param, Scheme, Transport, Uri};

/// The default port of SIP (RFC 3261, section 19.1.2).
const SIP_PORT: u16 = 5060;

/// A text is not an address to which a call can be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is not an address of a call: write sip:USER@HOST, with :PORT and ;PARAMETERS if needed; only UDP is spoken"
)]
pub struct NoAddress;

/// A SIP URI, reached over UDP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    pub(super) uri: Uri,
}

impl FromStr for Target {
    type Err = NoAddress;

    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"' | b','));
        if !is_plain || text.len() > 1024 {
            return Err(NoAddress);
        }
        let uri = Uri::try_from(text).map_err(|_| NoAddress)?;
        let is_udp = uri.params.iter().all(|parameter| match parameter {
            Param::Transport(transport) => *transport == Transport::Udp,
            _ => true,
        });
        let host = match uri.host() {
            Host::Domain(name) => name.to_string(),
            Host::IpAddr(address) => address.to_string(),
        };
        if uri.scheme != Some(Scheme::Sip) || !is_udp || host.is_empty() {
            return Err(NoAddress);
        }
        Ok(Self { uri })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uri)
    }
}

impl Target {
    /// Resolves the address of its packets, by the host's resolver.
    ///
    /// # Errors
    /// The name has no address.
    pub async fn resolve(&self) -> std::io::Result<SocketAddr> {
        let port = match self.uri.host_with_port.port {
            Some(port) => port.into(),
            None => SIP_PORT,
        };
        match self.uri.host() {
            Host::IpAddr(address) => Ok(SocketAddr::new(*address, port)),
            Host::Domain(name) => {
                let mut found = tokio::net::lookup_host((name.to_string(), port)).await?;
                found.next().ok_or_else(|| {
                    std::io::Error::new(std::io::ErrorKind::NotFound, "the name has no address")
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_and_written_as_they_were() {
        for text in [
            "sip:600@192.0.2.10",
            "sip:600@192.0.2.10:5070",
            "sip:annc@media.example.com;play=http://prompts.example.com/closed.wav",
            "sip:dialog@192.0.2.10;voicexml=http://example.com/pin.vxml",
            "sip:[2001:db8::1]:5080",
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!(target.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "600@192.0.2.10",
            "sips:600@192.0.2.10",
            "tel:+4930123",
            "sip:600@192.0.2.10;transport=tcp",
            "<sip:600@192.0.2.10>",
            "sip:a b@192.0.2.10",
        ] {
            assert_eq!(text.parse::<Target>(), Err(NoAddress), "{text}");
        }
    }

    #[tokio::test]
    async fn the_port_is_that_of_sip_where_none_is_named() {
        for (text, address) in [
            ("sip:192.0.2.10", "192.0.2.10:5060"),
            ("sip:1@192.0.2.10:99", "192.0.2.10:99"),
            ("sip:[2001:db8::1]", "[2001:db8::1]:5060"),
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!(target.resolve().await.unwrap().to_string(), address);
        }
    }
}
