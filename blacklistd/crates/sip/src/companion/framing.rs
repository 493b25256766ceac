//! Messages on a stream (RFC 3261, section 18.3) and keep-alives between them (RFC 5626, section
//! 3.5.1).

use super::headers::headers;

/// The answer to a keep-alive.
pub const PONG: &[u8] = b"\r\n";

/// What the received bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framed {
    /// More bytes are needed.
    Incomplete,
    /// A keep-alive of this many bytes, which needs an answer.
    Ping(usize),
    /// This many bytes of line ends.
    Blank(usize),
    /// A message of this many bytes.
    Message(usize),
    /// The stream cannot be framed any further, so the connection has to be closed.
    Broken(&'static str),
}

/// Frames the received bytes; messages are limited to `maximum` bytes.
pub fn next(received: &[u8], maximum: usize) -> Framed {
    let ends = received
        .iter()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .count();
    if ends > 0 {
        return match received {
            [b'\r', b'\n', b'\r', b'\n', ..] => Framed::Ping(4),
            // The rest of a keep-alive may follow.
            [b'\r'] | [b'\r', b'\n'] | [b'\r', b'\n', b'\r'] => Framed::Incomplete,
            _ => Framed::Blank(ends),
        };
    }
    if received.is_empty() {
        return Framed::Incomplete;
    }
    let Some(end) = end_of_headers(received) else {
        return if received.len() >= maximum {
            Framed::Broken("a message is longer than maximum_message_bytes")
        } else {
            Framed::Incomplete
        };
    };
    let (_, list) = headers(received.get(..end).unwrap_or_default());
    let mut lengths = list
        .iter()
        .filter(|header| header.is("content-length", "l"))
        .map(|header| std::str::from_utf8(&header.value).ok()?.parse().ok());
    let body: usize = match (lengths.next(), lengths.next()) {
        (None, _) => 0,
        (Some(Some(body)), None) => body,
        _ => return Framed::Broken("a message does not say how long it is"),
    };
    let whole = end.saturating_add(body);
    if whole > maximum {
        return Framed::Broken("a message is longer than maximum_message_bytes");
    }
    if received.len() < whole {
        return Framed::Incomplete;
    }
    Framed::Message(whole)
}

/// The end of the empty line after the headers.
fn end_of_headers(text: &[u8]) -> Option<usize> {
    let after = |part: &[u8]| {
        let at = text.windows(part.len()).position(|window| window == part)?;
        Some(at + part.len())
    };
    match (after(b"\r\n\r\n"), after(b"\n\n")) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_at_the_beginning() {
        let long = format!("INVITE a SIP/2.0\r\nX: {}", "x".repeat(200));
        let rows: [(&str, &str, Framed); 14] = [
            ("nothing", "", Framed::Incomplete),
            ("a keep-alive", "\r\n\r\nINV", Framed::Ping(4)),
            ("half a keep-alive", "\r\n", Framed::Incomplete),
            ("line ends before a message", "\r\nINV", Framed::Blank(2)),
            ("bare line feeds", "\n\n\nINV", Framed::Blank(3)),
            (
                "half a message",
                "INVITE a SIP/2.0\r\nVi",
                Framed::Incomplete,
            ),
            (
                "no body",
                "A b SIP/2.0\r\nl: 0\r\n\r\nX",
                Framed::Message(21),
            ),
            (
                "no length",
                "A b SIP/2.0\r\nVia: x\r\n\r\n",
                Framed::Message(23),
            ),
            (
                "a body",
                "A b SIP/2.0\r\nl: 3\r\n\r\nabcX",
                Framed::Message(24),
            ),
            (
                "half a body",
                "A b SIP/2.0\r\nl: 3\r\n\r\nab",
                Framed::Incomplete,
            ),
            (
                "a negative length",
                "A b SIP/2.0\r\nl: -3\r\n\r\n",
                Framed::Broken("a message does not say how long it is"),
            ),
            (
                "two lengths",
                "A b SIP/2.0\r\nl: 3\r\nContent-Length: 0\r\n\r\n",
                Framed::Broken("a message does not say how long it is"),
            ),
            (
                "a huge length",
                "A b SIP/2.0\r\nl: 99999999999\r\n\r\n",
                Framed::Broken("a message is longer than maximum_message_bytes"),
            ),
            (
                "headers without an end",
                &long,
                Framed::Broken("a message is longer than maximum_message_bytes"),
            ),
        ];
        for (name, text, expected) in rows {
            assert_eq!(next(text.as_bytes(), 100), expected, "{name}");
        }
    }
}
