//! `rule edit`.

use clap::ValueEnum;

use super::options::RuleOptions;
use super::{RuleNumber, view};
use crate::change_options::ChangeOptions;
use crate::client::Client;
use crate::error::CliError;
use blacklist_model::{Override, RuleEdit};
use blacklist_wire::RuleObject;

/// What is changed of a rule.
#[derive(Debug, clap::Args)]
pub(crate) struct EditCommand {
    #[command(flatten)]
    rule: RuleNumber,
    /// Its new pattern.
    #[arg(long, value_name = "PATTERN")]
    pattern: Option<String>,
    #[command(flatten)]
    options: RuleOptions,
    /// Puts the rule in force.
    #[arg(long, conflicts_with = "disabled")]
    enabled: bool,
    /// Settings to inherit from the list again; times and schedules are removed.
    #[arg(long, value_enum, value_name = "WHAT", value_delimiter = ',')]
    inherit: Vec<Inherited>,
    #[command(flatten)]
    change: ChangeOptions,
}

/// What a rule can have of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Inherited {
    /// Block or allow.
    Kind,
    /// For whom.
    Scope,
    /// For calls of which direction.
    Direction,
    /// What it asks for.
    Action,
    /// Whether allow rules of narrower scopes leave it in force.
    Mandatory,
    /// The time from which it is valid.
    From,
    /// The time until which it is valid.
    Until,
    /// The weekly schedule.
    Schedule,
}

impl EditCommand {
    fn over<T>(&self, what: Inherited, value: Option<T>) -> Override<T> {
        match value {
            Some(value) => Override::Set(value),
            None if self.inherit.contains(&what) => Override::Inherit,
            None => Override::Keep,
        }
    }

    fn edit(&self) -> Result<RuleEdit, CliError> {
        let options = &self.options;
        let scopes = (!options.scopes.is_empty()).then(|| options.scopes.clone());
        let switched = self.enabled || options.disabled;
        Ok(RuleEdit {
            pattern: self.pattern.clone(),
            list: options.list.clone(),
            kind: self.over(Inherited::Kind, options.kind()),
            scopes: self.over(Inherited::Scope, scopes),
            direction: self.over(Inherited::Direction, options.direction),
            action: self.over(Inherited::Action, options.action()),
            mandatory: self.over(Inherited::Mandatory, options.mandatory()),
            dial_plan: options.dial_plan.clone(),
            comment: options.comment.clone(),
            enabled: switched.then_some(self.enabled),
            valid_from: self.over(Inherited::From, options.from.clone()),
            valid_until: self.over(Inherited::Until, options.until()?),
            schedule: self.over(Inherited::Schedule, options.schedule.clone()),
        })
    }
}

pub(super) fn run(command: &EditCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let edit = command.edit()?;
    if edit == RuleEdit::default() {
        return Err(CliError::Failed(
            "nothing to change: name at least one option, see `blacklistd rule edit --help`"
                .to_owned(),
        ));
    }
    let target = command.change.on(command.rule.target());
    let rule: RuleObject = client.patch(&target, &edit)?;
    let verb = if command.change.dry_run {
        "would be changed"
    } else {
        "is changed"
    };
    view::changed(verb, &rule, json)
}
