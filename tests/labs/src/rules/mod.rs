//! Everything that an operator can say about calls, said through the command line, and tried with
//! calls: patterns, scopes, lists, times, files, feeds, and what holds when the daemon dies. Each
//! call is placed, and the same message is shown to `blacklistd check`: what became of it, what
//! the engine says and what the program in the kernel says must be one answer.

mod calls;
mod captures;
mod changes;
mod declarative;
mod durability;
mod feeds;
mod files;
mod patterns;
mod scopes;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use self::calls::Call;
use super::daemon::{self, Daemon};
use super::{Lab, Report, answerer};

/// A lab with a daemon in which things are tried one after the other.
pub(crate) struct Scene<'a> {
    lab: &'a Lab,
    daemon: Daemon<'a>,
    report: Report,
    /// Calls placed so far.
    placed: usize,
}

/// Runs the lab.
pub(crate) fn run(lab: &Lab) -> Result<Report> {
    answerer::start(lab, &calls::destinations()?)?;
    let mut scene = Scene {
        lab,
        daemon: Daemon::start(lab, &configuration(lab))?,
        report: Report {
            name: "rules",
            ..Report::default()
        },
        placed: 0,
    };
    scene.add_rules(patterns::RULES)?;
    scope_rules(&mut scene)?;
    let mut calls = patterns::calls();
    calls.extend(scopes::calls());
    scene.place(&calls)?;

    let parts: [(&str, Part); 6] = [
        ("changes", changes::run),
        ("files", files::run),
        ("declarative", declarative::run),
        ("feeds", feeds::run),
        ("captures", captures::run),
        ("durability", durability::run),
    ];
    for (name, part) in parts {
        // What could not be tried further is one case that failed; the other parts stand alone.
        if let Err(error) = part(&mut scene) {
            scene
                .report
                .case(name, "tried to its end", format!("{error:#}"));
        }
    }
    Ok(scene.report)
}

/// Things that are tried one after the other.
type Part = fn(&mut Scene<'_>) -> Result<()>;

/// The address of our own users; no carrier has it.
const USERS: &str = "fd00:b1ac::1";

fn configuration(lab: &Lab) -> String {
    format!(
        "{}\n[[trunk]]\nname = \"users\"\npeers = [\"{USERS}/128\"]\ndirection = \"outbound\"\n\
         trusted = false\ndial_plan = \"us\"\n",
        daemon::configuration(lab)
    )
}

fn scope_rules(scene: &mut Scene<'_>) -> Result<()> {
    for arguments in scopes::COMMANDS {
        scene.ask(arguments)?;
    }
    scene.ask(&scopes::shared_list())?;
    scene.add_rules(scopes::RULES)
}

impl Scene<'_> {
    /// Calls the command line; a failure ends the lab.
    fn ask(&self, arguments: &[&str]) -> Result<Value> {
        self.daemon.ask(arguments)
    }

    /// Adds rules: a name, which becomes the comment, and what `rule add` is given.
    fn add_rules(&self, rules: &[(&str, &[&str])]) -> Result<()> {
        for (name, arguments) in rules {
            self.add_rule(name, arguments)?;
        }
        Ok(())
    }

    /// Adds a rule and returns its number.
    fn add_rule(&self, name: &str, arguments: &[&str]) -> Result<String> {
        let all = [&["rule", "add"], arguments, &["--comment", name]].concat();
        let added = self.ask(&all)?;
        Ok(number(&added, "id")
            .with_context(|| format!("`{}` printed no id", all.join(" ")))?
            .to_string())
    }

    /// Tries a command that must be refused; notes whether its sentence says so.
    fn refused(&mut self, name: &str, arguments: &[&str], expected: &str) -> Result<()> {
        let seen = match self.daemon.try_ask(arguments)? {
            Ok(_) => "it was done".to_owned(),
            Err(sentence) if sentence.contains(expected) => expected.to_owned(),
            Err(sentence) => sentence.trim().to_owned(),
        };
        self.report.case(name, expected, seen);
        Ok(())
    }

    /// Places calls at once and notes what became of each.
    fn place(&mut self, calls: &[Call]) -> Result<()> {
        let cases = calls::place_all(self.lab, &self.daemon, self.placed, calls)?;
        self.placed += calls.len();
        self.report.cases.extend(cases);
        Ok(())
    }

    /// Writes a file into the lab's folder and returns its path.
    fn write(&self, name: &str, text: &[u8]) -> Result<String> {
        let path = self.lab.folder.join(name);
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        self.path(name)
    }

    /// The path of a file in the lab's folder.
    fn path(&self, name: &str) -> Result<String> {
        match self.lab.folder.join(name).into_os_string().into_string() {
            Ok(path) => Ok(path),
            Err(path) => bail!("{} is no text", path.display()),
        }
    }

    /// The number of the newest generation.
    fn generation(&self) -> Result<u64> {
        let history = self.ask(&["history", "--limit", "1"])?;
        history
            .pointer("/generations/0/generation")
            .and_then(Value::as_u64)
            .context("history printed no generation")
    }
}

fn number(value: &Value, key: &str) -> Option<u64> {
    value.get(key).and_then(Value::as_u64)
}

/// Some numbers of an object as a sentence, such as `added 2, removed 1`.
fn numbers(value: &Value, keys: &[&str]) -> String {
    let shown: Vec<String> = keys
        .iter()
        .map(
            |key| match value.pointer(&format!("/{}", key.replace('.', "/"))) {
                Some(found) => format!("{key} {found}"),
                None => format!("no {key}"),
            },
        )
        .collect();
    shown.join(", ")
}
