//! One answer for a request, the same each time (RFC 3261, sections 8.2.6 and 8.2.7).

use std::net::SocketAddr;

use blacklist_common::rule::ReasonClass;
use blacklist_model::RejectStatus;

use super::request::{Request, Unreadable};
use super::status::StatusSettings;
use super::via::Via;

/// A datagram to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// Its destination.
    pub to: SocketAddr,
    /// The SIP status in it.
    pub status: u16,
    /// The message.
    pub text: Vec<u8>,
}

/// Computes answers.
#[derive(Clone, Debug)]
pub struct Responder {
    /// The key of To tags: nobody else can compute them, and they survive a restart.
    key: [u8; 32],
    /// Which status is used for what.
    pub settings: StatusSettings,
}

impl Responder {
    /// Derives the key of To tags from a secret.
    pub fn new(secret: &[u8], settings: StatusSettings) -> Self {
        Self {
            key: blake3::derive_key("blacklist 2026 To tags of refused calls", secret),
            settings,
        }
    }

    /// Rejects a call.
    ///
    /// # Errors
    /// The request lacks what an answer needs.
    pub fn reject(
        &self,
        request: &Request,
        source: SocketAddr,
        believed: bool,
        asked: RejectStatus,
        reason: ReasonClass,
    ) -> Result<Reply, Unreadable> {
        let status = self.settings.status(asked, reason, request.understands_608);
        self.answer(
            request,
            source,
            believed,
            (status.code, status.phrase),
            &status.headers,
        )
    }

    /// Answers that there is no such dialog or transaction (481).
    ///
    /// # Errors
    /// The request lacks what an answer needs.
    pub fn unknown(
        &self,
        request: &Request,
        source: SocketAddr,
        believed: bool,
    ) -> Result<Reply, Unreadable> {
        let line = (481, "Call/Transaction Does Not Exist");
        self.answer(request, source, believed, line, &[])
    }

    /// Answers that the call cannot continue at the moment, and when to retry (503; RFC 3261,
    /// section 21.5.4).
    ///
    /// # Errors
    /// The request lacks what an answer needs.
    pub fn busy(
        &self,
        request: &Request,
        source: SocketAddr,
        believed: bool,
        seconds: u32,
    ) -> Result<Reply, Unreadable> {
        let line = (503, "Service Unavailable");
        let headers = [("Retry-After", seconds.to_string())];
        self.answer(request, source, believed, line, &headers)
    }

    /// Answers that no required extension is supported (420; RFC 3261, section 8.2.2.3).
    ///
    /// # Errors
    /// The request lacks what an answer needs.
    pub fn not_supported(
        &self,
        request: &Request,
        source: SocketAddr,
        believed: bool,
    ) -> Result<Reply, Unreadable> {
        let required = String::from_utf8_lossy(&request.requires).into_owned();
        let headers = [("Unsupported", required)];
        let line = (420, "Bad Extension");
        self.answer(request, source, believed, line, &headers)
    }

    /// Redirects the caller (302; RFC 3261, section 21.3.3).
    ///
    /// # Errors
    /// The request lacks what an answer needs.
    pub fn moved(
        &self,
        request: &Request,
        source: SocketAddr,
        believed: bool,
        contacts: &[String],
        headers: &[(String, String)],
    ) -> Result<Reply, Unreadable> {
        let count = contacts.len();
        let contacts = contacts.iter().zip(0..count).map(|(contact, place)| {
            // The first is preferred (RFC 3261, section 20.10).
            let weight = 500_usize.checked_div(place).unwrap_or(1000);
            let value = format!("<{contact}>;q={}.{:03}", weight / 1000, weight % 1000);
            ("Contact", value)
        });
        let headers: Vec<(&str, String)> = contacts
            .chain(
                headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.clone())),
            )
            .collect();
        let line = (302, "Moved Temporarily");
        self.answer(request, source, believed, line, &headers)
    }

    /// Answers with a status line and its headers.
    ///
    /// # Errors
    /// The request lacks what an answer needs.
    pub fn answer(
        &self,
        request: &Request,
        source: SocketAddr,
        believed: bool,
        (code, phrase): (u16, &str),
        headers: &[(&str, String)],
    ) -> Result<Reply, Unreadable> {
        let (first, others) = request.via.split_first().ok_or(Unreadable::Header("via"))?;
        let via = Via::read(first).ok_or(Unreadable::Header("via"))?;
        let mut text = format!("SIP/2.0 {code} {phrase}\r\n").into_bytes();
        let mut add = |name: &str, value: &[u8]| {
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(b": ");
            text.extend_from_slice(value);
            text.extend_from_slice(b"\r\n");
        };
        add("Via", &via.answered(source));
        for via in others {
            add("Via", via);
        }
        add("From", &request.from);
        add("To", &self.to(request, &via));
        add("Call-ID", &request.call_id);
        add("CSeq", &request.sequence);
        for (name, value) in headers {
            add(name, value.as_bytes());
        }
        add("Content-Length", b"0");
        text.extend_from_slice(b"\r\n");
        Ok(Reply {
            to: via.destination(source, believed),
            status: code,
            text,
        })
    }

    /// The To header with a tag; the same for each retransmission of a request.
    fn to(&self, request: &Request, via: &Via) -> Vec<u8> {
        let mut to = request.to.clone();
        if Request::tag(&to).is_some() {
            return to;
        }
        let mut hash = blake3::Hasher::new_keyed(&self.key);
        let from = Request::tag(&request.from).unwrap_or_default();
        // Only the number: an ACK has the same, with another method.
        let sequence = request.sequence.split(u8::is_ascii_whitespace).next();
        for part in [
            via.branch.as_slice(),
            &request.call_id,
            from,
            sequence.unwrap_or_default(),
        ] {
            hash.update(&(part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let tag = hash.finalize().to_hex();
        to.extend_from_slice(b";tag=");
        to.extend_from_slice(tag.as_bytes().get(..16).unwrap_or_default());
        to
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:100@192.0.2.7 SIP/2.0\r\n\
        Via: SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1;rport\r\n\
        Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK0\r\n\
        From: <sip:+14155551234@x>;tag=a\r\nTo: <sip:100@192.0.2.7>\r\nCall-ID: 1@x\r\n\
        CSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n";

    fn source() -> SocketAddr {
        "192.0.2.1:4444".parse().unwrap()
    }

    fn reject(text: &str, asked: RejectStatus) -> Reply {
        let request = Request::read(text.as_bytes()).unwrap();
        Responder::new(b"secret", StatusSettings::default())
            .reject(&request, source(), true, asked, ReasonClass::OwnList)
            .unwrap()
    }

    #[test]
    fn an_answer_has_all_that_it_must_have() {
        let reply = reject(INVITE, RejectStatus::ByReason);
        assert_eq!(reply.to, source());
        let text = String::from_utf8(reply.text).unwrap();
        let tag = text
            .split("To: <sip:100@192.0.2.7>;tag=")
            .nth(1)
            .and_then(|rest| rest.get(..16))
            .unwrap();
        let expected = format!(
            "SIP/2.0 603 Decline\r\n\
             Via: SIP/2.0/UDP 192.0.2.1:5080;branch=z9hG4bK1;received=192.0.2.1;rport=4444\r\n\
             Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK0\r\n\
             From: <sip:+14155551234@x>;tag=a\r\nTo: <sip:100@192.0.2.7>;tag={tag}\r\n\
             Call-ID: 1@x\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n"
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn a_call_that_could_have_gone_on_is_told_when_to_try_again() {
        let request = Request::read(INVITE.as_bytes()).unwrap();
        let responder = Responder::new(b"secret", StatusSettings::default());
        let reply = responder.busy(&request, source(), true, 30).unwrap();
        let text = String::from_utf8(reply.text).unwrap();
        assert!(
            text.starts_with("SIP/2.0 503 Service Unavailable\r\n"),
            "{text}"
        );
        assert!(text.contains("\r\nRetry-After: 30\r\n"), "{text}");
    }

    #[test]
    fn what_is_required_is_not_supported() {
        let text = INVITE.replace("CSeq", "Require: 100rel\r\nRequire: timer\r\nCSeq");
        let request = Request::read(text.as_bytes()).unwrap();
        let responder = Responder::new(b"secret", StatusSettings::default());
        let reply = responder.not_supported(&request, source(), true).unwrap();
        let text = String::from_utf8(reply.text).unwrap();
        assert!(text.starts_with("SIP/2.0 420 Bad Extension\r\n"), "{text}");
        let line = "\r\nUnsupported: 100rel, timer\r\n";
        assert!(text.contains(line), "{text}");
    }

    #[test]
    fn a_diverted_call_is_told_where_to_call_in_order() {
        let request = Request::read(INVITE.as_bytes()).unwrap();
        let responder = Responder::new(b"secret", StatusSettings::default());
        let contacts = ["sip:1@a", "sip:2@b", "sip:3@c"].map(str::to_owned);
        let headers = [("Reason".to_owned(), "SIP;cause=603".to_owned())];
        let reply = responder
            .moved(&request, source(), true, &contacts, &headers)
            .unwrap();
        let text = String::from_utf8(reply.text).unwrap();
        let weights: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("Contact: "))
            .collect();
        let expected = [
            "<sip:1@a>;q=1.000",
            "<sip:2@b>;q=0.500",
            "<sip:3@c>;q=0.250",
        ];
        assert_eq!(weights, expected);
        assert!(text.contains("\r\nReason: SIP;cause=603\r\n"), "{text}");
    }

    #[test]
    fn a_repetition_gets_the_same_answer_and_another_call_another_tag() {
        let first = reject(INVITE, RejectStatus::ByReason);
        assert_eq!(first, reject(INVITE, RejectStatus::ByReason));
        for (what, from, to) in [
            ("branch", "z9hG4bK1", "z9hG4bK9"),
            ("Call-ID", "1@x", "2@x"),
            ("tag", "tag=a", "tag=b"),
            ("CSeq", "7 INVITE", "8 INVITE"),
        ] {
            let other = reject(&INVITE.replace(from, to), RejectStatus::ByReason);
            let tag = |reply: &Reply| {
                let text = String::from_utf8(reply.text.clone()).unwrap();
                text.split(";tag=")
                    .nth(2)
                    .unwrap()
                    .get(..16)
                    .unwrap()
                    .to_owned()
            };
            assert_ne!(tag(&first), tag(&other), "{what}");
        }
    }

    #[test]
    fn a_tag_that_is_there_is_kept() {
        let bye = INVITE
            .replace("INVITE", "BYE")
            .replace("To: <sip:100@192.0.2.7>", "To: <sip:100@192.0.2.7>;tag=t");
        let request = Request::read(bye.as_bytes()).unwrap();
        let responder = Responder::new(b"secret", StatusSettings::default());
        let reply = responder.unknown(&request, source(), true).unwrap();
        let text = String::from_utf8(reply.text).unwrap();
        assert!(text.starts_with("SIP/2.0 481 "), "{text}");
        assert!(text.contains("To: <sip:100@192.0.2.7>;tag=t\r\n"), "{text}");
    }
}
