//! `blacklistd rule`: the rules.

mod action;
mod add;
mod edit;
mod enable;
mod from_call;
mod list;
mod options;
mod remove;
mod show;
mod view;

use clap::Subcommand;

use super::client::Client;
use super::error::CliError;
use super::target::Target;
use crate::rules::RuleId;
pub(super) use action::ActionParser;
pub(super) use view::changed;

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(super) enum RuleCommand {
    /// Adds rules and puts them in force.
    Add(Box<add::AddCommand>),
    /// Lists rules.
    List(list::ListCommand),
    /// Shows one rule: what it is, whether it is in force, what it counted.
    Show(RuleNumber),
    /// Changes a rule; what is not named stays.
    Edit(Box<edit::EditCommand>),
    /// Puts rules in force.
    Enable(RuleNumbers),
    /// Takes rules out of force and keeps them.
    Disable(RuleNumbers),
    /// Removes rules.
    Remove(RuleNumbers),
}

/// Which rule.
#[derive(Debug, clap::Args)]
pub(super) struct RuleNumber {
    /// The rule's id, as `rule list` shows it.
    id: u32,
}

impl RuleNumber {
    fn target(&self) -> Target {
        Target::new("/v1/rules").part(self.id)
    }
}

/// Which rules.
#[derive(Debug, clap::Args)]
pub(super) struct RuleNumbers {
    /// Their ids, as `rule list` shows them. Several are one change.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<u32>,
}

impl RuleNumbers {
    fn ids(&self) -> Vec<RuleId> {
        self.ids.iter().copied().map(RuleId).collect()
    }
}

pub(super) fn run(command: RuleCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        RuleCommand::Add(command) => add::run(*command, client, json),
        RuleCommand::List(command) => list::run(&command, client, json),
        RuleCommand::Show(rule) => show::run(&rule, client, json),
        RuleCommand::Edit(command) => edit::run(&command, client, json),
        RuleCommand::Enable(rules) => enable::run(&rules, true, client, json),
        RuleCommand::Disable(rules) => enable::run(&rules, false, client, json),
        RuleCommand::Remove(rules) => remove::run(&rules, client, json),
    }
}
