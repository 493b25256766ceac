//! `list remove`.

use super::{ListName, view};
use crate::api::lists::ListObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;

/// The list that is removed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RemoveCommand {
    #[command(flatten)]
    list: ListName,
    /// Removes its rules with it.
    #[arg(long)]
    with_rules: bool,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(
    command: &RemoveCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let target = command.list.target().flag("with_rules", command.with_rules);
    let list: ListObject = client.delete(&command.manner.on(target))?;
    view::changed("is removed", &list, json)
}
