//! The file that says everything, and what is remembered of every change.

use anyhow::Result;
use serde_json::Value;

use super::{Scene, numbers};

/// Exports, changes, applies, looks back and rolls back.
pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    let exported = scene.path("all.toml")?;
    scene.ask(&["export", "--format", "toml", &exported])?;
    let text = std::fs::read_to_string(&exported)?;
    let start = scene.generation()?;
    nothing_to_do(scene, &exported, start)?;

    // One rule less, one more, one changed; a list with it.
    let less = without_rule(&text, "comment = \"prefix\"\n");
    let changed = less.replace("\"longer prefix\"", "\"another comment\"");
    let more = format!(
        "{changed}\n[[list]]\nname = \"applied\"\n\n[[rule]]\npattern = \"+99831\"\n\
         list = \"applied\"\ncomment = \"applied\"\n"
    );
    let file = scene.write("changed.toml", more.as_bytes())?;
    let keys = ["added", "changed", "removed"];
    let dry = scene.ask(&["apply", "-f", &file, "--dry-run"])?;
    scene.report.case(
        "apply, dry",
        "added 1, changed 1, removed 1",
        numbers(&dry, &keys),
    );
    let unchanged = scene.generation()?;
    scene.report.case(
        "a dry run changes nothing",
        &start.to_string(),
        unchanged.to_string(),
    );
    let done = scene.ask(&["apply", "-f", &file])?;
    scene.report.case(
        "apply",
        "added 1, changed 1, removed 1",
        numbers(&done, &keys),
    );
    let applied = scene.generation()?;
    scene.report.case(
        "apply is one generation",
        &(start + 1).to_string(),
        applied.to_string(),
    );
    scene.place(
        "applied: new rule | +99831 | | blocked: applied
         applied: removed rule | +493012345678 | | through
         applied: changed rule | +4930551 | | blocked: another comment
         applied: rule that stays | +14155550101 | | blocked: exact",
    )?;
    mistakes(scene, &more)?;
    history(scene, start, applied)?;
    roll_back(scene, start, &text)
}

fn nothing_to_do(scene: &mut Scene<'_>, exported: &str, start: u64) -> Result<()> {
    let same = scene.ask(&["apply", "-f", exported])?;
    let seen = numbers(&same, &["added", "changed", "removed"]);
    scene.report.case(
        "what was exported changes nothing",
        "added 0, changed 0, removed 0",
        seen,
    );
    let after = scene.generation()?;
    scene.report.case(
        "no change is no generation",
        &start.to_string(),
        after.to_string(),
    );
    Ok(())
}

fn mistakes(scene: &mut Scene<'_>, text: &str) -> Result<()> {
    let line = text.lines().count();
    let wrong = format!("{text}\n[[rule]]\npatern = \"+99832\"\n\n[[rule]]\npattern = \"911\"\n");
    let file = scene.write("wrong.toml", wrong.as_bytes())?;
    let named = format!("wrong.toml:{}: unknown key", line + 3);
    scene.refused(
        "a mistake is named by its line",
        &["apply", "-f", &file],
        &named,
    )?;
    let hides = format!("{text}\n[[rule]]\npattern = \"911\"\n");
    let file = scene.write("hides.toml", hides.as_bytes())?;
    let named = format!("hides.toml:{}:", line + 2);
    scene.refused(
        "so is a rule that is refused",
        &["apply", "-f", &file],
        &named,
    )?;
    scene.place("a file with a mistake changes nothing | +99831 | | blocked: applied")
}

fn history(scene: &mut Scene<'_>, start: u64, applied: u64) -> Result<()> {
    let history = scene.ask(&["history", "--limit", "1"])?;
    let keys = ["added", "changed", "removed", "generation"];
    let row = history
        .pointer("/generations/0")
        .cloned()
        .unwrap_or_default();
    scene.report.case(
        "history names the change",
        &format!("added 2, changed 1, removed 1, generation {applied}"),
        numbers(&row, &keys),
    );
    let source = row
        .get("source")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let is_file = source.starts_with("apply ") && source.ends_with("changed.toml");
    scene.report.case(
        "and where it came from",
        "apply, the file",
        word(is_file, "apply, the file", source),
    );
    let (start, applied) = (start.to_string(), applied.to_string());
    let diff = scene.ask(&["diff", &start, &applied])?;
    scene.report.case(
        "diff of both generations",
        "added 2, changed 1, removed 1",
        numbers(&diff, &["added", "changed", "removed"]),
    );
    let audit = scene.ask(&["audit", "--limit", "1"])?;
    let text = audit.to_string();
    let has_both = text.contains("longer prefix") && text.contains("another comment");
    scene.report.case(
        "audit has before and after",
        "both",
        word(has_both, "both", &text),
    );
    let author = row
        .get("author")
        .and_then(Value::as_str)
        .unwrap_or_default();
    scene.report.case(
        "and who it was",
        "somebody",
        word(!author.is_empty(), "somebody", "nobody"),
    );
    Ok(())
}

fn roll_back(scene: &mut Scene<'_>, start: u64, text: &str) -> Result<()> {
    scene.ask(&["rollback", &start.to_string()])?;
    scene.place(
        "rolled back: new rule | +99831 | | through
         rolled back: changed rule | +4930551 | | blocked: longer prefix
         rolled back: removed rule | +493012345678 | | blocked: prefix",
    )?;
    let again = scene.path("again.toml")?;
    scene.ask(&["export", "--format", "toml", &again])?;
    let is_same = std::fs::read_to_string(&again)? == text;
    scene.report.case(
        "a rollback brings back every byte",
        "the same",
        word(is_same, "the same", "another export"),
    );
    Ok(())
}

fn word(is_so: bool, yes: &str, no: &str) -> String {
    if is_so { yes } else { no }.to_owned()
}

/// The file without the `[[rule]]` that has a line.
fn without_rule(text: &str, line: &str) -> String {
    let mut parts: Vec<&str> = text.split("[[rule]]\n").collect();
    let found = parts.iter().skip(1).position(|part| part.contains(line));
    if let Some(place) = found {
        parts.remove(place + 1);
    }
    parts.join("[[rule]]\n")
}
