//! What happens to a call, as a phone tells it.

use std::time::Instant;

use serde_json::Value;

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Somebody calls.
    Incoming,
    /// The other end rings: 180.
    Ringing,
    /// The other end has media before it answers: 183 with a description.
    EarlyMedia,
    /// The call is answered.
    Established,
    /// The first packet of media has come.
    Media,
    /// A digit was pressed at the other end, RFC 4733.
    Digit,
    /// The call is over, or was refused.
    Closed,
}

/// Something that happened to a call.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// When the phone told it.
    pub(crate) at: Instant,
    /// What.
    pub(crate) stage: Stage,
    /// The digit; why a call was closed (`603 Decline`); the peer's URI in all other cases.
    pub(crate) text: String,
}

impl Event {
    /// Reads what baresip tells; none where it is about something else.
    pub(super) fn read(message: &Value) -> Option<Self> {
        let text = |name: &str| message.get(name).and_then(Value::as_str);
        let stage = match text("type")? {
            "CALL_INCOMING" => Stage::Incoming,
            "CALL_RINGING" => Stage::Ringing,
            "CALL_PROGRESS" => Stage::EarlyMedia,
            "CALL_ESTABLISHED" => Stage::Established,
            "CALL_RTPESTAB" => Stage::Media,
            "CALL_DTMF_START" => Stage::Digit,
            "CALL_CLOSED" => Stage::Closed,
            _ => return None,
        };
        let about = match stage {
            Stage::Digit | Stage::Closed => "param",
            Stage::Incoming
            | Stage::Ringing
            | Stage::EarlyMedia
            | Stage::Established
            | Stage::Media => "peeruri",
        };
        Some(Self {
            at: Instant::now(),
            stage,
            text: text(about).unwrap_or_default().to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_baresip_tells_is_read() {
        for (kind, stage, text) in [
            ("CALL_INCOMING", Some(Stage::Incoming), "sip:1@h"),
            ("CALL_DTMF_START", Some(Stage::Digit), "603 Decline"),
            ("CALL_CLOSED", Some(Stage::Closed), "603 Decline"),
            ("CALL_RTCP", None, ""),
        ] {
            let message = json!({ "type": kind, "peeruri": "sip:1@h", "param": "603 Decline" });
            let event = Event::read(&message);
            assert_eq!(event.as_ref().map(|event| event.stage), stage, "{kind}");
            assert_eq!(event.map(|event| event.text).unwrap_or_default(), text);
        }
    }
}
