//! The answers of the redirect server: final, and computed from the request alone. A proxy takes one
//! status for "go on", as it does of services that only route; 302 diverts, everything else refuses.

use std::net::SocketAddr;

use blacklist_common::rule::ReasonClass;
use blacklist_model::{RejectStatus, RuleId};

use super::settings::{CompanionSettings, PassAnswer};
use crate::answer::{Reply, Request, Responder, Status, StatusSettings, Unreadable};

/// A SIP URI without what would end it inside of angle brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uri(String);

impl Uri {
    /// A URI out of what somebody has sent. None if it cannot stand between angle brackets.
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

    /// Of the target that a call had: what a proxy calls that is told that it goes on. Another URI than
    /// that of the request, or it would be a loop (RFC 3261, 8.1.3.4).
    pub fn passing(&self) -> String {
        self.with("blacklist=pass")
    }

    /// The same with one more parameter; parameters stand before headers (RFC 3261, 19.1.1).
    pub(super) fn with(&self, parameter: &str) -> String {
        match self.0.split_once('?') {
            Some((uri, headers)) => format!("{uri};{parameter}?{headers}"),
            None => format!("{};{parameter}", self.0),
        }
    }
}

/// What a call is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes on.
    Pass,
    /// It is refused so, and for this reason.
    Refuse(RejectStatus, ReasonClass),
    /// It goes to another target, because of this rule.
    Divert(Uri, RuleId),
    /// It belongs to a dialog, which is none of ours.
    InDialog,
}

/// What a call is refused with. A status that says that calls go on is never used for that.
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

/// Methods that are answered (RFC 3261, 20.5).
const METHODS: &str = "INVITE, ACK, CANCEL, OPTIONS";

/// Makes answers to one proxy's requests.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'a> {
    /// For tags and statuses.
    pub responder: &'a Responder,
    /// How calls are told to go on.
    pub settings: &'a CompanionSettings,
    /// Who asks.
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

    /// The answer to any other request that wants one.
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

    /// Says that there are too many questions: the call goes on.
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
