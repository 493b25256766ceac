//! `/v1/openapi.json`: the description of what proxies, dial plans and diallers ask.

use axum::Json;
use blacklist_wire::{ErrorObject, StepObject};
use utoipa::OpenApi;
use utoipa::openapi::OpenApi as Document;

use super::screen;
use blacklist_sip::companion::{CallDirection, Identities, Question};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "blacklistd",
        description = "What becomes of a call, for proxies, dial plans and diallers that ask. An answer that does not come, or is an error, means that the call goes on."
    ),
    paths(
        screen::ask_by_query,
        screen::ask,
        screen::ask_many,
        screen::ask_by_form
    ),
    components(schemas(
        Question,
        CallDirection,
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
pub(crate) fn document() -> Document {
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
        let rows: [(&str, Value, bool); 13] = [
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
            ("a list", json!([{"called": "100"}]), false),
            ("nobody called", json!({"caller": "+14155550100"}), false),
            (
                "both ways",
                json!({"called": "100", "direction": "both"}),
                false,
            ),
            (
                "a long time",
                json!({"called": "100", "deadline_ms": 4_294_967_295_u32}),
                true,
            ),
            (
                "a longer time",
                json!({"called": "100", "deadline_ms": 4_294_967_296_u64}),
                false,
            ),
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
            direction: CallDirection::Inbound,
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

    /// Operations by their ids: path, method, media types of the question and of the answer.
    fn operations(document: &Value) -> Vec<(String, String)> {
        let paths = document["paths"].as_object().unwrap();
        let media = |content: &Value| {
            let types = content.as_object().into_iter().flatten();
            types
                .map(|(media, _)| media.as_str())
                .collect::<Vec<_>>()
                .join(" or ")
        };
        let mut found = Vec::new();
        for (path, methods) in paths {
            for (method, operation) in methods.as_object().unwrap() {
                let asked = media(&operation["requestBody"]["content"]);
                let answered = media(&operation["responses"]["200"]["content"]);
                let shape = format!("{method} {path}: {asked} -> {answered}");
                found.push((operation["operationId"].as_str().unwrap().to_owned(), shape));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn each_way_to_ask_is_an_operation_with_one_type_of_question() {
        let document = serde_json::to_value(document()).unwrap();
        let expected = [
            (
                "screen",
                "post /v1/screen: application/json -> application/json",
            ),
            (
                "screen_batch",
                "post /v1/screen/batch: application/json -> application/json",
            ),
            (
                "screen_by_form",
                "post /v1/screen/form: application/x-www-form-urlencoded -> application/json or text/plain",
            ),
            (
                "screen_by_query",
                "get /v1/screen:  -> application/json or text/plain",
            ),
        ];
        let seen = operations(&document);
        let seen: Vec<(&str, &str)> = seen.iter().map(|(id, shape)| (&**id, &**shape)).collect();
        assert_eq!(seen, expected);
        for (path, methods) in document["paths"].as_object().unwrap() {
            for operation in methods.as_object().unwrap().values() {
                for code in ["400", "429"] {
                    let error = operation["responses"][code]["content"]["application/json"]["schema"]["$ref"].as_str();
                    assert_eq!(
                        error,
                        Some("#/components/schemas/ErrorObject"),
                        "{path} {code}"
                    );
                }
            }
        }
    }

    /// Places of a schema that generators make no type, or a needlessly wide one, of: a choice
    /// between anything but a type and null.
    fn choices(place: &str, schema: &Value, found: &mut Vec<String>) {
        match schema {
            Value::Object(object) => {
                for (key, value) in object {
                    let place = format!("{place}/{key}");
                    let is_choice = matches!(key.as_str(), "oneOf" | "anyOf" | "allOf");
                    let of = |value: &Value| {
                        let types = value.as_array().into_iter().flatten();
                        types.filter(|one| **one != json!({"type": "null"})).count()
                    };
                    if is_choice && of(value) != 1 {
                        found.push(place.clone());
                    }
                    choices(&place, value, found);
                }
            }
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    choices(&format!("{place}/{index}"), value, found);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    #[test]
    fn no_type_is_a_choice_between_types() {
        let mut document = serde_json::to_value(document()).unwrap();
        let mut found = Vec::new();
        choices("", &document, &mut found);
        assert!(found.is_empty(), "{found:?}");
        document["components"]["schemas"]["Answers"] =
            json!({"oneOf": [{"type": "object"}, {"type": "array"}]});
        choices("", &document, &mut found);
        assert_eq!(found, ["/components/schemas/Answers/oneOf"]);
    }

    #[test]
    fn types_are_as_narrow_as_what_is_said() {
        let document = serde_json::to_value(document()).unwrap();
        let schemas = &document["components"]["schemas"];
        for (name, words) in [
            ("Decision", json!(["pass", "block", "divert"])),
            ("CallDirection", json!(["inbound", "outbound"])),
            ("Format", json!(["text", "json"])),
        ] {
            assert_eq!(schemas[name]["enum"], words, "{name}");
        }
        // What an answer does not know it leaves out: nothing of it is null.
        for (name, property) in schemas["ScreenObject"]["properties"].as_object().unwrap() {
            let is_one = property["type"].is_string() || property["$ref"].is_string();
            assert!(is_one, "{name}: {property}");
        }
        for name in ["Question", "FlatQuestion"] {
            assert_eq!(schemas[name]["required"], json!(["called"]), "{name}");
            assert_eq!(
                schemas[name]["additionalProperties"],
                json!(false),
                "{name}"
            );
        }
    }
}
