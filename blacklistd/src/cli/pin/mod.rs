//! `blacklistd pin`: PINs by which callers get past the rules.

mod ask;
mod list;
mod remove;
mod rotate;
mod set;
mod unlock;
mod view;

use clap::Subcommand;

use super::client::Client;
use super::error::CliError;
use super::manner::MannerOptions;
use super::target::Target;

/// What to do with PINs.
#[derive(Debug, Subcommand)]
pub(super) enum PinCommand {
    /// Sets the PIN of a scope; asks for it, or reads it from a pipe.
    Set(set::SetCommand),
    /// Makes a new PIN in the place of a scope's, and prints it this once.
    Rotate(OneScope),
    /// Removes the PIN of a scope.
    Remove(OneScope),
    /// Lists scopes that have a PIN, and since when; never PINs.
    List,
    /// Forgets the wrong tries for a local number, so that PINs are compared again.
    Unlock(unlock::UnlockCommand),
}

/// Whose PIN.
#[derive(Debug, clap::Args)]
pub(super) struct OneScope {
    /// `global`, `account:NAME`, `group:NAME`, or `number:` and a local number.
    #[arg(value_name = "SCOPE")]
    scope: String,
    #[command(flatten)]
    manner: MannerOptions,
}

impl OneScope {
    fn target(&self) -> Target {
        Target::new("/v1/pins").part(&self.scope)
    }
}

pub(super) fn run(command: &PinCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        PinCommand::Set(command) => set::run(command, client, json),
        PinCommand::Rotate(scope) => rotate::run(scope, client, json),
        PinCommand::Remove(scope) => remove::run(scope, client, json),
        PinCommand::List => list::run(client, json),
        PinCommand::Unlock(command) => unlock::run(command, client, json),
    }
}
