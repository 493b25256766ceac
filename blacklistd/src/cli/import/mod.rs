//! `blacklistd import`: files of rules.

mod file;
mod undo;

use super::client::Client;
use super::error::CliError;

/// A file, or the way back.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct ImportCommand {
    #[command(subcommand)]
    undo: Option<Undo>,
    #[command(flatten)]
    file: file::FileCommand,
}

#[derive(Debug, clap::Subcommand)]
enum Undo {
    /// Takes back all that an import did.
    Undo(undo::UndoCommand),
}

pub(super) fn run(
    command: &ImportCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    match &command.undo {
        Some(Undo::Undo(command)) => undo::run(command, client, json),
        None => file::run(&command.file, client, json),
    }
}
