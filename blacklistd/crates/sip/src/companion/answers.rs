//! The answers of the redirect server: final, and computed from the request alone. One status means
//! "continue" to the proxy, like that of services that only route; 302 redirects, everything else
//! rejects.

use std::net::SocketAddr;

use blacklist_common::rule::ReasonClass;
use blacklist_model::{RejectStatus, RuleId};

use super::settings::{CompanionSettings, PassAnswer};
use crate::answer::{Reply, Request, Responder, Status, StatusSettings, Unreadable};

/// A SIP URI without characters that would end it in angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri(String);

impl Uri {
    /// Parses an untrusted URI. `None` if it cannot be put in angle brackets.
    pub fn new(text: &[u8]) -> Option<Self> {
        let plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"');
        if text.is_empty() || !text.iter().all(plain) {
            return None;
        }
        Some(Self(std::str::from_utf8(text).ok()?.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The target that the call had, with a mark: where a proxy sends a call that passes. It
    /// differs from the request's URI to avoid a loop (RFC 3261, section 8.1.3.4).
    pub fn passing(&self) -> String {
        self.with("blacklist=pass")
    }

    /// The same with one more parameter; parameters precede headers (RFC 3261, section 19.1.1).
    pub(super) fn with(&self, parameter: &str) -> String {
        match self.0.split_once('?') {
            Some((uri, headers)) => format!("{uri};{parameter}?{headers}"),
            None => format!("{};{parameter}", self.0),
        }
    }
}

/// The decision about a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It passes.
    Pass,
    /// It is rejected, for this reason.
    Refuse(RejectStatus, ReasonClass),
    /// It is redirected by this rule.
    Divert(Uri, RuleId),
    /// It belongs to a dialog, which is not ours.
    InDialog,
}

/// The status with which a call is rejected; never the one that means that calls pass.
pub fn refusal(
    statuses: &StatusSettings,
    settings: &CompanionSettings,
    (asked, reason): (RejectStatus, ReasonClass),
    understands_608: bool,
) -> Status {
    let status = statuses.status(asked, reason, understands_608);
    if status.code == settings.pass.line().0 {
        return statuses.status(settings.dropped, ReasonClass::OwnList, false);
    }
    status
}

/// Methods that are answered (RFC 3261, section 20.5).
const METHODS: &str = "INVITE, ACK, CANCEL, OPTIONS";

/// Computes answers to the requests of a proxy.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// For tags and statuses.
    pub responder: &'a Responder,
    /// The settings.
    pub settings: &'a CompanionSettings,
    /// The proxy's address.
    pub peer: SocketAddr,
}

impl Answers<'_> {
    /// The answer to an INVITE.
    ///
    /// # Errors
    /// The request lacks what an answer needs.
    pub fn invite(&self, request: &Request, fate: &Fate) -> Result<Reply, Unreadable> {
        match fate {
            Fate::Pass => self.pass(request),
            Fate::Refuse(asked, reason) => {
                let statuses = &self.responder.settings;
                let why = (*asked, *reason);
                let status = refusal(statuses, self.settings, why, request.understands_608);
                self.answer(request, (status.code, status.phrase), &status.headers)
            }
            Fate::Divert(target, rule) => {
                let contact = format!("<{}>", target.with(&format!("blacklist-rule={rule}")));
                let headers = [("Contact", contact), ("X-Blacklist-Rule", rule.to_string())];
                self.answer(request, (302, "Moved Temporarily"), &headers)
            }
            Fate::InDialog => self.responder.unknown(request, self.peer, true),
        }
    }

    fn pass(&self, request: &Request) -> Result<Reply, Unreadable> {
        let mut line = self.settings.pass.line();
        let mut headers = Vec::new();
        if self.settings.pass == PassAnswer::MovedTemporarily {
            match Uri::new(&request.uri) {
                Some(target) => headers.push(("Contact", format!("<{}>", target.passing()))),
                None => line = PassAnswer::NotFound.line(),
            }
        }
        self.answer(request, line, &headers)
    }

    /// The answer to any other request that needs one.
    ///
    /// # Errors
    /// The request lacks what an answer needs.
    pub fn other(&self, request: &Request) -> Result<Reply, Unreadable> {
        let allow = [("Allow", METHODS.to_owned())];
        if request.method == b"OPTIONS" {
            return self.answer(request, (200, "OK"), &allow);
        }
        if Request::tag(&request.to).is_some() {
            return self.responder.unknown(request, self.peer, true);
        }
        self.answer(request, (405, "Method Not Allowed"), &allow)
    }

    /// Answers that there are too many questions: the call passes.
    ///
    /// # Errors
    /// The request lacks what an answer needs.
    pub fn overload(&self, request: &Request) -> Result<Reply, Unreadable> {
        let headers = [("Retry-After", "1".to_owned())];
        self.answer(request, (503, "Service Unavailable"), &headers)
    }

    fn answer(
        &self,
        request: &Request,
        line: (u16, &str),
        headers: &[(&'static str, String)],
    ) -> Result<Reply, Unreadable> {
        self.responder
            .answer(request, self.peer, true, line, headers)
    }
}
