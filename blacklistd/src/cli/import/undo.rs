//! `import undo`.

use crate::api::history::UndoneObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::target::Target;
use crate::cli::{output, rollback};

/// Which import.
#[derive(Debug, clap::Args)]
pub(super) struct UndoCommand {
    /// The import's generation, as it was told and as `history` shows it.
    generation: u64,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(command: &UndoCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new(&format!("/v1/imports/{}/undo", command.generation));
    let undone: UndoneObject = client.post(&command.manner.on(target), &serde_json::json!({}))?;
    if json {
        return output::json(&undone);
    }
    Ok(rollback::view(
        &format!("import {} is undone", command.generation),
        &undone,
    ))
}
