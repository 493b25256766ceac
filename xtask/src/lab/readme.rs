//! The commands of README.md, typed as they stand there, against the real daemon: what is
//! documented works.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::daemon::{self, Daemon};
use super::{Case, Lab, Report};
use crate::workspace;

/// The lines that are tried stand under this heading.
const HEADING: &str = "\n## Commands\n";
/// Where README.md says that the configuration is.
const INSTALLED: &str = "/etc/blacklist/blacklistd.toml";

/// Runs the lab.
pub(crate) fn run(lab: &Lab) -> Result<Report> {
    let daemon = Daemon::start(lab, &daemon::configuration(lab))?;
    let text = std::fs::read_to_string(workspace::root()?.join("README.md"))
        .context("cannot read README.md")?;
    let commands = commands(&text);
    if commands.is_empty() {
        bail!("README.md has no commands under {}", HEADING.trim());
    }
    let mut report = Report {
        name: "readme",
        ..Report::default()
    };
    for command in commands {
        report.cases.push(daemon_command(lab, &daemon, command)?);
    }
    Ok(report)
}

/// The lines of the section that call the program; the daemon itself is running already.
fn commands(text: &str) -> Vec<&str> {
    let section = text.split_once(HEADING).map_or("", |(_, rest)| rest);
    let section = section
        .split_once("\n## ")
        .map_or(section, |(section, _)| section);
    section
        .lines()
        .filter(|line| line.starts_with("blacklistd ") && !line.starts_with("blacklistd run "))
        .collect()
}

fn daemon_command(lab: &Lab, daemon: &Daemon<'_>, line: &str) -> Result<Case> {
    let typed = line.split(" #").next().unwrap_or(line).trim();
    let installed = lab.folder.join("blacklistd.toml").display().to_string();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!(
            "blacklistd() {{ \"$PROGRAM\" \"$@\"; }}; {}",
            typed.replace(INSTALLED, &installed)
        ))
        .env("PROGRAM", &lab.blacklistd)
        .env("BLACKLIST_SOCKET", daemon::socket(lab));
    let (success, _, errors) = daemon.output(&mut command)?;
    let seen = if success {
        "done".to_owned()
    } else {
        errors.trim().to_owned()
    };
    Ok(Case::new(typed, "done", seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_section_is_read() {
        let text = "blacklistd a\n## Commands\n```\nblacklistd b 1 # why\nblacklistd run x\n```\n## Next\nblacklistd c\n";
        assert_eq!(commands(text), ["blacklistd b 1 # why"]);
    }
}
