//! `blacklistd grant`: who may call whom for a while, whatever the rules say.

use blacklist_model::read_duration;
use blacklist_wire::{GrantBody, GrantList, GrantObject};
use clap::Subcommand;

use super::change_options::ChangeOptions;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;

/// What to do with grants.
#[derive(Debug, Subcommand)]
pub(super) enum GrantCommand {
    /// Lets two parties call each other, whatever the rules say.
    Add(AddCommand),
    /// Lists grants in force.
    List,
    /// Ends grants.
    Revoke(RevokeCommand),
}

/// Until when a grant holds.
fn until(grant: &GrantObject) -> String {
    let until = match &grant.until {
        Some(time) => time.clone(),
        None => "revoked".to_owned(),
    };
    if grant.once {
        format!("{until}, for one call")
    } else {
        until
    }
}

pub(super) fn run(command: &GrantCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        GrantCommand::Add(command) => add(command, client, json),
        GrantCommand::List => list(client, json),
        GrantCommand::Revoke(command) => revoke(command, client, json),
    }
}

/// The grant that is added. Without --for and --once it holds until it is revoked.
#[derive(Debug, clap::Args)]
pub(super) struct AddCommand {
    /// The number inside.
    #[arg(value_name = "LOCAL")]
    local: String,
    /// The number outside.
    #[arg(value_name = "REMOTE")]
    remote: String,
    /// How long it holds: 15m, 2h, 1d.
    #[arg(long = "for", value_name = "TIME", conflicts_with = "once")]
    length: Option<String>,
    /// For one call that is about to come: it holds for a minute.
    #[arg(long)]
    once: bool,
    /// The dial plan by which numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    dial_plan: Option<String>,
    #[command(flatten)]
    change: ChangeOptions,
}

fn add(command: &AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let length = command.length.as_deref().map(read_duration).transpose();
    let body = GrantBody {
        local: command.local.clone(),
        remote: command.remote.clone(),
        seconds: length
            .map_err(CliError::Failed)?
            .map(|length| length.as_secs()),
        once: command.once,
        dial_plan: command.dial_plan.clone(),
    };
    let target = command.change.on(Target::new("/v1/grants"));
    let grant: GrantObject = client.post(&target, &body)?;
    if json {
        return output::json(&grant);
    }
    let mut text = format!(
        "grant {}: {} and {} may call each other, whatever the rules say, until {}",
        grant.id,
        grant.local,
        grant.remote,
        until(&grant)
    );
    output::add_notes(&mut text, &grant.warnings);
    Ok(text)
}

fn list(client: &Client, json: bool) -> Result<String, CliError> {
    let list: GrantList = client.get(&Target::new("/v1/grants"))?;
    if json {
        return output::json(&list);
    }
    if list.grants.is_empty() {
        return Ok("there are no grants".to_owned());
    }
    let columns = ["grant", "local", "remote", "until", "since", "written by"];
    let mut table = output::table(columns, &["grant"]);
    for grant in &list.grants {
        table.add_row([
            grant.id.to_string(),
            grant.local.clone(),
            grant.remote.clone(),
            until(grant),
            grant.since.clone(),
            grant.author.clone(),
        ]);
    }
    Ok(table.to_string())
}

/// Which grants.
#[derive(Debug, clap::Args)]
pub(super) struct RevokeCommand {
    /// Their numbers.
    #[arg(required = true, value_name = "GRANT")]
    ids: Vec<u64>,
    #[command(flatten)]
    change: ChangeOptions,
}

fn revoke(command: &RevokeCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let ids: Vec<String> = command.ids.iter().map(u64::to_string).collect();
    let target = Target::new("/v1/grants").part(ids.join(","));
    let list: GrantList = client.delete(&command.change.on(target))?;
    if json {
        return output::json(&list);
    }
    let lines: Vec<String> = list
        .grants
        .iter()
        .map(|grant| {
            format!(
                "grant {} is revoked: the rules decide calls between {} and {}",
                grant.id, grant.local, grant.remote
            )
        })
        .collect();
    Ok(lines.join("\n"))
}
