//! `scope member`.

use clap::Subcommand;

use super::ScopeName;
use crate::api::scopes::{MemberList, MemberRequest};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::output;

/// What to do with the numbers of a scope.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum MemberCommand {
    /// Adds local numbers to an account or group.
    Add(MemberChange),
    /// Takes local numbers out of an account or group.
    Remove(MemberChange),
    /// Lists the local numbers of an account or group.
    List(ScopeName),
}

/// A scope and numbers.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct MemberChange {
    #[command(flatten)]
    scope: ScopeName,
    /// The numbers.
    #[arg(required = true, value_name = "NUMBER")]
    numbers: Vec<String>,
    /// The dial plan by which numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    dial_plan: Option<String>,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(
    command: &MemberCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    match command {
        MemberCommand::Add(change) => run_change(change, true, client, json),
        MemberCommand::Remove(change) => run_change(change, false, client, json),
        MemberCommand::List(name) => {
            let list: MemberList = client.get(&name.members())?;
            if json {
                return output::json(&list);
            }
            if list.numbers.is_empty() {
                return Ok(format!(
                    "no number belongs to {0}; add some with `blacklistd scope member add {0} NUMBER`",
                    list.scope
                ));
            }
            Ok(list.numbers.join("\n"))
        }
    }
}

fn run_change(
    change: &MemberChange,
    belong: bool,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let request = MemberRequest {
        numbers: change.numbers.clone(),
        dial_plan: change.dial_plan.clone(),
    };
    let target = change.manner.on(change.scope.members());
    let list: MemberList = if belong {
        client.post(&target, &request)?
    } else {
        client.delete_these(&target, &request)?
    };
    if json {
        return output::json(&list);
    }
    let scope = &list.scope;
    let mut text = match (list.numbers.is_empty(), belong) {
        (true, true) => format!("they belonged to {scope} already"),
        (true, false) => format!("they did not belong to {scope}"),
        (false, true) => format!("{} belong to {scope} now", list.numbers.join(", ")),
        (false, false) => format!(
            "{} do not belong to {scope} any more",
            list.numbers.join(", ")
        ),
    };
    output::add_notes(&mut text, &list.warnings);
    Ok(text)
}
