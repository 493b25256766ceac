//! `list assign` and `list unassign`.

use super::{ListName, view};
use crate::api::lists::{AssignRequest, ListObject};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::target::Target;

/// A list and scopes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AssignCommand {
    #[command(flatten)]
    list: ListName,
    /// The scopes.
    #[arg(required = true, value_name = "SCOPE")]
    scopes: Vec<String>,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(
    command: &AssignCommand,
    assigned: bool,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let request = AssignRequest {
        scopes: command.scopes.clone(),
    };
    let target = Target::new(&format!("{}/scopes", command.list.target().as_str()));
    let target = command.manner.on(target);
    let list: ListObject = if assigned {
        client.post(&target, &request)?
    } else {
        client.delete_these(&target, &request)?
    };
    let verb = if assigned {
        "is assigned"
    } else {
        "is taken off"
    };
    view::changed(verb, &list, json)
}
