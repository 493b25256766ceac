//! The commands of README.md, typed as they stand there, against the real daemon: what is
//! documented works.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::daemon::{self, Daemon};
use super::{Case, Lab, Report};
use xtask::workspace;

/// The lines that are tried stand under this heading.
const HEADING: &str = "\n## Commands\n";
/// Where README.md says that the configuration is.
const INSTALLED: &str = "/etc/blacklist/blacklistd.toml";

/// Where it says that lists are.
const LISTS: &str = "/srv/lists";

/// Runs the lab.
pub(crate) fn run(lab: &Lab) -> Result<Report> {
    let daemon = Daemon::start(lab, &daemon::configuration(lab))?;
    let text = std::fs::read_to_string(workspace::root()?.join("README.md"))
        .context("cannot read README.md")?;
    let commands = commands(&text);
    if commands.is_empty() {
        bail!("README.md has no commands under {}", HEADING.trim());
    }
    let folder = lab.folder.join("readme");
    write_files(&folder)?;
    let mut report = Report::default();
    for command in commands {
        report
            .cases
            .push(daemon_command(lab, &daemon, &folder, command)?);
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

/// Files that the commands speak of.
fn write_files(folder: &Path) -> Result<()> {
    let capture = workspace::root()?.join("tests/data/captures/veth.pcap");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text);
    std::fs::create_dir(folder)
        .and_then(|()| write("complaints.csv", COMPLAINTS))
        .and_then(|()| write("blocked.csv", "+14155552101\n+14155552102\n"))
        .and_then(|()| write("invite.txt", INVITE))
        .and_then(|()| std::fs::copy(capture, folder.join("trunk.pcap")).map(drop))
        .with_context(|| {
            format!(
                "cannot write the files of the commands to {}",
                folder.display()
            )
        })
}

const COMPLAINTS: &str = "Company_Phone_Number,Created_Date,Subject\n\
    (415) 555-2001,2026-01-01,Robocall\n415-555-2002,2026-01-02,\"Sales, again\"\n\
    911,2026-01-03,A line that is no rule\n";

const INVITE: &str = "INVITE sip:+13125550199@sbc.example.com SIP/2.0\r\n\
    Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nMax-Forwards: 70\r\n\
    From: <sip:+14155550100@carrier.example.net>;tag=1\r\n\
    To: <sip:+13125550199@sbc.example.com>\r\nCall-ID: 1@carrier.example.net\r\n\
    CSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n";

fn daemon_command(lab: &Lab, daemon: &Daemon<'_>, folder: &Path, line: &str) -> Result<Case> {
    let typed = line.split(" #").next().unwrap_or(line).trim();
    let installed = lab.folder.join("blacklistd.toml").display().to_string();
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!(
            "blacklistd() {{ \"$PROGRAM\" \"$@\"; }}; {}",
            typed
                .replace(INSTALLED, &installed)
                .replace(LISTS, &folder.display().to_string())
        ))
        .current_dir(folder)
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
