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
mod lists;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use self::calls::Call;
use super::daemon::{self, Daemon};
use super::rows::{rows, under, words};
use super::{Lab, Report, answerer};

/// Rules of every kind, and calls that show what each names and what it does not.
const PATTERNS: &str = include_str!("patterns.txt");
/// The same for whom they are made.
const SCOPES: &str = include_str!("scopes.txt");

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
        report: Report::default(),
        placed: 0,
    };
    scene.add_rules(PATTERNS)?;
    for command in under(SCOPES, "commands")?.lines() {
        scene.ask(&words(command))?;
    }
    let shared: String = (200..225)
        .map(|end| format!(" --scope number:+13125550{end}"))
        .collect();
    scene.ask(&words(&format!("list add shared{shared}")))?;
    scene.add_rules(SCOPES)?;
    scene.place(&[under(PATTERNS, "calls")?, under(SCOPES, "calls")?].concat())?;

    let parts: [(&str, Part); 7] = [
        ("changes", changes::run),
        ("files", files::run),
        ("declarative", declarative::run),
        ("lists", lists::run),
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

impl Scene<'_> {
    /// Calls the command line; a failure ends the lab.
    fn ask(&self, arguments: &[&str]) -> Result<Value> {
        self.daemon.ask(arguments)
    }

    /// Adds the rules of a table: a name, which becomes the comment, and what `rule add` is given.
    fn add_rules(&self, table: &str) -> Result<()> {
        for row in rows(under(table, "rules")?) {
            let [name, arguments] = *row else {
                bail!("a rule has two columns: {}", row.join(" | "));
            };
            self.add_rule(name, &words(arguments))?;
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

    /// Places calls at once, a row each, and notes what became of each.
    fn place(&mut self, calls: &str) -> Result<()> {
        let calls: Vec<Call> = rows(calls)
            .map(|row| Call::of(&row))
            .collect::<Result<_>>()?;
        let cases = calls::place_all(self.lab, &self.daemon, self.placed, &calls)?;
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
