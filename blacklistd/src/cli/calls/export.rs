//! `calls export`.

use std::path::PathBuf;

use clap::ValueEnum;

use super::Filters;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::export::download;

/// What is written, and where.
#[derive(Debug, clap::Args)]
pub(super) struct ExportCommand {
    /// The file that is written; stdout if none is named.
    file: Option<PathBuf>,
    /// `csv`, or `jsonl` for a JSON object on each line [default: by the file's name, else csv].
    #[arg(long, value_enum)]
    format: Option<FormatWord>,
    #[command(flatten)]
    filters: Filters,
    /// Calls that are written at most.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Replaces a file that is there.
    #[arg(long)]
    force: bool,
}

/// A form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatWord {
    /// A table.
    Csv,
    /// A JSON object on each line.
    Jsonl,
}

pub(super) fn run(
    command: &ExportCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let by_name = command
        .file
        .as_ref()
        .and_then(|file| file.extension())
        .is_some_and(|extension| extension == "jsonl" || extension == "ndjson");
    let format = match (command.format, by_name) {
        (Some(FormatWord::Jsonl), _) | (None, true) => "jsonl",
        (Some(FormatWord::Csv), _) | (None, false) => "csv",
    };
    let target = command
        .filters
        .target("/v1/calls/export")
        .key("format", format)
        .maybe("limit", command.limit);
    download(
        command.file.as_deref(),
        command.force,
        &target,
        client,
        json,
    )
}
