//! `blacklistd grant`: who may call whom for a while, whatever the rules say.

mod add;
mod list;
mod revoke;

use clap::Subcommand;

use super::client::Client;
use super::error::CliError;
use crate::api::grants::GrantObject;

/// What to do with grants.
#[derive(Debug, Subcommand)]
pub(super) enum GrantCommand {
    /// Lets two parties call each other, whatever the rules say.
    Add(add::AddCommand),
    /// Lists grants that hold.
    List,
    /// Ends grants.
    Revoke(revoke::RevokeCommand),
}

/// Until when a grant holds.
fn until(grant: &GrantObject) -> String {
    let until = match &grant.until {
        Some(time) => time.clone(),
        None => "revoked".to_owned(),
    };
    if grant.once {
        format!("{until}, for one call")
    } else {
        until
    }
}

pub(super) fn run(command: &GrantCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        GrantCommand::Add(command) => add::run(command, client, json),
        GrantCommand::List => list::run(client, json),
        GrantCommand::Revoke(command) => revoke::run(command, client, json),
    }
}
