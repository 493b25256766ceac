//! The screen API asked by a client that was generated from the daemon's own description of it, and with
//! whatever the description allows and forbids: what it promises is what a program gets that knows
//! nothing else.

use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Map, Value};

use super::{SCREEN, Scene};
use xtask::{python, workspace};

/// The generated package, below the lab's folder.
const CLIENT: &str = "blacklist_client";

/// Rules beside those of the other scenes: for a target, and for an answer with a Reason.
const RULES: [(&str, &str); 2] = [
    ("+14155550107", "redirect:operator"),
    ("+14155550108", "reject:network-blocked"),
];

/// What comes through the client, in the words of `tests/scenarios/screen_client.py`. `ID` is that of
/// the rule of the row's caller.
const ROWS: &[(&str, &str)] = &[
    ("not listed", "200 pass"),
    (
        "listed",
        "200 block | 603 | Decline | 1 | +14155550101 | default | reject",
    ),
    (
        "listed, with a Reason",
        "200 block | 603 | Network Blocked | SIP;cause=603;text=\"v=analytics1;url=https://blocked.example/\" | ID of +14155550108 | +14155550108 | default | reject",
    ),
    (
        "diverted to a target",
        "200 divert | sip:operator@192.0.2.1 | ID of +14155550107 | +14155550107 | default | redirect",
    ),
    (
        "diverted to the media host",
        "200 divert | sip:100@198.18.0.2:25059 | 6 | +14155550106 | default | announce",
    ),
    (
        "an asserted identity",
        "200 block | 603 | Decline | 1 | +14155550101 | default | reject",
    ),
    ("explained", "inbound, steps"),
    ("not explained", "no steps"),
    ("batch", "block ; pass ; divert"),
    ("batch: misfits", ""),
    ("batch: of none", "[]"),
    ("batch: one cannot be answered", "400 error"),
    ("batch: which one", "question 2"),
    ("batch: too many", "400 error"),
    ("query: listed", "200 'block 603 Decline\\n'"),
    ("query: not listed", "200 'pass\\n'"),
    ("query: as JSON", "pass"),
    ("form: listed", "200 'block 603 Decline\\n'"),
    ("form: not listed", "200 'pass\\n'"),
    ("form: as JSON", "pass"),
    ("nobody is called", "200 pass"),
    ("refused", "400 error"),
    ("refused: no such trunk", "400 error"),
    ("refused: query", "400 error"),
    ("refused: form", "400 error"),
    ("Decision is", "block divert pass"),
    ("CallDirection is", "inbound outbound"),
    ("Format is", "json text"),
    ("another decision", "refused"),
    ("an answer with wrong types", "misfits: caller, status"),
    (
        "committed",
        "200 block | 603 | Decline | 1 | +14155550101 | default | reject",
    ),
];

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    generate(scene)?;
    let mut ids = Vec::new();
    for (number, action) in RULES {
        let added = scene
            .daemon
            .ask(&["rule", "add", number, "--action", action])?;
        let id = added.get("id").and_then(Value::as_u64);
        ids.push((number, id.context("no id of a rule")?.to_string()));
    }
    let call_id = scene.call_id();
    let seen = ask(scene, &["answers", &call_id])?;
    for (name, expected) in ROWS {
        let mut expected = (*expected).to_owned();
        for (number, id) in &ids {
            expected = expected.replace(&format!("ID of {number}"), id);
        }
        let seen = seen.get(*name).and_then(Value::as_str).unwrap_or("nothing");
        let name = format!("generated client: {name}");
        scene.report.case(&name, &expected, seen);
    }
    scene.report.case(
        "generated client: rows",
        &ROWS.len().to_string(),
        seen.len(),
    );
    std::thread::sleep(std::time::Duration::from_millis(500));
    let row = super::in_log(&scene.log()?, &call_id);
    scene.report.case(
        "generated client: committed, in the log",
        "companion refused 603",
        row,
    );
    for (_, id) in &ids {
        scene.daemon.ask(&["rule", "remove", id])?;
    }
    contract(scene)
}

/// Hundreds of questions, the same in every run, that are and are not as the description says: no answer
/// is an error of the daemon's or one that is not described, and what is forbidden is refused. That
/// something allowed is refused says nothing: no description says which trunks there are.
fn contract(scene: &mut Scene<'_>) -> Result<()> {
    let mut command: Command = python::command()?;
    command
        .args(["-m", "schemathesis.cli", "run"])
        .arg(format!("http://{SCREEN}/v1/openapi.json"))
        .args(["--generation-deterministic", "--max-examples", "40"])
        .args(["--exclude-checks", "positive_data_acceptance"])
        .args(["--suppress-health-check", "all", "--warnings", "off"])
        .args(["--continue-on-failure", "--no-color"])
        .env("NO_PROXY", "*")
        .current_dir(&scene.lab.folder);
    scene.lab.network.sbc.host(&mut command)?;
    let (success, output, errors) = scene.daemon.output(&mut command)?;
    let counts = output
        .lines()
        .find_map(|line| line.trim().split_once(" generated, "));
    let seen = match counts {
        Some((all, passed)) if success && passed == format!("{all} passed") => {
            let all: u64 = all.parse()?;
            scene
                .report
                .figures
                .insert("described_questions".to_owned(), all.into());
            if all > 300 {
                "all as described".to_owned()
            } else {
                format!("{all}, which is few")
            }
        }
        _ => format!("{output}{errors}"),
    };
    scene.report.case(
        "generated questions, and some that are not allowed",
        "all as described",
        seen,
    );
    Ok(())
}

/// More questions in a second than may be: the client knows that answer too.
pub(super) fn overload(scene: &mut Scene<'_>) -> Result<()> {
    let seen = ask(scene, &["overload"])?;
    let seen = seen.values().filter_map(Value::as_str).collect::<String>();
    // Some of them may have had room.
    let refused = seen.strip_prefix("200 pass ; ").unwrap_or(&seen);
    scene
        .report
        .case("limits: a generated client", "429 error", refused);
    Ok(())
}

/// Makes the client of what the daemon says of itself.
fn generate(scene: &mut Scene<'_>) -> Result<()> {
    let (code, document) = scene.http("GET /v1/openapi.json", "application/json", "")?;
    ensure!(code == 200, "no description: {code}");
    let folder = &scene.lab.folder;
    let file = folder.join("openapi.json");
    std::fs::write(&file, document)?;
    // What it writes is for a program to read: nothing makes it pretty.
    let settings = folder.join("client.yml");
    std::fs::write(&settings, "post_hooks: []\n")?;
    let mut command = python::command()?;
    command
        .args(["-m", "openapi_python_client", "generate", "--meta", "none"])
        .arg("--fail-on-warning")
        .arg("--config")
        .arg(&settings)
        .arg("--path")
        .arg(&file)
        .arg("--output-path")
        .arg(folder.join(CLIENT));
    let (success, output, errors) = scene.daemon.output(&mut command)?;
    let seen = if success {
        "without a warning".to_owned()
    } else {
        format!("{output}{errors}")
    };
    scene
        .report
        .case("generated client: made", "without a warning", seen);
    Ok(())
}

/// Asks through it; what was seen, by name.
fn ask(scene: &Scene<'_>, arguments: &[&str]) -> Result<Map<String, Value>> {
    let mut command: Command = python::command()?;
    command
        .arg(workspace::root()?.join("tests/scenarios/screen_client.py"))
        .arg(format!("http://{SCREEN}"))
        .args(arguments)
        .env("PYTHONPATH", &scene.lab.folder)
        .env("PYTHONDONTWRITEBYTECODE", "1");
    scene.lab.network.sbc.host(&mut command)?;
    let (success, output, errors) = scene.daemon.output(&mut command)?;
    ensure!(success, "the generated client failed: {errors}");
    serde_json::from_str(&output).context("the generated client printed no JSON")
}
