//! What people do with the log: they look for a number, block it, and want it forgotten.

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::traffic::Kind;
use super::{Scene, array, configuration, number};

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    paged(scene)?;
    filtered(scene)?;
    one_call(scene)?;
    blocked_out_of_the_sample(scene)?;
    forgotten(scene)?;
    hidden(scene)
}

fn calls(scene: &Scene<'_>, filters: &[&str]) -> Result<Vec<Value>> {
    let list = scene.ask(&[&["calls"], filters].concat())?;
    Ok(array(&list, "calls")?.clone())
}

/// Pages of the log.
fn paged(scene: &mut Scene<'_>) -> Result<()> {
    let first = calls(scene, &["--limit", "10"])?;
    let last = first.last().context("no call")?;
    let before = number(last, "/id").to_string();
    let second = calls(scene, &["--limit", "10", "--before", &before])?;
    let ids: Vec<u64> = first
        .iter()
        .chain(&second)
        .map(|call| number(call, "/id"))
        .collect();
    let in_order = ids
        .windows(2)
        .all(|pair| matches!(pair, [one, other] if one == &(other + 1)));
    scene.report.case(
        "two pages, one behind the other",
        "20 true",
        format!("{} {in_order}", ids.len()),
    );
    Ok(())
}

/// Filters of the log.
fn filtered(scene: &mut Scene<'_>) -> Result<()> {
    let rows: [(&str, &[&str], &str, &str); 5] = [
        (
            "by caller",
            &["--caller", "00493012345678"],
            "/caller",
            "+493012345678",
        ),
        (
            "by beginning",
            &["--caller", "+49*"],
            "/caller",
            "+493012345678",
        ),
        (
            "by outcome",
            &["--outcome", "monitored"],
            "/caller",
            "+33123456789",
        ),
        (
            "by list",
            &["--list", "nuisance", "--trunk", "carrier"],
            "/list",
            "nuisance",
        ),
        (
            "by trunk",
            &["--trunk", "trusted-carrier", "--since", "1h"],
            "/trunk",
            "trusted-carrier",
        ),
    ];
    for (name, filters, key, expected) in rows {
        let found = calls(scene, filters)?;
        let all = found
            .iter()
            .all(|call| call.pointer(key).and_then(Value::as_str) == Some(expected));
        scene.report.case(
            &format!("calls {name}"),
            "some, and only these",
            match (found.len(), all) {
                (0, _) => "none".to_owned(),
                (_, true) => "some, and only these".to_owned(),
                (_, false) => "others too".to_owned(),
            },
        );
    }
    Ok(())
}

/// A row as it is.
fn one_call(scene: &mut Scene<'_>) -> Result<()> {
    let call = calls(scene, &["--trunk", "trusted-carrier", "--limit", "1"])?;
    let call = call.first().context("no call")?;
    let of = |key: &str| {
        call.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    scene.report.case(
        "a call of the trusted trunk",
        "p-asserted-identity none +14155550101 nuisance +13125550100",
        format!(
            "{} {} {} {} {}",
            of("identity"),
            of("verstat"),
            of("caller"),
            of("list"),
            of("called")
        ),
    );
    Ok(())
}

/// "Block the last caller."
fn blocked_out_of_the_sample(scene: &mut Scene<'_>) -> Result<()> {
    scene.send(&[Kind::Unlisted], 1, 1)?;
    std::thread::sleep(std::time::Duration::from_millis(500));
    let seen = scene.ask(&["seen", "--search", "3105550001", "--limit", "1"])?;
    let call = array(&seen, "calls")?.first().context("nothing is seen")?;
    let of = |key: &str| call.get(key).and_then(Value::as_str).unwrap_or_default();
    scene.report.case(
        "seen: who passed",
        "+13105550001 no-rule carrier",
        format!("{} {} {}", of("caller"), of("outcome"), of("trunk")),
    );
    let rule = scene.ask(&[
        "rule",
        "add",
        "--last-caller",
        "--comment",
        "from the sample",
    ])?;
    let pattern = rule
        .get("pattern")
        .and_then(Value::as_str)
        .unwrap_or_default();
    scene
        .report
        .case("rule add --last-caller", "+13105550001", pattern);
    let checked = scene.ask(&[
        "check",
        "+13105550001",
        "+13125550100",
        "--trunk",
        "carrier",
    ])?;
    let decision = checked
        .get("decision")
        .and_then(Value::as_str)
        .unwrap_or_default();
    scene
        .report
        .case("and the next call is blocked", "block", decision);
    scene.ask(&["rule", "remove", &number(&rule, "/id").to_string()])?;
    let logged = calls(scene, &["--outcome", "monitored", "--limit", "1"])?;
    let id = number(logged.first().context("no call")?, "/id").to_string();
    let rule = scene.ask(&["rule", "add", "--from-call", &id, "--dry-run"])?;
    let pattern = rule
        .get("pattern")
        .and_then(Value::as_str)
        .unwrap_or_default();
    scene
        .report
        .case("rule add --from-call", "+33123456789", pattern);
    Ok(())
}

/// A number of which nothing is to be known.
fn forgotten(scene: &mut Scene<'_>) -> Result<()> {
    let before = calls(scene, &["--caller", "+33123456789", "--limit", "10000"])?.len();
    let forgotten = scene.ask(&["calls", "forget", "+33 123456789"])?;
    scene.report.case(
        "forgotten calls",
        &before.to_string(),
        number(&forgotten, "/calls"),
    );
    let after = calls(scene, &["--caller", "+33123456789"])?.len();
    let stats = scene.ask(&["stats"])?;
    let busy = array(&stats, "callers")?
        .iter()
        .filter(|one| one.get("number").and_then(Value::as_str) == Some("+33123456789"))
        .count();
    scene.report.case(
        "and nothing of them is left",
        "0 0",
        format!("{after} {busy}"),
    );
    let found = std::fs::read(scene.lab.folder.join("state/calls.db"))?
        .windows(12)
        .any(|window| window == b"+33123456789");
    scene.report.case("in the file either", "false", found);
    scene.nothing_goes_back("a number is forgotten")
}

/// Numbers that are not written down at all.
fn hidden(scene: &mut Scene<'_>) -> Result<()> {
    let hiding = format!("{}\n[calls]\npseudonyms = true\n", configuration(scene.lab));
    scene.daemon.kill()?;
    scene.restart(&format!("{hiding}\n[kernel]\nmaximum_calls = 200000\n"))?;
    scene.send(&[Kind::Prefix], 5, 1)?;
    scene.wait_until_counted()?;
    let newest = calls(scene, &["--limit", "1"])?;
    let caller = newest
        .first()
        .and_then(|call| call.get("caller"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    scene.report.case(
        "a pseudonym",
        "true",
        caller.starts_with('~') && caller.len() == 16,
    );
    let found = calls(scene, &["--caller", &caller])?.len();
    scene.report.case("is found by itself", "5", found);
    let newest = calls(scene, &["--caller", "+493012345678", "--limit", "5"])?;
    let by_number = newest
        .iter()
        .filter(|call| call.get("caller").and_then(Value::as_str) == Some(caller.as_str()))
        .count();
    scene.report.case("and by its number", "5", by_number);
    scene.nothing_goes_back("pseudonyms")
}
