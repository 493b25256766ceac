//! `rule add`.

use super::options::RuleOptions;
use super::view;
use crate::api::rules::RuleObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::rules::RuleSpec;

/// The rule that is added.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AddCommand {
    /// A number in any spelling of the dial plan, or a user name; with `*` at the end every
    /// number that begins so. `\*` and `\?` stand for the characters that are dialled.
    pattern: String,
    #[command(flatten)]
    options: RuleOptions,
}

pub(super) fn run(command: AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let AddCommand { pattern, options } = command;
    let spec = RuleSpec {
        pattern,
        list: options.list().unwrap_or_default(),
        direction: options.direction().unwrap_or_default(),
        action: options.action(),
        enabled: !options.disabled,
        scope: options.scope.unwrap_or_else(|| "global".to_owned()),
        dial_plan: options.dial_plan,
        comment: options.comment.unwrap_or_default(),
    };
    let rule: RuleObject = client.post("/v1/rules", &spec)?;
    view::changed("added", &rule, json)
}
