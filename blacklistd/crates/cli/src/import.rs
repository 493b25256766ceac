//! `blacklistd import`: files of rules.

use std::fs::File;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};

use blacklist_model::{ForeignSource, RuleKind};
use blacklist_wire::{ImportReport, ImportRequest, UndoneObject};
use clap::ValueEnum;

use super::change_options::ChangeOptions;
use super::client::Client;
use super::error::CliError;
use super::history;
use super::local::LocalCommands;
use super::output;
use super::progress;
use super::target::Target;
use super::word::word;

/// A file, or the way back.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct ImportCommand {
    #[command(subcommand)]
    undo: Option<Undo>,
    #[command(flatten)]
    file: FileCommand,
}

#[derive(Debug, clap::Subcommand)]
enum Undo {
    /// Undoes an import.
    Undo(UndoCommand),
}

pub(super) fn run(
    command: &ImportCommand,
    local: &dyn LocalCommands,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    match &command.undo {
        Some(Undo::Undo(command)) => undo_import(command, client, json),
        None => import_file(&command.file, local, client, json),
    }
}

/// Bad lines that are shown.
const SHOWN: usize = 20;

/// A file of rules.
#[derive(Debug, clap::Args)]
pub(super) struct FileCommand {
    /// A CSV file or a plain list of numbers; `-` reads stdin.
    #[arg(required = true, value_name = "FILE")]
    file: Option<PathBuf>,
    /// List of the rules whose line does not name one [default: default].
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// Scopes of the rules whose line does not name any. May be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// Rules let calls through.
    #[arg(long, conflicts_with = "block")]
    allow: bool,
    /// Rules block calls.
    #[arg(long)]
    block: bool,
    /// Dial plan of the rules whose line does not name one.
    #[arg(long, value_name = "NAME")]
    dial_plan: Option<String>,
    /// Comment of the rules whose line does not have one.
    #[arg(long, value_name = "TEXT", default_value = "")]
    comment: String,
    /// Meaning of the columns: `number=Company_Phone_Number,comment=Subject`.
    #[arg(long, value_name = "FIELD=COLUMN,...")]
    map: Option<String>,
    /// The delimiter between columns: comma, semicolon, tab, pipe [default: detected].
    #[arg(long, value_name = "WHAT")]
    delimiter: Option<String>,
    /// The character encoding: utf-8, utf-16le, windows-1252, ... [default: detected].
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Whether the first line holds column names [default: detected].
    #[arg(long, value_enum, value_name = "YES")]
    header: Option<YesNo>,
    /// The file is from another program: `db-text` for tables of Kamailio's htable and userblocklist and of
    /// OpenSIPS's userblacklist, `asterisk` for what `database show blacklist` prints.
    #[arg(long, value_parser = word::<ForeignSource>(), value_name = "WHOSE", conflicts_with_all = ["map", "delimiter", "header", "encoding"])]
    format: Option<ForeignSource>,
    /// Imports the valid lines even if there are invalid ones.
    #[arg(long)]
    skip_bad: bool,
    /// Writes the invalid lines to this file, each with the reason.
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Reads and checks everything and changes nothing.
    #[arg(long)]
    dry_run: bool,
    /// Imports despite warnings that the configuration turns into errors.
    #[arg(long)]
    force: bool,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum YesNo {
    /// It does.
    Yes,
    /// It does not.
    No,
}

impl FileCommand {
    fn request(&self, file: &Path) -> ImportRequest {
        ImportRequest {
            file: match file.file_name() {
                Some(name) if name != "-" => name.to_string_lossy().into_owned(),
                Some(_) | None => "stdin".to_owned(),
            },
            list: self.list.clone(),
            scopes: self.scopes.clone(),
            kind: match (self.allow, self.block) {
                (true, _) => Some(RuleKind::Allow),
                (false, true) => Some(RuleKind::Block),
                (false, false) => None,
            },
            dial_plan: self.dial_plan.clone(),
            comment: self.comment.clone(),
            map: match self.format {
                Some(_) => Some("pattern=1,kind=2,scope=3,comment=4".to_owned()),
                None => self.map.clone(),
            },
            delimiter: match self.format {
                Some(_) => Some("comma".to_owned()),
                None => self.delimiter.clone(),
            },
            encoding: self.encoding.clone(),
            has_header: match self.format {
                Some(format) => Some(format == ForeignSource::DbText),
                None => self.header.map(|header| header == YesNo::Yes),
            },
            skip_bad: self.skip_bad,
            dry_run: self.dry_run,
            force: self.force,
            rejects: self.rejects.is_some(),
        }
    }
}

fn import_file(
    command: &FileCommand,
    local: &dyn LocalCommands,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let file = command.file.clone().unwrap_or_default();
    let request = command.request(&file);
    let (input, length): (Box<dyn Read + Send>, Option<u64>) = if file == Path::new("-") {
        (Box::new(std::io::stdin()), None)
    } else {
        let opened = File::open(&file).map_err(|error| {
            CliError::Failed(format!("cannot read {}: {error}", file.display()))
        })?;
        let length = opened.metadata().ok().map(|metadata| metadata.len());
        (Box::new(opened), length)
    };
    // What is sent has another length than what is read.
    let length = length.filter(|_| command.format.is_none());
    let input: Box<dyn Read + Send> = match command.format {
        Some(format) => local.foreign_as_csv(input, format),
        None => input,
    };
    let bar = progress::bytes(length, &request.file, json);
    let shown = bar.clone();
    let request_text = serde_json::to_string(&request).map_err(CliError::failed)?;
    let target = Target::new("/v1/imports").key("request", request_text);
    let report: Result<ImportReport, CliError> =
        client.post_stream(&target, input, move |sent| progress::sent(&shown, sent));
    bar.finish_and_clear();
    let report = report?;
    if let (Some(path), Some(number)) = (&command.rejects, report.rejects) {
        fetch_rejects(path, number, client)?;
    }
    let text = if json {
        output::json(&report)?
    } else {
        view(&report, command.rejects.as_deref())
    };
    // The report is printed for a file that was refused, too.
    match (&report.refused, json) {
        (None, _) => Ok(text),
        (Some(_), false) => Err(CliError::Failed(text)),
        (Some(_), true) => Err(CliError::Report(text)),
    }
}

fn fetch_rejects(path: &Path, number: u64, client: &Client) -> Result<(), CliError> {
    let cannot = |error: std::io::Error| {
        CliError::Failed(format!("cannot write {}: {error}", path.display()))
    };
    let mut file = File::create(path).map_err(cannot)?;
    let target = Target::new("/v1/rejects").part(number);
    client.get_stream(&target, |data, _| file.write_all(data).map_err(cannot))?;
    file.sync_all().map_err(cannot)
}

fn view(report: &ImportReport, rejects: Option<&Path>) -> String {
    let mut lines = Vec::new();
    for bad in report.bad_lines.iter().take(SHOWN) {
        lines.push(format!("{}:{}: {}", report.file, bad.line, bad.reason));
    }
    let shown = report.bad_lines.len().min(SHOWN) as u64;
    if report.bad > shown {
        lines.push(format!("... and {} more", report.bad - shown));
    }
    let counts = format!(
        "{}: {} read, {} new, {} repeated in the file, {} already present, {} invalid",
        report.file,
        blacklist_model::count(report.lines, "line"),
        report.added,
        report.duplicates,
        report.present,
        report.bad
    );
    let end = match (&report.refused, report.generation, report.dry_run) {
        (Some(why), _, _) => why.clone(),
        (None, Some(generation), _) => {
            format!("generation {generation}; `blacklistd import undo {generation}` undoes it")
        }
        (None, None, true) => "dry run: nothing was changed".to_owned(),
        (None, None, false) => "nothing to change".to_owned(),
    };
    lines.push(format!("{counts}; {end}"));
    lines.push(format!(
        "read as: {}; delimiter {}; encoding {}",
        report.columns.join(", "),
        report.delimiter,
        report.encoding
    ));
    if let Some(path) = rejects.filter(|_| report.bad > 0) {
        lines.push(format!("all invalid lines are in {}", path.display()));
    }
    let mut text = lines.join("\n");
    output::add_notes(&mut text, &report.warnings);
    text
}

/// Which import.
#[derive(Debug, clap::Args)]
pub(super) struct UndoCommand {
    /// The import's generation, as `import` reported it and `history` shows it.
    generation: u64,
    #[command(flatten)]
    change: ChangeOptions,
}

fn undo_import(command: &UndoCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new(&format!("/v1/imports/{}/undo", command.generation));
    let undone: UndoneObject = client.post(&command.change.on(target), &serde_json::json!({}))?;
    if json {
        return output::json(&undone);
    }
    Ok(history::undone(
        &format!("import {} is undone", command.generation),
        &undone,
    ))
}
