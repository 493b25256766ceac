//! `blacklistd rule`: the rules.

mod action;
mod add;
mod edit;
mod from_call;
mod list;
mod options;
mod view;

use clap::Subcommand;

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
pub(super) use action::ActionParser;
use blacklist_model::{RuleEdit, RuleId};
use blacklist_wire::{EditRequest, RuleObject, RulesChanged};
pub(super) use view::changed;

/// What to do with rules.
#[derive(Debug, Subcommand)]
pub(super) enum RuleCommand {
    /// Adds rules and puts them in force.
    Add(Box<add::AddCommand>),
    /// Lists rules.
    List(list::ListCommand),
    /// Shows one rule: its settings, whether it is in force, what it counted.
    Show(RuleNumber),
    /// Changes a rule; options that are not given stay unchanged.
    Edit(Box<edit::EditCommand>),
    /// Puts rules in force.
    Enable(RuleNumbers),
    /// Puts rules out of force and keeps them.
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
        RuleCommand::Show(rule) => show(&rule, client, json),
        RuleCommand::Edit(command) => edit::run(&command, client, json),
        RuleCommand::Enable(rules) => enable(&rules, true, client, json),
        RuleCommand::Disable(rules) => enable(&rules, false, client, json),
        RuleCommand::Remove(rules) => remove(&rules, client, json),
    }
}

fn show(rule: &RuleNumber, client: &Client, json: bool) -> Result<String, CliError> {
    let rule: RuleObject = client.get(&rule.target())?;
    if json {
        return output::json(&rule);
    }
    Ok(view::details(&rule))
}

fn enable(
    numbers: &RuleNumbers,
    enabled: bool,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let request = EditRequest {
        rules: numbers.ids(),
        edit: RuleEdit {
            enabled: Some(enabled),
            ..RuleEdit::default()
        },
    };
    let changed: RulesChanged = client.patch(&Target::new("/v1/rules"), &request)?;
    let verb = if enabled { "is enabled" } else { "is disabled" };
    view::one_or_several(verb, changed, json)
}

fn remove(numbers: &RuleNumbers, client: &Client, json: bool) -> Result<String, CliError> {
    let request = EditRequest {
        rules: numbers.ids(),
        edit: RuleEdit::default(),
    };
    let changed: RulesChanged = client.delete_these(&Target::new("/v1/rules"), &request)?;
    view::one_or_several("is removed", changed, json)
}
