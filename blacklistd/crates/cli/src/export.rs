//! `blacklistd export`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde::Serialize;

use super::client::Client;
use super::error::CliError;
use super::target::Target;
use super::whole_file::WholeFile;
use super::{output, progress};

/// What is written, and where.
#[derive(Debug, clap::Args)]
pub(super) struct ExportCommand {
    /// The file to write [default: stdout].
    file: Option<PathBuf>,
    /// `csv` for `import`, `toml` for `apply` [default: by the file's name, else csv].
    #[arg(long, value_enum)]
    format: Option<FormatWord>,
    /// Only this list.
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// Only rules for this scope.
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// Only rules with this kind of pattern: exact, prefix, wildcard, anonymous, unverified, everything.
    #[arg(long = "match", value_name = "HOW")]
    matching: Option<String>,
    /// Only rules with this text in the pattern, number or comment.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only rules of this origin: manual, apply, import:GENERATION, feed:NAME.
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Overwrites an existing file.
    #[arg(long)]
    force: bool,
}

/// A form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatWord {
    /// Rules, a line each.
    Csv,
    /// Lists, scopes and rules.
    Toml,
}

#[derive(Debug, Serialize)]
struct ExportObject {
    file: String,
    bytes: u64,
}

impl ExportCommand {
    fn format(&self) -> &'static str {
        let by_name = self
            .file
            .as_ref()
            .and_then(|file| file.extension())
            .is_some_and(|extension| extension == "toml");
        match (self.format, by_name) {
            (Some(FormatWord::Toml), _) | (None, true) => "toml",
            (Some(FormatWord::Csv), _) | (None, false) => "csv",
        }
    }
}

pub(super) fn run(
    command: &ExportCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let target = Target::new("/v1/export")
        .key("format", command.format())
        .maybe("list", command.list.as_ref())
        .maybe("scope", command.scope.as_ref())
        .maybe("match", command.matching.as_ref())
        .maybe("search", command.search.as_ref())
        .maybe("origin", command.origin.as_ref());
    download(
        command.file.as_deref(),
        command.force,
        &target,
        client,
        json,
    )
}

/// Writes an answer to a file, or to stdout if none is named.
pub(super) fn download(
    file: Option<&Path>,
    force: bool,
    target: &Target,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let Some(path) = file else {
        let mut output = std::io::stdout().lock();
        client.get_stream(target, |data, _| {
            output.write_all(data).map_err(CliError::failed)
        })?;
        return Ok(String::new());
    };
    let bytes = write(path, force, target, client, json)?;
    let object = ExportObject {
        file: path.display().to_string(),
        bytes,
    };
    if json {
        return output::json(&object);
    }
    Ok(format!("{} holds {bytes} bytes", object.file))
}

/// Writes the file; returns how many bytes it has.
fn write(
    path: &Path,
    force: bool,
    target: &Target,
    client: &Client,
    json: bool,
) -> Result<u64, CliError> {
    let mut file = WholeFile::create(path, force)?;
    let bar = progress::bytes(None, "export", json);
    let mut bytes = 0;
    client.get_stream(target, |data, length| {
        if let Some(length) = length {
            bar.set_length(length);
        }
        bytes += data.len() as u64;
        bar.set_position(bytes);
        file.write(data)
    })?;
    bar.finish_and_clear();
    file.finish()?;
    Ok(bytes)
}
