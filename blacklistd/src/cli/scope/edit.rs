//! `scope edit`.

use super::{ScopeName, view};
use crate::api::scopes::ScopeObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::word::word;
use crate::rules::{DefaultPolicy, ScopeEdit};

/// What is changed of a scope.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct EditCommand {
    #[command(flatten)]
    scope: ScopeName,
    /// What becomes of calls that no rule decides.
    #[arg(long, value_parser = word::<DefaultPolicy>())]
    default: Option<DefaultPolicy>,
    /// Why it is there.
    #[arg(long, value_name = "TEXT")]
    comment: Option<String>,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(command: &EditCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let edit = ScopeEdit {
        policy: command.default,
        comment: command.comment.clone(),
    };
    if edit == ScopeEdit::default() {
        return Err(CliError::Failed(
            "nothing to change: name at least one option, see `blacklistd scope edit --help`"
                .to_owned(),
        ));
    }
    let target = command.manner.on(command.scope.target());
    let scope: ScopeObject = client.patch(&target, &edit)?;
    view::changed("is changed", &scope, json)
}
