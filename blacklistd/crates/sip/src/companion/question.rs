//! A question about a call in JSON instead of a SIP message.

use std::net::SocketAddr;

use blacklist_common::tables::Direction;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::source;
use crate::invite::uri;

/// Maximum length of a text, in bytes.
const LONGEST: usize = 65_536;
/// Values of P-Asserted-Identity that are written: with a third one the call is ambiguous (RFC 3325,
/// section 9.1).
const ASSERTED: usize = 8;

/// Which way a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CallDirection {
    /// From a trunk to us.
    Inbound,
    /// From us to a trunk.
    Outbound,
}

impl From<Direction> for CallDirection {
    fn from(direction: Direction) -> Self {
        match direction {
            Direction::Inbound => Self::Inbound,
            Direction::Outbound => Self::Outbound,
        }
    }
}

impl From<CallDirection> for Direction {
    fn from(direction: CallDirection) -> Self {
        match direction {
            CallDirection::Inbound => Self::Inbound,
            CallDirection::Outbound => Self::Outbound,
        }
    }
}

/// What the headers of the call say of its caller, each as it stands in the message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Identities {
    /// The value of From.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 65536,
        example = "\"Bob\" <sip:+14155550100@carrier.example>;tag=1"
    )]
    pub from: Option<String>,
    /// Values of P-Asserted-Identity.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub p_asserted_identity: Vec<String>,
    /// The value of Remote-Party-ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 65536)]
    pub remote_party_id: Option<String>,
    /// The value of Privacy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 65536, example = "id")]
    pub privacy: Option<String>,
}

/// A call, or one that is about to be made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Who calls: a number in any spelling of its trunk, a user name or a URI. May be left out where
    /// `identities` say it; nobody otherwise.
    #[serde(default)]
    #[schema(max_length = 65536, example = "+14155550100")]
    pub caller: String,
    /// Who is called; empty for nobody.
    #[schema(max_length = 65536, example = "+13125550199")]
    pub called: String,
    /// Which way it goes; else that of the trunk.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<CallDirection>,
    /// What the headers say.
    #[serde(default)]
    pub identities: Identities,
    /// Address from which the call came, with or without a port: says which trunk it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "192.0.2.7:5060")]
    pub source: Option<String>,
    /// Name of its trunk, before `source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trunk: Option<String>,
    /// Its Call-ID: tells a second question about one call from another call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 65536)]
    pub call_id: Option<String>,
    /// How it came: `udp`, `tcp`, `tls`, `ws`, `wss`. Says nothing to rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "tls")]
    pub transport: Option<String>,
    /// Whether the answer says how it came about.
    #[serde(default)]
    pub explain: bool,
    /// Whether the call is counted, logged and limited like any other; else it is only a question.
    #[serde(default)]
    pub commit: bool,
    /// Milliseconds for which `explain` may wait while rules are being put in force; at most those of the
    /// configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 4294967295_u32, example = 100)]
    pub deadline_ms: Option<u32>,
}

/// Why a question cannot be answered, as a sentence.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct QuestionError(pub String);

impl Question {
    /// The source of the call.
    ///
    /// # Errors
    /// It is set, and is not an address.
    pub fn came_from(&self) -> Result<Option<SocketAddr>, QuestionError> {
        let Some(text) = &self.source else {
            return Ok(None);
        };
        match source::read(text) {
            Some(address) => Ok(Some(address)),
            None => Err(QuestionError(format!(
                "source is \"{}\": write an address such as 192.0.2.7 or 192.0.2.7:5060",
                text.escape_default()
            ))),
        }
    }

    /// The INVITE that is judged. `otherwise` is the Call-ID of a call that has none.
    ///
    /// # Errors
    /// A text is longer than any message.
    pub fn message(&self, otherwise: &str) -> Result<Vec<u8>, QuestionError> {
        let Identities {
            from,
            p_asserted_identity,
            remote_party_id,
            privacy,
        } = &self.identities;
        let called = uri(&checked("called", &self.called)?);
        let caller = uri(&checked("caller", &self.caller)?);
        let mut text = format!("INVITE {called} SIP/2.0\r\n");
        let mut add = |name: &str, value: &str| text.push_str(&format!("{name}: {value}\r\n"));
        match from {
            Some(from) => add("From", &checked("from", from)?),
            None => add("From", &format!("<{caller}>;tag=1")),
        }
        for value in p_asserted_identity.iter().take(ASSERTED) {
            add(
                "P-Asserted-Identity",
                &checked("p_asserted_identity", value)?,
            );
        }
        if let Some(value) = remote_party_id {
            add("Remote-Party-ID", &checked("remote_party_id", value)?);
        }
        if let Some(value) = privacy {
            add("Privacy", &checked("privacy", value)?);
        }
        add("To", &format!("<{called}>"));
        let call_id = self.call_id.as_deref().unwrap_or_default();
        let call_id = checked("call_id", call_id)?;
        add(
            "Call-ID",
            if call_id.is_empty() {
                otherwise
            } else {
                &call_id
            },
        );
        text.push_str("\r\n");
        Ok(text.into_bytes())
    }
}

/// Checks that a text fits in one header line. Most texts come from strangers: whatever a message
/// may contain is judged and not refused, because a refused question lets the call pass.
fn checked(key: &str, text: &str) -> Result<String, QuestionError> {
    if text.len() > LONGEST {
        return Err(QuestionError(format!(
            "{key} has more than {LONGEST} bytes: no message is that long"
        )));
    }
    // A fold is one blank, and a line break that is none separates words as well.
    let line = text
        .replace("\r\n", "\n")
        .replace("\n ", " ")
        .replace("\n\t", " ");
    Ok(line.replace(['\r', '\n'], " ").trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question() -> Question {
        Question {
            caller: "+14155550100".to_owned(),
            called: "100".to_owned(),
            ..Question::default()
        }
    }

    #[test]
    fn a_question_becomes_a_message() {
        let mut asked = question();
        asked.identities.p_asserted_identity = vec!["<tel:+1>".to_owned()];
        asked.identities.privacy = Some("id".to_owned());
        let text = String::from_utf8(asked.message("none").unwrap()).unwrap();
        let expected = "INVITE sip:100@check.invalid SIP/2.0\r\n\
            From: <sip:+14155550100@check.invalid>;tag=1\r\nP-Asserted-Identity: <tel:+1>\r\n\
            Privacy: id\r\nTo: <sip:100@check.invalid>\r\nCall-ID: none\r\n\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn what_a_stranger_may_write_is_judged() {
        for (name, from, expected) in [
            (
                "folded",
                "\"a\r\n b\" <sip:1@x>",
                "From: \"a b\" <sip:1@x>\r\n",
            ),
            (
                "a tab",
                "\"a\tb\" <sip:1@x>",
                "From: \"a\tb\" <sip:1@x>\r\n",
            ),
            (
                "a bell",
                "\"\u{7}\" <sip:1@x>",
                "From: \"\u{7}\" <sip:1@x>\r\n",
            ),
        ] {
            let mut asked = question();
            asked.identities.from = Some(from.to_owned());
            let text = String::from_utf8(asked.message("none").unwrap()).unwrap();
            assert!(text.contains(expected), "{name}: {text}");
        }
        let mut asked = question();
        asked.identities.from = Some(format!("\"{}\" <sip:1@x>", "x".repeat(30_000)));
        assert!(asked.message("none").is_ok());
    }

    #[test]
    fn whatever_a_stranger_writes_is_asked() {
        type Change = fn(&mut Question);
        let rows: [(&str, Change, &str); 5] = [
            (
                "nobody calls",
                |q| q.caller.clear(),
                "From: <sip:check.invalid>;tag=1\r\n",
            ),
            (
                "nobody is called",
                |q| q.called.clear(),
                "INVITE sip:check.invalid SIP/2.0\r\n",
            ),
            (
                "a second line",
                |q| q.identities.from = Some("<sip:a@x>\r\nTo: b".to_owned()),
                "\r\nFrom: <sip:a@x> To: b\r\n",
            ),
            (
                "a Call-ID of two lines",
                |q| q.call_id = Some("a\nb".to_owned()),
                "\r\nCall-ID: a b\r\n",
            ),
            (
                "three identities",
                |q| q.identities.p_asserted_identity = vec!["<sip:a@x>".to_owned(); 3],
                "P-Asserted-Identity: <sip:a@x>\r\nP-Asserted-Identity: <sip:a@x>\r\nP-Asserted-Identity",
            ),
        ];
        for (name, change, expected) in rows {
            let mut asked = question();
            change(&mut asked);
            let text = String::from_utf8(asked.message("none").unwrap()).unwrap();
            assert!(text.contains(expected), "{name}: {text}");
        }
    }

    #[test]
    fn what_cannot_be_asked() {
        type Change = fn(&mut Question);
        let rows: [(&str, Change, &str); 2] = [
            (
                "very long",
                |q| q.called = "1".repeat(70_000),
                "more than 65536",
            ),
            (
                "a very long name",
                |q| q.identities.from = Some("a".repeat(70_000)),
                "more than 65536",
            ),
        ];
        for (name, change, expected) in rows {
            let mut asked = question();
            change(&mut asked);
            let error = asked.message("none").unwrap_err().to_string();
            assert!(error.contains(expected), "{name}: {error}");
        }
        let asked = Question {
            source: Some("x".to_owned()),
            ..question()
        };
        assert!(asked.came_from().is_err());
    }
}
