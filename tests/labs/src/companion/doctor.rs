//! `blacklistd doctor` on the lab's SBC: what is sound is said to be, and what is made wrong is found.

use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::Scene;
use crate::rows::rows;

impl Scene<'_> {
    /// What the doctor finds with a configuration: subjects that are worse than a note, and all
    /// sentences.
    fn examine(&self, configuration: &str) -> Result<(String, String)> {
        let file = self.lab.folder.join("doctor.toml");
        std::fs::write(&file, configuration)?;
        let mut command = Command::new(&self.lab.blacklistd);
        command.args(["doctor", "--json", "--config"]).arg(&file);
        self.lab.network.sbc.host(&mut command)?;
        let (success, output, errors) = self.daemon.output(&mut command)?;
        let report: Value = serde_json::from_str(&output).with_context(|| errors.clone())?;
        let findings = report
            .get("findings")
            .and_then(Value::as_array)
            .context("no findings")?;
        let text = |finding: &Value, key: &str| {
            let text = finding.get(key).and_then(Value::as_str);
            text.unwrap_or_default().to_owned()
        };
        let worse: Vec<String> = findings
            .iter()
            .filter(|finding| !matches!(text(finding, "level").as_str(), "well" | "note"))
            // Nobody has to hold the clock of who runs a lab.
            .filter(|finding| text(finding, "subject") != "clock")
            .map(|finding| text(finding, "subject"))
            .collect();
        let clock_alone = worse.is_empty() && !success;
        let all: Vec<String> = findings.iter().map(|one| text(one, "finding")).collect();
        if !clock_alone && success != worse.is_empty() {
            return Ok(("the exit code says otherwise".to_owned(), all.join("; ")));
        }
        Ok((worse.join(" "), all.join("; ")))
    }
}

/// Mistakes by their names: what of the configuration is replaced by what, what the doctor names, and
/// words of its sentence.
const MISTAKES: &str = r#"
another port | ports = [5060] | ports = [5090] | ports | kamailio listens on UDP port 5060
another interface | "trunk0" | "trunk9" | interface | there is no interface trunk9
a redirect server that nobody is | :5065 | :5066 | companion | does not answer
a mode that is not in force | "enforce" | "monitor" | daemon | enforce is in force
a key that is none | mode = | mood = | configuration | unknown key
"#;

/// Runs while Kamailio listens.
pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    let sound = scene.configuration("");
    let state = scene.lab.folder.join("state");
    let mode = |mode: u32| {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(&state, std::fs::Permissions::from_mode(mode))
    };
    mode(0o755)?;
    let (worse, _) = scene.examine(&sound)?;
    scene
        .report
        .case("doctor: a folder open to all", "files", worse);
    mode(0o700)?;
    let (worse, _) = scene.examine(&sound)?;
    scene.report.case("doctor: a sound installation", "", worse);
    for row in rows(MISTAKES) {
        let [name, before, after, subject, sentence] = *row else {
            bail!("a mistake has five columns: {}", row.join(" | "));
        };
        let (worse, all) = scene.examine(&sound.replacen(before, after, 1))?;
        scene
            .report
            .case(&format!("doctor: {name}"), subject, worse);
        let told = all.contains(sentence);
        let seen = if told { "said".to_owned() } else { all };
        scene
            .report
            .case(&format!("doctor: {name}: in words"), "said", seen);
    }
    Ok(())
}
