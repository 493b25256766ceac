//! `rule edit`.

use super::options::RuleOptions;
use super::{RuleNumber, view};
use crate::api::rules::RuleObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::rules::RuleEdit;

/// What is changed of a rule.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct EditCommand {
    #[command(flatten)]
    rule: RuleNumber,
    /// Another pattern.
    #[arg(long, value_name = "PATTERN")]
    pattern: Option<String>,
    #[command(flatten)]
    options: RuleOptions,
    /// Puts the rule in force.
    #[arg(long, conflicts_with = "disabled")]
    enabled: bool,
}

pub(super) fn run(command: EditCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let EditCommand {
        rule,
        pattern,
        options,
        enabled,
    } = command;
    let edit = RuleEdit {
        pattern,
        list: options.list(),
        direction: options.direction(),
        action: options.action(),
        enabled: (enabled || options.disabled).then_some(enabled),
        scope: options.scope,
        dial_plan: options.dial_plan,
        comment: options.comment,
    };
    if edit == RuleEdit::default() {
        return Err(CliError::Failed(
            "nothing to change: name at least one option, see `blacklistd rule edit --help`"
                .to_owned(),
        ));
    }
    let rule: RuleObject = client.patch(&rule.path(), &edit)?;
    view::changed("changed", &rule, json)
}
