//! Questions without a call: by numbers, by a message, by a capture, with a candidate beside.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Scene, numbers};
use xtask::workspace;

/// Asks in each of the ways.
pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    by_numbers(scene)?;
    let capture = workspace::root()?.join("tests/data/captures/veth.pcap");
    let capture = capture
        .to_str()
        .context("a path that is no text")?
        .to_owned();
    replay(scene, &capture)?;
    candidate(scene, &capture)?;
    lint(scene)
}

fn by_numbers(scene: &mut Scene<'_>) -> Result<()> {
    let rows = [
        ("(415) 555-0101", "+13125550100", "block exact, agree true"),
        ("+4989123456", "+13125550120", "pass white, agree true"),
        ("+14155550101", "911", "pass , agree true"),
        ("bot-5", "+13125550108", "block star in a name, agree true"),
    ];
    for (caller, called, expected) in rows {
        let answer = scene.ask(&["check", caller, called, "--trunk", "carrier"])?;
        let agree = answer.get("agree").cloned().unwrap_or_default();
        let seen = format!(
            "{} {}, agree {agree}",
            text(&answer, "/decision"),
            text(&answer, "/rule/comment")
        );
        scene
            .report
            .case(&format!("check {caller} {called}"), expected, seen);
    }
    Ok(())
}

/// The calls of the capture and what the rules say of them.
fn replay(scene: &mut Scene<'_>, capture: &str) -> Result<()> {
    let answer = scene.ask(&["replay", capture])?;
    let rows = [
        ("exact@lab", "block +14155550101, sent 2"),
        ("prefix@lab", "block +4930*, sent 1"),
        ("fragmented@lab", "pass , sent 1"),
        ("six@lab", "pass , sent 1"),
        ("six-fragmented@lab", "pass , sent 1"),
    ];
    for (call_id, expected) in rows {
        let seen = match call(&answer, call_id) {
            Some(call) => format!(
                "{} {}, {}",
                text(call, "/now/decision"),
                text(call, "/now/pattern"),
                numbers(call, &["sent"])
            ),
            None => "not among the calls".to_owned(),
        };
        scene
            .report
            .case(&format!("replay {call_id}"), expected, seen);
    }
    scene.report.case(
        "engine and kernel say the same of all",
        "disagreements 0",
        numbers(&answer, &["disagreements"]),
    );
    Ok(())
}

fn candidate(scene: &mut Scene<'_>, capture: &str) -> Result<()> {
    let candidate = scene.write(
        "candidate.toml",
        b"[[rule]]\npattern = \"+13105550001\"\ncomment = \"candidate\"\n\n[[rule]]\npattern = \"+4930*\"\ncomment = \"prefix\"\n",
    )?;
    let answer = scene.ask(&["replay", capture, "--rules", &candidate])?;
    let changed: Vec<String> = answer
        .get("calls")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|call| call.get("changes") == Some(&Value::Bool(true)))
        .filter_map(|call| Some(call.get("call_id")?.as_str()?.to_owned()))
        .collect();
    scene.report.case(
        "replay with a candidate: what would change",
        "exact@lab, fragmented@lab",
        changed.join(", "),
    );
    Ok(())
}

fn call<'a>(answer: &'a Value, call_id: &str) -> Option<&'a Value> {
    let calls = answer.get("calls")?.as_array()?;
    calls.iter().find(|call| text(call, "/call_id") == call_id)
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn lint(scene: &mut Scene<'_>) -> Result<()> {
    scene.add_rule("shadowed", &["+4930123"])?;
    let found = scene.ask(&["lint"])?;
    let sentences = found
        .get("findings")
        .and_then(Value::as_array)
        .map(Vec::len);
    let has_any = if sentences.unwrap_or_default() > 0 {
        "findings"
    } else {
        "nothing"
    };
    scene
        .report
        .case("lint finds something", "findings", has_any.to_owned());
    Ok(())
}
