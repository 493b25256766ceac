//! Lists as others keep them: written, kept in step, and read back.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Scene;
use crate::daemon;

/// How soon a file has to follow its list.
const SOON: Duration = Duration::from_secs(5);

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.daemon.ask(&["list", "add", "kept"])?;
    for pattern in ["+14155559001", "+4930*", "+49?0*"] {
        scene
            .daemon
            .ask(&["rule", "add", pattern, "--list", "kept"])?;
    }
    for (format, expected) in [
        ("plain", "2"),
        ("kamailio-htable", "1"),
        ("kamailio-userblocklist", "2"),
        ("opensips-userblacklist", "2"),
        ("asterisk", "1"),
    ] {
        let file = scene.lab.folder.join(format);
        let path = file.display().to_string();
        let told = scene
            .daemon
            .ask(&["mirror", &path, "--format", format, "--list", "kept"])?;
        let number = told.get("written").and_then(Value::as_u64);
        scene.report.case(
            &format!("mirror: {format}: numbers"),
            expected,
            number.unwrap_or_default(),
        );
    }
    in_step(scene)?;
    read_back(scene)
}

/// The file follows the list, and something is run when it does.
fn in_step(scene: &mut Scene<'_>) -> Result<()> {
    let file = scene.lab.folder.join("followed");
    let mark = scene.lab.folder.join("followed.ran");
    let mut command = Command::new(&scene.lab.blacklistd);
    command
        .arg("--socket")
        .arg(daemon::socket(scene.lab))
        .arg("mirror")
        .arg(&file)
        .args(["--format", "kamailio-htable", "--list", "kept"])
        .args(["--follow", "--every", "1s", "--then"])
        .arg(format!("wc -l < \"$BLACKLIST_FILE\" > {}", mark.display()));
    let process = scene.lab.spawn(&mut command, "mirror.log")?;
    let until = |lines: &str| {
        let begun = Instant::now();
        loop {
            let seen = std::fs::read_to_string(&mark).unwrap_or_default();
            if seen.trim() == lines || begun.elapsed() > SOON {
                return seen.trim().to_owned();
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    scene
        .report
        .case("mirror: in step: lines at first", "2", until("2"));
    scene
        .daemon
        .ask(&["rule", "add", "+14155559002", "--list", "kept"])?;
    scene
        .report
        .case("mirror: in step: a rule more", "3", until("3"));
    scene.daemon.ask(&["list", "disable", "kept"])?;
    scene
        .report
        .case("mirror: in step: the list switched off", "1", until("1"));
    scene.daemon.ask(&["list", "enable", "kept"])?;
    let mut child = crate::cleanup::lock(&process);
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// What was written for others is the same when it is read in.
fn read_back(scene: &mut Scene<'_>) -> Result<()> {
    let file = scene.lab.folder.join("written");
    let path = file.display().to_string();
    // With the sign that a dial plan needs to know a whole number.
    let format = ["--format", "kamailio-userblocklist", "--list", "kept"];
    scene
        .daemon
        .ask(&[&["mirror", &path, "--plus=+"], format.as_slice()].concat())?;
    scene.daemon.ask(&["list", "add", "back"])?;
    let report = scene
        .daemon
        .ask(&["import", &path, "--format", "db-text", "--list", "back"])?;
    let added = report.get("added").and_then(Value::as_u64);
    scene
        .report
        .case("import: db-text: rules", "3", added.unwrap_or_default());
    let show = scene.lab.folder.join("shown");
    std::fs::write(
        &show,
        "/blacklist/4155559003                             : 1\n1 results found.\n",
    )?;
    let path = show.display().to_string();
    scene
        .daemon
        .ask(&["import", &path, "--format", "asterisk", "--list", "back"])?;
    let rules = scene.daemon.ask(&["rule", "list", "--list", "back"])?;
    let rules = rules
        .get("rules")
        .and_then(Value::as_array)
        .context("no rules")?;
    let mut patterns: Vec<&str> = rules
        .iter()
        .filter_map(|rule| rule.get("pattern").and_then(Value::as_str))
        .collect();
    patterns.sort_unstable();
    // Entries of a userblocklist are beginnings.
    scene.report.case(
        "import: as they are written",
        "+14155559001* +14155559002* +4930* 4155559003",
        patterns.join(" "),
    );
    Ok(())
}
