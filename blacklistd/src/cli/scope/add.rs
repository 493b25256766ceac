//! `scope add`.

use super::view;
use crate::api::scopes::ScopeObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::target::Target;
use crate::cli::word::word;
use crate::rules::{DefaultPolicy, ScopeSpec};

/// The scope that is added.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AddCommand {
    /// `account:NAME`, `group:NAME`, or `number:` and a local number.
    #[arg(value_name = "SCOPE")]
    name: String,
    /// What becomes of calls that no rule decides.
    #[arg(long, value_parser = word::<DefaultPolicy>(), default_value = "unset")]
    default: DefaultPolicy,
    /// A local number that belongs to it. May be repeated.
    #[arg(long = "member", value_name = "NUMBER")]
    members: Vec<String>,
    /// The dial plan by which numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    dial_plan: Option<String>,
    /// Why it is there.
    #[arg(long, value_name = "TEXT", default_value = "")]
    comment: String,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(command: &AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let spec = ScopeSpec {
        name: command.name.clone(),
        policy: command.default,
        members: command.members.clone(),
        dial_plan: command.dial_plan.clone(),
        comment: command.comment.clone(),
    };
    let target = command.manner.on(Target::new("/v1/scopes"));
    let scope: ScopeObject = client.post(&target, &spec)?;
    view::changed("is added", &scope, json)
}
