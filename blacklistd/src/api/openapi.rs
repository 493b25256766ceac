//! `/v1/openapi.json`: the description of what proxies, dial plans and diallers ask.

use axum::Json;
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use super::check::StepObject;
use super::error::ErrorObject;
use super::screen;
use crate::companion::{Identities, Question};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "blacklistd",
        description = "What becomes of a call, for proxies, dial plans and diallers that ask. An answer that does not come, or is an error, means that the call goes on."
    ),
    paths(screen::ask_by_query, screen::ask),
    components(schemas(
        Question,
        Identities,
        screen::Questions,
        screen::Answers,
        screen::ScreenObject,
        screen::FlatQuestion,
        StepObject,
        ErrorObject,
    ))
)]
struct Description;

/// The description.
pub fn document() -> Document {
    Description::openapi()
}

pub(super) async fn show() -> Json<Document> {
    Json(document())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::api::screen::{Decision, ScreenObject};

    /// A validator of one of the described objects.
    fn validator(name: &str) -> jsonschema::Validator {
        let mut schema = serde_json::to_value(document()).unwrap();
        schema["$ref"] = json!(format!("#/components/schemas/{name}"));
        jsonschema::validator_for(&schema).unwrap()
    }

    #[test]
    fn questions_that_are_read_are_those_that_are_described() {
        let validator = validator("Question");
        let rows: [(&str, Value, bool); 8] = [
            (
                "few words",
                json!({"caller": "+14155550100", "called": "100"}),
                true,
            ),
            (
                "many words",
                json!({"called": "100", "direction": "outbound", "source": "192.0.2.1", "trunk": "a",
                    "identities": {"from": "<sip:a@b>", "p_asserted_identity": ["<tel:+1>"], "privacy": "id"},
                    "call_id": "1", "transport": "tls", "explain": true, "commit": true, "deadline_ms": 50}),
                true,
            ),
            (
                "an unknown word",
                json!({"called": "100", "callee": "1"}),
                false,
            ),
            (
                "an unknown identity",
                json!({"called": "100", "identities": {"pai": "1"}}),
                false,
            ),
            (
                "a number for a text",
                json!({"caller": 1, "called": "100"}),
                false,
            ),
            (
                "a text for a switch",
                json!({"called": "100", "commit": "yes"}),
                false,
            ),
            (
                "a negative time",
                json!({"called": "100", "deadline_ms": -1}),
                false,
            ),
            ("a text", json!("+14155550100"), false),
        ];
        for (name, value, valid) in rows {
            assert_eq!(validator.is_valid(&value), valid, "{name}: described");
            let read = serde_json::from_value::<Question>(value).is_ok();
            assert_eq!(read, valid, "{name}: read");
        }
    }

    #[test]
    fn answers_are_as_they_are_described() {
        let validator = validator("ScreenObject");
        let short = ScreenObject {
            decision: Decision::Pass,
            outcome: "no-rule".to_owned(),
            rule: None,
            pattern: None,
            list: None,
            default_of: None,
            action: None,
            status: None,
            phrase: None,
            reason: None,
            redirect: None,
            caller: String::new(),
            called: "100".to_owned(),
            direction: "inbound".to_owned(),
            trunk: String::new(),
            steps: None,
        };
        let long = ScreenObject {
            decision: Decision::Block,
            rule: Some(1),
            pattern: Some("+1".to_owned()),
            list: Some("default".to_owned()),
            action: Some("reject".to_owned()),
            status: Some(603),
            phrase: Some("Network Blocked".to_owned()),
            reason: Some("SIP;cause=603".to_owned()),
            steps: Some(vec![StepObject {
                step: "verdict".to_owned(),
                scope: String::new(),
                outcome: "x".to_owned(),
            }]),
            ..short.clone()
        };
        for answer in [short, long] {
            let value = serde_json::to_value(&answer).unwrap();
            if let Err(error) = validator.validate(&value) {
                panic!("{error}: {value}");
            }
        }
        let wrong = json!({"decision": "maybe", "outcome": "x", "caller": "", "called": "", "direction": "", "trunk": ""});
        assert!(!validator.is_valid(&wrong));
        assert!(!validator.is_valid(&json!({"decision": "pass"})));
    }

    #[test]
    fn both_ways_to_ask_are_described() {
        let document = serde_json::to_value(document()).unwrap();
        for method in ["get", "post"] {
            let path = format!("/paths/~1v1~1screen/{method}/responses/200");
            assert!(document.pointer(&path).is_some(), "{path}");
        }
    }
}
