//! `blacklistd rule`: the rules.

mod add;
mod edit;
mod enable;
mod list;
mod options;
mod remove;
mod show;
mod view;

use clap::Subcommand;

use super::client::Client;
use super::error::CliError;
pub(super) use options::DirectionWord;

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(super) enum RuleCommand {
    /// Adds a rule and puts it in force.
    Add(add::AddCommand),
    /// Lists all rules.
    List,
    /// Shows one rule.
    Show(RuleNumber),
    /// Changes a rule; what is not named stays.
    Edit(edit::EditCommand),
    /// Puts a rule in force.
    Enable(RuleNumber),
    /// Takes a rule out of force and keeps it.
    Disable(RuleNumber),
    /// Removes a rule.
    Remove(RuleNumber),
}

/// Which rule.
#[derive(Debug, clap::Args)]
pub(super) struct RuleNumber {
    /// The rule's id, as `rule list` shows it.
    id: u32,
}

impl RuleNumber {
    fn path(&self) -> String {
        format!("/v1/rules/{}", self.id)
    }
}

pub(super) fn run(command: RuleCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        RuleCommand::Add(command) => add::run(command, client, json),
        RuleCommand::List => list::run(client, json),
        RuleCommand::Show(rule) => show::run(&rule, client, json),
        RuleCommand::Edit(command) => edit::run(command, client, json),
        RuleCommand::Enable(rule) => enable::run(&rule, true, client, json),
        RuleCommand::Disable(rule) => enable::run(&rule, false, client, json),
        RuleCommand::Remove(rule) => remove::run(&rule, client, json),
    }
}
