//! `blacklistd scope`: for whom rules and lists are.

mod add;
mod edit;
mod list;
mod member;
mod remove;
mod show;
mod view;

use clap::Subcommand;

use super::client::Client;
use super::error::CliError;
use super::target::Target;

/// What to do with scopes.
#[derive(Debug, Subcommand)]
pub(super) enum ScopeCommand {
    /// Adds an account, a group, or the scope of a local number.
    Add(add::AddCommand),
    /// Lists scopes.
    List(list::ListCommand),
    /// Shows one scope.
    Show(ScopeName),
    /// Changes a scope; what is not named stays.
    Edit(edit::EditCommand),
    /// Removes a scope that no rule and no list names.
    Remove(ScopeName),
    /// Says which local numbers belong to an account or group.
    #[command(subcommand)]
    Member(member::MemberCommand),
}

/// Which scope.
#[derive(Debug, clap::Args)]
pub(super) struct ScopeName {
    /// `global`, `account:NAME`, `group:NAME`, or `number:` and a local number.
    #[arg(value_name = "SCOPE")]
    name: String,
}

impl ScopeName {
    fn target(&self) -> Target {
        Target::new("/v1/scopes").part(&self.name)
    }

    fn members(&self) -> Target {
        Target::new(&format!("{}/members", self.target().as_str()))
    }
}

pub(super) fn run(command: &ScopeCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        ScopeCommand::Add(command) => add::run(command, client, json),
        ScopeCommand::List(command) => list::run(command, client, json),
        ScopeCommand::Show(name) => show::run(name, client, json),
        ScopeCommand::Edit(command) => edit::run(command, client, json),
        ScopeCommand::Remove(name) => remove::run(name, client, json),
        ScopeCommand::Member(command) => member::run(command, client, json),
    }
}
