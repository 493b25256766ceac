//! What holds when the daemon dies without a warning right behind an acknowledged change, and what
//! is in a backup that was made while it ran.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Scene, configuration, number};
use crate::daemon::Daemon;

/// Makes a backup, kills the daemon behind a change, and looks at what is there afterwards.
pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    let backup = scene.path("backup.sqlite")?;
    scene.ask(&["backup", &backup])?;
    let kept = everything(scene)?;

    let id = scene.add_rule("last words", &["+99821"])?;
    let generation = scene.generation()?;
    scene.restart()?;
    scene.place(
        "a change right before a kill holds | +99821 | | blocked: last words
         so do earlier ones | +14155550101 | | blocked: exact",
    )?;
    scene.report.case(
        "the generation is known again",
        &generation.to_string(),
        scene.generation()?.to_string(),
    );
    let shown = scene.ask(&["rule", "show", &id])?;
    let calls = number(&shown, "calls").context("a rule without a count of calls")?;
    scene
        .report
        .case("a rule counts on", "1", calls.to_string());

    restore(scene, &backup)?;
    let restored = everything(scene)?;
    scene
        .report
        .case("a backup holds everything", &kept, restored);
    scene.place(
        "not in the backup | +99821 | | through
         in the backup | +14155550101 | | blocked: exact",
    )
}

/// What is exported, in figures that tell a difference.
fn everything(scene: &Scene<'_>) -> Result<String> {
    let path = scene.path("everything.toml")?;
    scene.ask(&["export", "--format", "toml", &path, "--force"])?;
    let text = std::fs::read(&path)?;
    let rules = scene.ask(&["rule", "list"])?;
    let count = rules.get("total").or_else(|| rules.get("rules"));
    Ok(format!(
        "{} bytes, {} rules, generation {}, sum {:x}",
        text.len(),
        count.map(rule_count).unwrap_or_default(),
        scene.generation()?,
        sum(&text)
    ))
}

fn rule_count(value: &Value) -> u64 {
    value
        .as_u64()
        .or_else(|| value.as_array().map(|rules| rules.len() as u64))
        .unwrap_or_default()
}

/// FNV-1a (RFC 9923, 2): the same for the same bytes.
fn sum(text: &[u8]) -> u64 {
    text.iter().fold(0xCBF2_9CE4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// Puts a backup in the place of the database, as an operator would after a loss.
fn restore(scene: &mut Scene<'_>, backup: &str) -> Result<()> {
    scene.replace(|scene| {
        let state = scene.lab.folder.join("state");
        let database = std::fs::read_dir(&state)?
            .filter_map(std::result::Result::ok)
            .map(|entry| entry.path())
            .filter(|path| path.is_file())
            .collect::<Vec<_>>();
        let main = database
            .iter()
            .find(|path| {
                path.extension()
                    .is_some_and(|end| end == "sqlite" || end == "db")
            })
            .context("the state directory holds no database")?
            .clone();
        for file in database {
            let is_part = file
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&*main_name(&main)));
            if is_part {
                std::fs::remove_file(file)?;
            }
        }
        std::fs::copy(backup, &main)?;
        Ok(())
    })
}

fn main_name(path: &std::path::Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

impl Scene<'_> {
    /// Kills the daemon and starts it again.
    pub(super) fn restart(&mut self) -> Result<()> {
        self.replace(|_| Ok(()))
    }

    /// Kills the daemon, does something, and starts it again.
    fn replace(&mut self, meanwhile: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        self.daemon.kill()?;
        meanwhile(self)?;
        self.daemon = Daemon::start(self.lab, &configuration(self.lab))?;
        Ok(())
    }
}
