//! The commands of README.md and of the manual in `docs/`, typed as they are written there against
//! the real daemon: what is documented works. The word after the fence says what a block is, see
//! [`Kind`]; a block without one is a mistake, so that none is left out unnoticed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::daemon::{self, Daemon};
use super::{Case, Lab, Report};
use xtask::workspace;

/// Where the manual says that the configuration is.
const INSTALLED: &str = "/etc/blacklist/blacklistd.toml";

/// Where it says that lists are.
const LISTS: &str = "/srv/lists";

/// What rules of the manual need of the configuration.
const TARGET: &str =
    "[[answering.target]]\nname = \"operator\"\naddresses = [\"sip:600@198.18.0.1\"]\n";

/// What the word after a fence says of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// `sh`: each line calls blacklistd and is typed.
    Typed,
    /// `console`: cannot be run here. Of the lines that call blacklistd the options are checked.
    Console,
    /// `toml`: a part of the configuration, which a test of blacklistd reads.
    Configuration,
    /// `toml rules`: a file of rules, applied; its first line is a comment with its name.
    Rules,
    /// `text`: a picture.
    Text,
}

/// A block and the number of its first line.
struct Block<'a> {
    kind: Kind,
    line: usize,
    lines: Vec<&'a str>,
}

/// Runs the lab: each page has a daemon, an empty set of rules and a folder of its own.
pub(crate) fn run(lab: &Lab) -> Result<Report> {
    let folder = lab.folder.join("readme");
    let mut report = Report::default();
    for (name, text) in pages()? {
        let blocks = blocks(&text).with_context(|| name.clone())?;
        let is_tried = |block: &Block<'_>| !matches!(block.kind, Kind::Configuration | Kind::Text);
        if blocks.iter().any(is_tried) {
            write_files(&folder)?;
            let page = Page {
                lab,
                folder: &folder,
                name,
            };
            page.run(&blocks, &mut report)?;
        }
    }
    Ok(report)
}

/// README.md and the manual, with their names.
fn pages() -> Result<Vec<(String, String)>> {
    let root = workspace::root()?;
    let mut paths = vec![PathBuf::from("README.md")];
    for entry in std::fs::read_dir(root.join("docs")).context("cannot read docs")? {
        paths.push(Path::new("docs").join(entry?.file_name()));
    }
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(root.join(&path));
        Ok((name.clone(), text.with_context(|| name)?))
    };
    paths.into_iter().map(read).collect()
}

/// The fenced blocks of a page.
fn blocks(text: &str) -> Result<Vec<Block<'_>>> {
    let mut blocks = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for (number, line) in text.lines().enumerate() {
        let fence = line.trim_start().strip_prefix("```");
        match (fence, &mut open) {
            (Some(word), None) => {
                let kind = match word.trim() {
                    "sh" => Kind::Typed,
                    "console" => Kind::Console,
                    "toml" => Kind::Configuration,
                    "toml rules" => Kind::Rules,
                    "text" => Kind::Text,
                    other => bail!("line {}: no kind of block is named `{other}`", number + 1),
                };
                open = Some(Block {
                    kind,
                    line: number + 2,
                    lines: Vec::new(),
                });
            }
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (None, Some(block)) => block.lines.push(line.trim()),
            (None, None) => {}
        }
    }
    match open {
        Some(block) => bail!("the block of line {} does not end", block.line),
        None => Ok(blocks),
    }
}

/// A page that is tried.
struct Page<'a> {
    lab: &'a Lab,
    folder: &'a Path,
    name: String,
}

impl Page<'_> {
    fn run(&self, blocks: &[Block<'_>], report: &mut Report) -> Result<()> {
        let configuration = format!("{}{TARGET}", daemon::configuration(self.lab));
        let daemon = Daemon::start(self.lab, &configuration)?;
        for block in blocks {
            match block.kind {
                Kind::Typed | Kind::Console => {
                    for (number, line) in (block.line..).zip(&block.lines) {
                        let case = self.line(&daemon, block.kind, number, line)?;
                        report.cases.extend(case);
                    }
                }
                Kind::Rules => report.cases.push(self.rules_file(&daemon, block)?),
                Kind::Configuration | Kind::Text => {}
            }
        }
        daemon.ask(&["detach"])?;
        daemon.kill()?;
        std::fs::remove_dir_all(self.lab.folder.join("state"))
            .and_then(|()| std::fs::remove_dir_all(self.folder))
            .context("cannot remove the files of a page")
    }

    /// Types a line; of one that cannot be run here, asks whether its options exist. None where
    /// there is nothing to try.
    fn line(
        &self,
        daemon: &Daemon<'_>,
        kind: Kind,
        number: usize,
        line: &str,
    ) -> Result<Option<Case>> {
        let typed = line.split(" #").next().unwrap_or(line).trim();
        match (kind, typed.starts_with("blacklistd ")) {
            (_, true) => {}
            (Kind::Typed, false) if !line.is_empty() && !line.starts_with('#') => {
                bail!("{}:{number}: only blacklistd is called in `sh`", self.name)
            }
            _ => return Ok(None),
        }
        let command = match kind {
            Kind::Console => format!("{} --help", typed.split(" | ").next().unwrap_or(typed)),
            _ => typed.to_owned(),
        };
        self.shell(daemon, number, &command).map(Some)
    }

    /// Applies a file of rules, which later lines can name.
    fn rules_file(&self, daemon: &Daemon<'_>, block: &Block<'_>) -> Result<Case> {
        let name = block.lines.first().and_then(|line| line.strip_prefix("# "));
        let name = name.with_context(|| {
            format!(
                "{}:{}: a file of rules begins with its name",
                self.name, block.line
            )
        })?;
        std::fs::write(self.folder.join(name), block.lines.join("\n"))?;
        let command = format!("blacklistd apply -f {name} --dry-run");
        self.shell(daemon, block.line, &command)
    }

    fn shell(&self, daemon: &Daemon<'_>, number: usize, typed: &str) -> Result<Case> {
        let installed = self.lab.folder.join("blacklistd.toml");
        let lists = self.folder.display().to_string();
        let line = typed
            .replace(INSTALLED, &installed.display().to_string())
            .replace(LISTS, &lists);
        let mut command = Command::new("sh");
        command
            .arg("-c")
            .arg(format!("blacklistd() {{ \"$PROGRAM\" \"$@\"; }}; {line}"))
            .current_dir(self.folder)
            .env("PROGRAM", &self.lab.blacklistd)
            .env("BLACKLIST_CONFIG", installed)
            .env("BLACKLIST_SOCKET", daemon::socket(self.lab));
        let (success, _, errors) = daemon.output(&mut command)?;
        let seen = if success {
            "done".to_owned()
        } else {
            errors.trim().to_owned()
        };
        let name = format!("{}:{number} {typed}", self.name);
        Ok(Case::new(&name, "done", seen))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_of_the_manual_has_a_kind() {
        for (name, text) in pages().unwrap() {
            if let Err(error) = blocks(&text) {
                panic!("{name}: {error}");
            }
        }
        let text = "```sh\nblacklistd a # why\n```\n   ```toml rules\n   # a.toml\n   ```\n";
        let found = blocks(text).unwrap();
        let seen = found.iter().map(|block| (block.kind, block.line));
        assert_eq!(
            seen.collect::<Vec<_>>(),
            [(Kind::Typed, 2), (Kind::Rules, 5)]
        );
        assert_eq!(found[1].lines, ["# a.toml"]);
        for text in ["```\n```\n", "```bash\n```\n", "```sh\nblacklistd a\n"] {
            assert!(blocks(text).is_err(), "{text}");
        }
    }

    #[test]
    fn links_of_the_manual_lead_somewhere() {
        let root = workspace::root().unwrap();
        for (name, text) in pages().unwrap() {
            let folder = root.join(&name).parent().unwrap().to_path_buf();
            for link in text.split("](").skip(1) {
                let link = link.split(')').next().unwrap();
                let (path, heading) = link.split_once('#').unwrap_or((link, ""));
                let path = match path {
                    "" => root.join(&name),
                    path => folder.join(path),
                };
                let target = std::fs::read_to_string(&path);
                let target = target.unwrap_or_else(|error| panic!("{name}: {link}: {error}"));
                let mut headings = target.lines().filter(|line| line.starts_with('#'));
                let found = heading.is_empty() || headings.any(|line| anchor(line) == heading);
                assert!(found, "{name}: {link}: no such heading");
            }
        }
    }

    /// The name by which a heading is linked to.
    fn anchor(heading: &str) -> String {
        let text = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = text
            .chars()
            .filter(|c| c.is_alphanumeric() || " -".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    }
}
