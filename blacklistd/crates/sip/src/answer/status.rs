//! The status with which a blocked call is rejected, and its headers.

use blacklist_common::rule::ReasonClass;
use blacklist_model::RejectStatus;

/// Code and phrase.
const fn line(status: RejectStatus) -> (u16, &'static str) {
    match status {
        RejectStatus::Forbidden => (403, "Forbidden"),
        RejectStatus::NotFound => (404, "Not Found"),
        RejectStatus::AnonymityDisallowed => (433, "Anonymity Disallowed"),
        RejectStatus::TemporarilyUnavailable => (480, "Temporarily Unavailable"),
        RejectStatus::BusyHere => (486, "Busy Here"),
        RejectStatus::BusyEverywhere => (600, "Busy Everywhere"),
        RejectStatus::ByReason | RejectStatus::Decline => (603, "Decline"),
        RejectStatus::NetworkBlocked => (603, "Network Blocked"),
        RejectStatus::Unwanted => (607, "Unwanted"),
        RejectStatus::Rejected => (608, "Rejected"),
    }
}

/// Whom a caller can contact about a block: at least one of the first three.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// An `https` address.
    pub url: String,
    /// A number with `+`.
    pub tel: String,
    /// A mail address.
    pub email: String,
    /// Identifies this block: letters, digits, `_` and `-`.
    pub id: String,
    /// Location in the network (RFC 8606, section 4).
    pub location: String,
}

impl Contact {
    /// Whether there is a contact.
    pub const fn is_given(&self) -> bool {
        !(self.url.is_empty() && self.tel.is_empty() && self.email.is_empty())
    }

    /// The Reason header's value (RFC 3326).
    fn reason(&self) -> String {
        let mut text = "v=analytics1".to_owned();
        for (name, value) in [
            ("url", &self.url),
            ("tel", &self.tel),
            ("email", &self.email),
            ("id", &self.id),
        ] {
            if !value.is_empty() {
                text.push_str(&format!(";{name}={value}"));
            }
        }
        let mut reason = format!("SIP;cause=603;text=\"{text}\"");
        if !self.location.is_empty() {
            reason.push_str(&format!(";location={}", self.location));
        }
        reason
    }
}

/// Which status is used for what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusSettings {
    /// For listed numbers, wildcards and classes.
    pub listed: RejectStatus,
    /// For callers that withhold their identity.
    pub anonymous: RejectStatus,
    /// The contact in `network-blocked`.
    pub contact: Contact,
    /// The contact in 608: address of a signed card (RFC 8688, section 3.2).
    pub card: String,
}

impl Default for StatusSettings {
    fn default() -> Self {
        Self {
            listed: RejectStatus::Decline,
            anonymous: RejectStatus::AnonymityDisallowed,
            contact: Contact::default(),
            card: String::new(),
        }
    }
}

/// A status line and the headers that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The code.
    pub code: u16,
    /// The reason phrase.
    pub phrase: &'static str,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
}

impl StatusSettings {
    /// Why these settings do not allow a status; `None` if they do.
    pub fn lacks(&self, status: RejectStatus) -> Option<&'static str> {
        match status {
            RejectStatus::NetworkBlocked if !self.contact.is_given() => Some(
                "network-blocked has to say whom a caller can ask: set url, tel or email in [answering.contact] of the configuration",
            ),
            RejectStatus::Rejected if self.card.is_empty() => Some(
                "608 has to say where a caller finds whom to ask (RFC 8688): set card in [answering] of the configuration",
            ),
            _ => None,
        }
    }

    /// The status, phrase and Reason header with which a call is rejected after the media host had
    /// it.
    pub fn in_the_end(&self, reason: ReasonClass) -> (u16, &'static str, Option<String>) {
        // The card of 608 is for those who hear nothing.
        let status = self.status(RejectStatus::ByReason, reason, false);
        let mut headers = status.headers.into_iter();
        let reason = headers.find_map(|(name, value)| (name == "Reason").then_some(value));
        (status.code, status.phrase, reason)
    }

    /// The status with which a call is rejected; 603 Decline if the requested one cannot be sent.
    pub fn status(
        &self,
        asked: RejectStatus,
        reason: ReasonClass,
        understands_608: bool,
    ) -> Status {
        let wanted = match (asked, reason) {
            (RejectStatus::ByReason, ReasonClass::Anonymous) => self.anonymous,
            (RejectStatus::ByReason, ReasonClass::Unwanted) => RejectStatus::Unwanted,
            (RejectStatus::ByReason, ReasonClass::Barring) => RejectStatus::Forbidden,
            (RejectStatus::ByReason, _) => self.listed,
            (named, _) => named,
        };
        // A caller that does not understand 608 would have to hear an announcement (RFC 8688,
        // section 3.4).
        let heard = wanted != RejectStatus::Rejected || understands_608;
        let status = if self.lacks(wanted).is_none() && heard {
            wanted
        } else {
            RejectStatus::Decline
        };
        let (code, phrase) = line(status);
        let headers = match status {
            RejectStatus::NetworkBlocked => vec![("Reason", self.contact.reason())],
            RejectStatus::Rejected => {
                vec![("Call-Info", format!("<{}>;purpose=jwscard", self.card))]
            }
            _ => Vec::new(),
        };
        Status {
            code,
            phrase,
            headers,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> StatusSettings {
        StatusSettings {
            contact: Contact {
                url: "https://example.com/redress".to_owned(),
                id: "abc123".to_owned(),
                location: "RLN".to_owned(),
                ..Contact::default()
            },
            card: "https://example.com/card".to_owned(),
            ..StatusSettings::default()
        }
    }

    #[test]
    fn statuses_follow_from_what_is_asked_and_why() {
        use ReasonClass::{Analytics, Anonymous, Barring, OwnList, Unwanted};
        let rows = [
            (RejectStatus::ByReason, OwnList, false, 603, "Decline"),
            (
                RejectStatus::ByReason,
                Anonymous,
                false,
                433,
                "Anonymity Disallowed",
            ),
            (RejectStatus::ByReason, Unwanted, false, 607, "Unwanted"),
            (RejectStatus::ByReason, Barring, false, 403, "Forbidden"),
            (RejectStatus::ByReason, Analytics, false, 603, "Decline"),
            (RejectStatus::BusyHere, Anonymous, false, 486, "Busy Here"),
            (
                RejectStatus::NetworkBlocked,
                OwnList,
                false,
                603,
                "Network Blocked",
            ),
            (RejectStatus::Rejected, OwnList, true, 608, "Rejected"),
            (RejectStatus::Rejected, OwnList, false, 603, "Decline"),
        ];
        for (asked, reason, understands, code, phrase) in rows {
            let status = settings().status(asked, reason, understands);
            assert_eq!(
                (status.code, status.phrase),
                (code, phrase),
                "{asked:?} {reason:?}"
            );
        }
    }

    #[test]
    fn network_blocked_says_whom_to_ask() {
        let status = settings().status(RejectStatus::NetworkBlocked, ReasonClass::OwnList, false);
        let reason = "SIP;cause=603;text=\"v=analytics1;url=https://example.com/redress;id=abc123\";location=RLN";
        assert_eq!(status.headers, [("Reason", reason.to_owned())]);
    }

    #[test]
    fn what_lacks_its_contact_is_a_decline() {
        let bare = StatusSettings::default();
        for asked in [RejectStatus::NetworkBlocked, RejectStatus::Rejected] {
            assert!(bare.lacks(asked).is_some());
            let status = bare.status(asked, ReasonClass::OwnList, true);
            assert_eq!((status.code, status.phrase), (603, "Decline"));
            assert_eq!(status.headers, []);
        }
    }
}
