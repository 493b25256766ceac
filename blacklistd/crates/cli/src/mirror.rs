//! `blacklistd mirror`: a list in the form of other programs, once or kept up to date.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde::Serialize;

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use super::whole_file::WholeFile;
use super::word::word;
use blacklist_figures::Status;
use blacklist_model::ForeignFormat;
use blacklist_model::read_duration;
use blacklist_wire::MirrorReport;

/// What is written, how, and where.
#[derive(Debug, clap::Args)]
pub(super) struct MirrorCommand {
    /// The file to write, completely or not at all; `-` for stdout.
    file: PathBuf,
    /// Its form.
    #[arg(long, value_parser = word::<ForeignFormat>())]
    format: ForeignFormat,
    /// Only this list.
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// What to write instead of + [default: +, and nothing in prefix tables].
    #[arg(long, value_name = "TEXT")]
    plus: Option<String>,
    /// Continues, and rewrites the file when the rules in force have changed.
    #[arg(long)]
    follow: bool,
    /// How often to look for changes.
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = interval, requires = "follow")]
    every: Duration,
    /// Runs this shell command after the file was rewritten: kamcmd htable.reload blacklist.
    #[arg(long, value_name = "COMMAND")]
    then: Option<String>,
}

#[derive(Debug, Serialize)]
struct MirrorObject {
    file: String,
    #[serde(flatten)]
    report: MirrorReport,
}

fn interval(text: &str) -> Result<Duration, String> {
    match read_duration(text) {
        Ok(every) if every >= Duration::from_secs(1) => Ok(every),
        Ok(_) | Err(_) => Err(format!("\"{text}\" is not a time of at least 1s")),
    }
}

impl MirrorCommand {
    fn target(&self, path: &str) -> Target {
        Target::new(path)
            .key("format", self.format.as_str())
            .maybe("list", self.list.as_ref())
            .maybe("plus", self.plus.as_ref())
    }

    /// The text as it has to be now.
    fn fetch(&self, client: &Client) -> Result<Vec<u8>, CliError> {
        let mut text = Vec::new();
        client.get_stream(&self.target("/v1/mirror"), |data, _| {
            text.extend_from_slice(data);
            Ok(())
        })?;
        Ok(text)
    }

    /// Writes the file if its content has changed; says whether it was written.
    fn write(&self, client: &Client) -> Result<bool, CliError> {
        let text = self.fetch(client)?;
        if std::fs::read(&self.file).is_ok_and(|there| there == text) {
            return Ok(false);
        }
        let mut file = WholeFile::create(&self.file, true)?;
        file.write(&text)?;
        file.finish()?;
        Ok(true)
    }

    /// Runs the command for after a change.
    fn run_then(&self) -> Result<(), CliError> {
        let Some(then) = &self.then else {
            return Ok(());
        };
        let status = Command::new("sh")
            .args(["-c", then])
            .env("BLACKLIST_FILE", &self.file)
            .status()
            .map_err(|error| CliError::Failed(format!("cannot run a shell: {error}")))?;
        if status.success() {
            return Ok(());
        }
        Err(CliError::Failed(format!(
            "the file was written, but `{then}` failed ({status})"
        )))
    }
}

pub(super) fn run(
    command: &MirrorCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    if command.file == Path::new("-") {
        let text = command.fetch(client)?;
        return Ok(String::from_utf8_lossy(&text).trim_end().to_owned());
    }
    if command.follow {
        return follow(command, client);
    }
    if command.write(client)? {
        command.run_then()?;
    }
    let object = MirrorObject {
        file: command.file.display().to_string(),
        report: client.get(&command.target("/v1/mirror/report"))?,
    };
    if json {
        return output::json(&object);
    }
    Ok(view(&object))
}

fn view(object: &MirrorObject) -> String {
    let mut text = format!(
        "{} holds {}",
        object.file,
        blacklist_model::count(object.report.written, "number")
    );
    let notes: Vec<String> = object
        .report
        .left_out
        .iter()
        .map(|(why, count)| format!("left out: {count} of the {why}, which it cannot hold"))
        .collect();
    output::add_notes(&mut text, &notes);
    text
}

/// What the rules in force are known by: their generation, and when time changes them next.
type State = (u64, Option<String>);

/// Keeps the file in step until it is interrupted. While the daemon is away the file stays.
fn follow(command: &MirrorCommand, client: &Client) -> Result<String, CliError> {
    let mut written: Option<State> = None;
    let mut reported = String::new();
    loop {
        let problem = step(command, client, &mut written).err();
        let sentence = problem.map_or_else(String::new, |error| error.to_string());
        if sentence != reported && !sentence.is_empty() {
            eprintln!("blacklistd: {sentence}; retrying every {:?}", command.every);
        }
        reported = sentence;
        std::thread::sleep(command.every);
    }
}

fn step(
    command: &MirrorCommand,
    client: &Client,
    written: &mut Option<State>,
) -> Result<(), CliError> {
    let status: Status = client.get(&Target::new("/v1/status"))?;
    let state = (status.daemon.generation, status.next_transition);
    if written.as_ref() == Some(&state) {
        return Ok(());
    }
    let changed = command.write(client)?;
    if changed {
        command.run_then()?;
    }
    *written = Some(state);
    Ok(())
}
