//! `pin set`.

use super::{OneScope, ask, view};
use crate::api::pins::{PinChanged, PinRequest};
use crate::cli::client::Client;
use crate::cli::error::CliError;

/// The PIN that is set.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SetCommand {
    #[command(flatten)]
    scope: OneScope,
    /// Makes one and prints it this once, instead of asking for it.
    #[arg(long)]
    generate: bool,
}

pub(super) fn run(command: &SetCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let request = PinRequest {
        pin: if command.generate {
            None
        } else {
            Some(ask::pin()?.digits().to_owned())
        },
    };
    let scope = &command.scope;
    let changed: PinChanged = client.put(&scope.manner.on(scope.target()), &request)?;
    view::changed("is set", &changed, json)
}
