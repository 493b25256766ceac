//! `list add`.

use super::view;
use crate::api::lists::ListObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::rule::ActionParser;
use crate::cli::target::Target;
use crate::cli::word::word;
use crate::rules::{ListSpec, RuleAction, RuleDirection, RuleKind};

/// The list that is added.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AddCommand {
    /// Its name: small letters, digits, `.`, `_`, `-`.
    name: String,
    /// Its rules let calls through.
    #[arg(long, conflicts_with = "block")]
    allow: bool,
    /// Its rules block calls; so it is if nothing else is said.
    #[arg(long)]
    block: bool,
    /// For whom it is; `global` if nothing is said. May be repeated.
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// For calls of which direction its rules are.
    #[arg(long, value_parser = word::<RuleDirection>(), default_value = "inbound")]
    direction: RuleDirection,
    /// What becomes of blocked calls.
    #[arg(long, value_name = "ACTION", value_parser = ActionParser)]
    action: Option<RuleAction>,
    /// No allow rule of a narrower scope lifts its rules.
    #[arg(long)]
    mandatory: bool,
    /// Switched off at first.
    #[arg(long)]
    disabled: bool,
    /// Why it is there.
    #[arg(long, value_name = "TEXT", default_value = "")]
    comment: String,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(command: &AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let spec = ListSpec {
        name: command.name.clone(),
        kind: if command.allow {
            RuleKind::Allow
        } else {
            RuleKind::Block
        },
        direction: command.direction,
        action: command.action,
        mandatory: command.mandatory,
        enabled: !command.disabled,
        scopes: if command.scopes.is_empty() {
            vec!["global".to_owned()]
        } else {
            command.scopes.clone()
        },
        comment: command.comment.clone(),
    };
    let target = command.manner.on(Target::new("/v1/lists"));
    let list: ListObject = client.post(&target, &spec)?;
    view::changed("is added", &list, json)
}
