//! The screen API, asked over TCP as a dial plan would, and its own description.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::{DROPPED, LISTED, SCREEN, Scene, UNLISTED, UNWANTED, wire};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

impl Scene<'_> {
    pub(super) fn http(&self, request: &str, media: &str, body: &str) -> Result<(u16, String)> {
        let to: SocketAddr = SCREEN.parse()?;
        let sbc = &self.lab.network.sbc;
        sbc.run(|| wire::http(to, request, media, body))
    }

    pub(super) fn screen(&self, question: &Value) -> Result<Value> {
        let (code, body) = self.http("POST /v1/screen", JSON, &question.to_string())?;
        anyhow::ensure!(code == 200, "{code}: {body}");
        serde_json::from_str(&body).context("no JSON")
    }
}

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    lines(scene)?;
    objects(scene)?;
    committed(scene)?;
    refused(scene)?;
    described(scene)
}

/// Answers in one line.
fn lines(scene: &mut Scene<'_>) -> Result<()> {
    let encoded = |number: &str| number.replace('+', "%2B");
    for (name, number, expected) in [
        ("not listed", UNLISTED, "200 pass"),
        ("listed", LISTED, "200 block 603 Decline"),
        ("listed to be dropped", DROPPED, "200 block 603 Decline"),
        ("listed, 607", UNWANTED, "200 block 607 Unwanted"),
    ] {
        let query = format!("caller={}&called=100&source=198.18.0.1", encoded(number));
        let (code, body) = scene.http(&format!("GET /v1/screen?{query}"), JSON, "")?;
        let seen = format!("{code} {}", body.trim());
        scene.report.case(&format!("GET: {name}"), expected, seen);
        let (code, body) = scene.http("POST /v1/screen", FORM, &query)?;
        let seen = format!("{code} {}", body.trim());
        scene.report.case(&format!("form: {name}"), expected, seen);
    }
    Ok(())
}

/// What a spelling, an identity or a trunk makes of a call.
fn objects(scene: &mut Scene<'_>) -> Result<()> {
    let national = LISTED.replace("+1", "");
    let rows = [
        (
            "a national spelling",
            json!({"caller": national, "called": "100", "trunk": "carrier"}),
            "block",
        ),
        (
            "the same where no trunk says so",
            json!({"caller": national, "called": "100", "source": "203.0.113.9"}),
            "block",
        ),
        (
            "an asserted identity of a trusted trunk",
            json!({"caller": UNLISTED, "called": "100", "trunk": "trusted-carrier",
                "identities": {"p_asserted_identity": [format!("<sip:{LISTED}@x>")]}}),
            "block",
        ),
        (
            "the same of another one",
            json!({"caller": UNLISTED, "called": "100", "trunk": "carrier",
                "identities": {"p_asserted_identity": [format!("<sip:{LISTED}@x>")]}}),
            "pass",
        ),
        (
            "an emergency number",
            json!({"caller": LISTED, "called": "911", "trunk": "carrier"}),
            "pass",
        ),
        (
            "outbound",
            json!({"caller": "100", "called": LISTED, "direction": "outbound", "source": "203.0.113.9"}),
            "pass",
        ),
    ];
    let all: Vec<Value> = rows
        .iter()
        .map(|(_, question, _)| question.clone())
        .collect();
    let answers = scene.screen(&Value::Array(all))?;
    for (index, (name, question, expected)) in rows.iter().enumerate() {
        let of = |answer: &Value| {
            let decision = answer.get("decision").and_then(Value::as_str);
            decision.unwrap_or_default().to_owned()
        };
        let alone = of(&scene.screen(question)?);
        scene.report.case(&format!("JSON: {name}"), expected, alone);
        let together = answers.get(index).map(of).unwrap_or_default();
        scene
            .report
            .case(&format!("JSON, many at once: {name}"), expected, together);
    }
    Ok(())
}

/// Only who says so counts.
fn committed(scene: &mut Scene<'_>) -> Result<()> {
    let id = scene.call_id();
    for (commit, expected) in [
        (false, "nothing"),
        (true, "companion refused 603"),
        (true, "companion refused 603"),
    ] {
        scene.screen(
            &json!({"caller": LISTED, "called": "100", "source": "198.18.0.1:5060",
            "call_id": id, "commit": commit, "transport": "tls"}),
        )?;
        std::thread::sleep(std::time::Duration::from_millis(500));
        let row = super::in_log(&scene.log()?, &id);
        scene
            .report
            .case(&format!("commit {commit}: in the log"), expected, row);
    }
    Ok(())
}

/// Questions that cannot be answered.
fn refused(scene: &mut Scene<'_>) -> Result<()> {
    for (name, body) in [
        ("no called party", json!({"caller": LISTED})),
        (
            "an unknown word",
            json!({"caller": LISTED, "called": "1", "x": 1}),
        ),
        (
            "an unknown trunk",
            json!({"caller": LISTED, "called": "1", "trunk": "x"}),
        ),
        (
            "no address",
            json!({"caller": LISTED, "called": "1", "source": "x"}),
        ),
    ] {
        let (code, _) = scene.http("POST /v1/screen", JSON, &body.to_string())?;
        scene.report.case(&format!("JSON: {name}"), "400", code);
    }
    let (code, _) = scene.http("GET /v1/rules", JSON, "")?;
    scene
        .report
        .case("TCP has nothing but questions", "404", code);
    Ok(())
}

/// Answers have the words that the description names, and all that it promises.
fn described(scene: &mut Scene<'_>) -> Result<()> {
    let (code, body) = scene.http("GET /v1/openapi.json", JSON, "")?;
    scene.report.case("the description", "200", code);
    let document: Value = serde_json::from_str(&body)?;
    let schema = document
        .pointer("/components/schemas/ScreenObject")
        .context("no ScreenObject")?;
    let known = schema
        .get("properties")
        .and_then(Value::as_object)
        .context("no properties")?;
    let required = schema
        .get("required")
        .and_then(Value::as_array)
        .context("nothing required")?;
    for (name, number) in [("not listed", UNLISTED), ("listed", LISTED)] {
        let answer = scene.screen(&json!({"caller": number, "called": "100", "explain": true}))?;
        let answer = answer.as_object().context("no object")?;
        let unknown = answer.keys().filter(|key| !known.contains_key(*key));
        let missing = required
            .iter()
            .filter_map(Value::as_str)
            .filter(|key| !answer.contains_key(*key));
        let odd: Vec<String> = unknown.cloned().chain(missing.map(str::to_owned)).collect();
        scene.report.case(
            &format!("an answer is as described: {name}"),
            "",
            odd.join(" "),
        );
    }
    Ok(())
}
