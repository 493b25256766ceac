//! The source of a call, as the asking proxy reports it.

use std::net::{IpAddr, SocketAddr};

use super::headers::headers;

/// The header in which a proxy reports the source of a call: an address, with or without a port.
pub const SOURCE_HEADER: &str = "X-Blacklist-Source";

/// The source of a call. `None` if the header is missing or repeated: one of them may be forged.
pub fn source_of(text: &[u8]) -> Option<SocketAddr> {
    let (_, list) = headers(text);
    let mut values = list.iter().filter(|header| header.is(SOURCE_HEADER, ""));
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    read(std::str::from_utf8(&value.value).ok()?)
}

/// Parses an address, with or without a port; parameters after `;` are ignored.
pub(super) fn read(text: &str) -> Option<SocketAddr> {
    let text = text.split(';').next().unwrap_or_default().trim();
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    let address: IpAddr = bare.parse().ok()?;
    Some(SocketAddr::new(address.to_canonical(), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_proxies_write_them() {
        let rows = [
            ("192.0.2.1", Some("192.0.2.1:0")),
            ("192.0.2.1:5062", Some("192.0.2.1:5062")),
            (" 192.0.2.1:5062;proto=tcp ", Some("192.0.2.1:5062")),
            ("2001:db8::1", Some("[2001:db8::1]:0")),
            ("[2001:db8::1]", Some("[2001:db8::1]:0")),
            ("[2001:db8::1]:5060;proto=udp", Some("[2001:db8::1]:5060")),
            ("host.example", None),
            ("", None),
        ];
        for (text, expected) in rows {
            let seen = read(text).map(|address| address.to_string());
            assert_eq!(seen.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn one_header_is_believed_and_two_are_not() {
        let text =
            |more: &str| format!("INVITE a SIP/2.0\r\nx-blacklist-source: 192.0.2.1\r\n{more}\r\n");
        assert!(source_of(text("").as_bytes()).is_some());
        let twice = text("X-Blacklist-Source: 192.0.2.2\r\n");
        assert_eq!(source_of(twice.as_bytes()), None);
        assert_eq!(source_of(b"INVITE a SIP/2.0\r\n\r\n"), None);
    }
}
