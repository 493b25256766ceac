//! Lists that become lists of the other kind, and rules that are written twice: what is shown,
//! checked, exported and applied says the same of them.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Scene, numbers};

/// Two numbers, one of them in directions that overlap.
const TWICE: &str = "number,direction\n+99845,inbound\n+99845,both\n+99846,inbound\n";

/// Changes the kind of a list, and writes rules twice.
pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.ask(&["list", "add", "kinds"])?;
    other_kind(scene)?;
    written_twice(scene)?;
    scene.ask(&["list", "remove", "kinds", "--with-rules"])?;
    Ok(())
}

fn other_kind(scene: &mut Scene<'_>) -> Result<()> {
    let rule = ["+99841", "--list", "kinds", "--action", "drop"];
    let id = scene.add_rule("kinds", &rule)?;
    let to_allow = ["list", "edit", "kinds", "--allow"];
    let named = format!("settings of rule {id} are for block rules");
    scene.refused("a rule of its own stands in the way", &to_allow, &named)?;
    scene.place("a list that stays what it is | +99841 | | blocked: kinds")?;

    scene.ask(&["rule", "edit", &id, "--inherit", "action"])?;
    scene.ask(&to_allow)?;
    scene.place("a list that lets through | +99841 | | through: kinds")?;
    let shown = scene.ask(&["rule", "show", &id])?;
    let word = |key| shown.get(key).and_then(Value::as_str).unwrap_or_default();
    let seen = format!("{}, {}", word("kind"), word("action"));
    scene.report.case("its rule says so", "allow, pass", seen);
    scene.ask(&["rule", "edit", &id, "--comment", "still"])?;
    let file = scene.path("kinds.toml")?;
    scene.ask(&["export", "--format", "toml", &file])?;
    let dry = scene.ask(&["apply", "-f", &file, "--dry-run"])?;
    scene.report.case(
        "what was exported changes nothing",
        "added 0, changed 0, removed 0",
        numbers(&dry, &["added", "changed", "removed"]),
    );
    Ok(())
}

fn written_twice(scene: &mut Scene<'_>) -> Result<()> {
    let file = scene.write("twice.csv", TWICE.as_bytes())?;
    let import = ["import", &file, "--list", "kinds"];
    let named = "overlaps line 2";
    scene.refused("a line that overlaps another one", &import, named)?;
    let done = scene.ask(&[&import[..], &["--skip-bad"]].concat())?;
    let line = done.pointer("/bad_lines/0/line").context("no bad line")?;
    let seen = format!("{}, line {line}", numbers(&done, &["added", "bad"]));
    scene
        .report
        .case("the other lines are taken", "added 2, bad 1, line 3", seen);

    let rule = "[[rule]]\npattern = \"+99847\"\nlist = \"kinds\"\ndirection = ";
    let text = format!("{rule}\"inbound\"\n\n{rule}\"both\"\n");
    let file = scene.write("twice.toml", text.as_bytes())?;
    let named = "twice.toml:6: the rule +99847 is already on line 1";
    scene.refused("a rule that is given twice", &["apply", "-f", &file], named)
}
