//! Writes an INVITE as a peer would send it, to find out what would happen to a call.

/// The parties and identities of an INVITE.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invite {
    /// URI of the caller.
    pub caller: String,
    /// URI of the called party.
    pub called: String,
    /// Whether the caller is in P-Asserted-Identity too.
    pub asserted: bool,
    /// Whether the caller is in Remote-Party-ID too.
    pub remote_party: bool,
}

impl Invite {
    /// An INVITE from one number (or URI) to another.
    pub fn between(caller: &str, called: &str) -> Self {
        Self {
            caller: uri(caller),
            called: uri(called),
            ..Self::default()
        }
    }

    /// The message, with the headers that every request must have (RFC 3261, section 8.1.1).
    pub fn text(&self) -> Vec<u8> {
        let Self {
            caller,
            called,
            asserted,
            remote_party,
        } = self;
        let mut text = format!(
            "INVITE {called} SIP/2.0\r\n\
             Via: SIP/2.0/UDP check.invalid;branch=z9hG4bK-check\r\n\
             Max-Forwards: 70\r\n\
             From: <{caller}>;tag=check\r\n\
             To: <{called}>\r\n\
             Call-ID: check@check.invalid\r\n\
             CSeq: 1 INVITE\r\n\
             Contact: <sip:check@check.invalid>\r\n"
        );
        if *asserted {
            text.push_str(&format!("P-Asserted-Identity: <{caller}>\r\n"));
        }
        if *remote_party {
            text.push_str(&format!("Remote-Party-ID: <{caller}>;party=calling\r\n"));
        }
        text.push_str("Content-Length: 0\r\n\r\n");
        text.into_bytes()
    }
}

/// A URI as it is, or a user part as a SIP URI.
pub fn uri(text: &str) -> String {
    let text = text.trim();
    let has_scheme = ["sip:", "sips:", "tel:", "urn:"].iter().any(|scheme| {
        text.get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme))
    });
    let written = if has_scheme {
        text.to_owned()
    } else if text.is_empty() {
        "sip:check.invalid".to_owned()
    } else if text.contains('@') {
        format!("sip:{text}")
    } else {
        format!("sip:{text}@check.invalid")
    };
    escaped(&written)
}

/// Escapes what would end a URI (RFC 3261, section 25.1, `unreserved` and `reserved`).
fn escaped(uri: &str) -> String {
    let mut text = String::with_capacity(uri.len());
    for byte in uri.bytes() {
        match byte {
            b' ' | b'<' | b'>' | b'"' | b'\\' | 0..=31 | 127.. => {
                text.push_str(&format!("%{byte:02X}"));
            }
            _ => text.push(char::from(byte)),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_uris() {
        let rows = [
            ("+14155551234", "sip:+14155551234@check.invalid"),
            ("tel:+1-415-555-1234", "tel:+1-415-555-1234"),
            ("SIP:alice@example.com", "SIP:alice@example.com"),
            ("alice@example.com", "sip:alice@example.com"),
            ("+1 415", "sip:+1%20415@check.invalid"),
            ("a\r\nb", "sip:a%0D%0Ab@check.invalid"),
            ("", "sip:check.invalid"),
        ];
        for (text, expected) in rows {
            assert_eq!(uri(text), expected);
        }
    }
}
