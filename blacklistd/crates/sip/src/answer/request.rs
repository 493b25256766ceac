//! The parts of a request that an answer needs: its start line and the headers to copy. The caller
//! is not read here, but where the call is judged.

use super::quoted::find_unquoted;
use super::via::Via;
use blacklist_common::message::without_leading;

/// Why a message cannot be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is a response.
    #[error("it is a response")]
    Response,
    /// It has no SIP start line, or its headers have no end.
    #[error("it is not a whole SIP request")]
    NotSip,
    /// A header that every request must have (RFC 3261, section 8.1.1) is missing or repeated.
    #[error("its header {0} is missing or repeated")]
    Header(&'static str),
}

/// Maximum number of header lines.
const MAXIMUM_LINES: usize = 512;

/// A request; headers are unfolded and trimmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Its method, as written.
    pub method: Vec<u8>,
    /// Its Request-URI, as written.
    pub uri: Vec<u8>,
    /// Values of all Via headers, in order; each may contain several.
    pub via: Vec<Vec<u8>>,
    /// From.
    pub from: Vec<u8>,
    /// To.
    pub to: Vec<u8>,
    /// Call-ID.
    pub call_id: Vec<u8>,
    /// CSeq.
    pub sequence: Vec<u8>,
    /// Whether the caller's side understands 608 (RFC 8688, section 3.4).
    pub understands_608: bool,
    /// Values of its Require headers, separated by commas (RFC 3261, section 20.32); may be empty.
    pub requires: Vec<u8>,
}

/// How repeated headers are treated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeated {
    Refused,
    First,
}

/// The long and the compact name of a header.
const NAMES: [(&str, &str); 7] = [
    ("via", "v"),
    ("from", "f"),
    ("to", "t"),
    ("call-id", "i"),
    ("cseq", ""),
    ("feature-caps", ""),
    ("require", ""),
];

impl Request {
    /// Parses a request.
    ///
    /// # Errors
    /// It is not a request, or lacks what an answer needs.
    pub fn read(text: &[u8]) -> Result<Self, Unreadable> {
        Self::read_as(text, Repeated::Refused)
    }

    /// Parses a request that has been judged already: of repeated headers, the first counts.
    ///
    /// # Errors
    /// It is not a request, or lacks what an answer needs.
    pub fn read_first(text: &[u8]) -> Result<Self, Unreadable> {
        Self::read_as(text, Repeated::First)
    }

    fn read_as(text: &[u8], repeated: Repeated) -> Result<Self, Unreadable> {
        let mut lines = without_leading(text)
            .split(|byte| *byte == b'\n')
            .map(without_return);
        let start = lines.next().unwrap_or_default();
        if start.starts_with(b"SIP/") {
            return Err(Unreadable::Response);
        }
        let mut parts = start.split(|byte| *byte == b' ');
        let method = parts.next().unwrap_or_default();
        let is_sip = parts
            .next_back()
            .is_some_and(|version| version.to_ascii_uppercase().starts_with(b"SIP/"));
        let uri = parts.find(|part| !part.is_empty());
        let Some(uri) = uri.filter(|_| !method.is_empty() && is_sip) else {
            return Err(Unreadable::NotSip);
        };
        let headers = headers(lines)?;
        let one = |name: &'static str| match headers
            .iter()
            .filter(|(known, _)| *known == name)
            .collect::<Vec<_>>()
            .as_slice()
        {
            [(_, value)] if !value.is_empty() => Ok(value.clone()),
            [(_, value), ..] if !value.is_empty() && repeated == Repeated::First => {
                Ok(value.clone())
            }
            _ => Err(Unreadable::Header(name)),
        };
        let via: Vec<Vec<u8>> = headers
            .iter()
            .filter(|(name, value)| *name == "via" && !value.is_empty())
            .map(|(_, value)| value.clone())
            .collect();
        if via.is_empty() {
            return Err(Unreadable::Header("via"));
        }
        Ok(Self {
            // Servers relay an INVITE in any case.
            method: if method.eq_ignore_ascii_case(b"INVITE") {
                b"INVITE".to_vec()
            } else {
                method.to_vec()
            },
            uri: uri.to_vec(),
            via,
            from: one("from")?,
            to: one("to")?,
            call_id: one("call-id")?,
            sequence: one("cseq")?,
            understands_608: headers
                .iter()
                .any(|(name, value)| *name == "feature-caps" && contains(value, b"sip.608")),
            requires: headers
                .iter()
                .filter(|(name, value)| *name == "require" && !value.is_empty())
                .map(|(_, value)| value.as_slice())
                .collect::<Vec<_>>()
                .join(&b", "[..]),
        })
    }

    /// Whether it belongs to a dialog: it contains a To tag (RFC 3261, section 12.2.2).
    pub fn is_in_dialog(&self) -> bool {
        Self::tag(&self.to).is_some()
    }

    /// The branch of its topmost Via.
    pub fn branch(&self) -> Vec<u8> {
        let via = self.via.first().and_then(|via| Via::read(via));
        via.map(|via| via.branch).unwrap_or_default()
    }

    /// The tag in the value of a From or To header; of the header, not of its URI.
    pub fn tag(value: &[u8]) -> Option<&[u8]> {
        let uri = find_unquoted(value, b'>').unwrap_or_default();
        let behind = value.get(uri..).unwrap_or_default();
        behind.split(|byte| *byte == b';').skip(1).find_map(|part| {
            let part = part.trim_ascii();
            let (name, tag) = part.split_at_checked(4)?;
            (name.eq_ignore_ascii_case(b"tag=")).then(|| tag.trim_ascii())
        })
    }
}

/// The Call-ID of a request or a response; `None` if it has none or several.
pub fn call_id_of(text: &[u8]) -> Option<Vec<u8>> {
    let lines = text.split(|byte| *byte == b'\n').map(without_return);
    let headers = headers(lines.skip(1)).ok()?;
    let mut found = headers.into_iter().filter(|(name, _)| *name == "call-id");
    let (_, call_id) = found.next()?;
    found.next().is_none().then_some(call_id)
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part))
}

type Header = (&'static str, Vec<u8>);

/// The headers that are needed, up to the empty line.
fn headers<'t>(lines: impl Iterator<Item = &'t [u8]>) -> Result<Vec<Header>, Unreadable> {
    let mut headers: Vec<Header> = Vec::new();
    // Whether the previous line is a header that is needed.
    let mut open = false;
    for line in lines.take(MAXIMUM_LINES) {
        let [first, ..] = line else {
            return Ok(headers);
        };
        if matches!(first, b' ' | b'\t') {
            if open && let Some((_, value)) = headers.last_mut() {
                value.push(b' ');
                value.extend_from_slice(line.trim_ascii());
            }
            continue;
        }
        let mut parts = line.splitn(2, |byte| *byte == b':');
        let name = parts.next().unwrap_or_default().trim_ascii_end();
        let known = NAMES.iter().find(|(long, compact)| {
            name.eq_ignore_ascii_case(long.as_bytes())
                || (!compact.is_empty() && name.eq_ignore_ascii_case(compact.as_bytes()))
        });
        open = false;
        if let (Some((name, _)), Some(value)) = (known, parts.next()) {
            headers.push((name, value.trim_ascii().to_vec()));
            open = true;
        }
    }
    Err(Unreadable::NotSip)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "INVITE sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\
        v: SIP/2.0/UDP i;branch=z9hG4bK2, SIP/2.0/UDP j\r\nFrom: \"x;tag=no>\" <sip:c@d;tag=no>\r\n\t;tag=yes\r\n\
        t: <sip:a@b>\r\ni : 1@x\r\nCSeq: 1 INVITE\r\nFeature-Caps: *;+SIP.608\r\n\r\nTo: body";

    #[test]
    fn a_request_is_read() {
        let request = Request::read(WHOLE.as_bytes()).unwrap();
        assert_eq!(request.method, b"INVITE");
        assert_eq!(request.uri, b"sip:a@b");
        assert_eq!(request.via.len(), 2);
        assert_eq!(request.call_id, b"1@x");
        assert_eq!(Request::tag(&request.from), Some(&b"yes"[..]));
        assert_eq!(Request::tag(&request.to), None);
        assert!(request.understands_608);
        assert_eq!(request.requires, b"");
    }

    #[test]
    fn what_is_required_is_read() {
        let more = "i : 1@x\r\nRequire: 100rel,\r\n timer\r\nrequire :\r\nREQUIRE: x\r\n";
        let text = WHOLE.replace("i : 1@x\r\n", more);
        let request = Request::read(text.as_bytes()).unwrap();
        assert_eq!(request.requires, b"100rel, timer, x");
    }

    #[test]
    fn what_cannot_be_answered_says_why() {
        let without = |line: &str| WHOLE.replace(line, "");
        let rows = [
            ("nothing", String::new(), Unreadable::NotSip),
            (
                "a response",
                WHOLE.replace("INVITE sip:a@b SIP/2.0", "SIP/2.0 200 OK"),
                Unreadable::Response,
            ),
            (
                "no version",
                WHOLE.replace(" SIP/2.0\r\nVia: SIP", "\r\nVia: SIP"),
                Unreadable::NotSip,
            ),
            (
                "no end",
                "INVITE sip:a@b SIP/2.0\r\nVia: x".to_owned(),
                Unreadable::NotSip,
            ),
            (
                "no CSeq",
                without("CSeq: 1 INVITE\r\n"),
                Unreadable::Header("cseq"),
            ),
            (
                "two To",
                WHOLE.replace("i : 1@x", "i: 1@x\r\nTo: <sip:e@f>"),
                Unreadable::Header("to"),
            ),
            (
                "an empty Call-ID",
                WHOLE.replace("1@x", " "),
                Unreadable::Header("call-id"),
            ),
        ];
        for (name, text, expected) in rows {
            assert_eq!(Request::read(text.as_bytes()), Err(expected), "{name}");
        }
    }

    #[test]
    fn of_repeated_headers_the_first_is_read_where_that_is_asked() {
        let text = WHOLE.replace("i : 1@x", "i: 1@x\r\nTo: <sip:e@f>");
        let request = Request::read_first(text.as_bytes()).unwrap();
        assert_eq!(request.to, b"<sip:a@b>");
        let text = WHOLE.replace("CSeq: 1 INVITE\r\n", "");
        assert!(Request::read_first(text.as_bytes()).is_err());
    }

    #[test]
    fn leading_line_ends_and_bare_line_feeds_are_read() {
        let text = format!("\r\n\r\n{}", WHOLE.replace("\r\n", "\n"));
        assert!(Request::read(text.as_bytes()).is_ok());
    }
}
