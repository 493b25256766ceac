//! `blacklistd list`: named lists.

mod add;
mod assign;
mod edit;
mod enable;
mod list_all;
mod remove;
mod show;
mod view;

use clap::Subcommand;

use super::client::Client;
use super::error::CliError;
use super::target::Target;

/// What to do with lists.
#[derive(Debug, Subcommand)]
pub(super) enum ListCommand {
    /// Adds a list.
    Add(add::AddCommand),
    /// Shows all lists.
    List,
    /// Shows one list.
    Show(ListName),
    /// Changes what the rules of a list inherit; what is not named stays.
    Edit(edit::EditCommand),
    /// Puts a list's rules in force.
    Enable(ListName),
    /// Takes a list's rules out of force as a whole and keeps them.
    Disable(ListName),
    /// Assigns a list to scopes.
    Assign(assign::AssignCommand),
    /// Takes a list off scopes.
    Unassign(assign::AssignCommand),
    /// Removes a list.
    Remove(remove::RemoveCommand),
}

/// Which list.
#[derive(Debug, clap::Args)]
pub(super) struct ListName {
    /// The list's name.
    name: String,
}

impl ListName {
    fn target(&self) -> Target {
        Target::new("/v1/lists").part(&self.name)
    }
}

pub(super) fn run(command: &ListCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        ListCommand::Add(command) => add::run(command, client, json),
        ListCommand::List => list_all::run(client, json),
        ListCommand::Show(name) => show::run(name, client, json),
        ListCommand::Edit(command) => edit::run(command, client, json),
        ListCommand::Enable(name) => enable::run(name, true, client, json),
        ListCommand::Disable(name) => enable::run(name, false, client, json),
        ListCommand::Assign(command) => assign::run(command, true, client, json),
        ListCommand::Unassign(command) => assign::run(command, false, client, json),
        ListCommand::Remove(command) => remove::run(command, client, json),
    }
}
