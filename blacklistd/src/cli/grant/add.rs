//! `grant add`.

use super::until;
use crate::api::grants::{GrantBody, GrantObject};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::output;
use crate::cli::target::Target;
use crate::model::read_duration;

/// The grant that is added. Without --for and --once it holds until it is revoked.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AddCommand {
    /// The number inside.
    #[arg(value_name = "LOCAL")]
    local: String,
    /// The number outside.
    #[arg(value_name = "REMOTE")]
    remote: String,
    /// How long it holds: 15m, 2h, 1d.
    #[arg(long = "for", value_name = "TIME", conflicts_with = "once")]
    length: Option<String>,
    /// For one call that comes at once: it holds for a minute.
    #[arg(long)]
    once: bool,
    /// The dial plan by which numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    dial_plan: Option<String>,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(command: &AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
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
    let target = command.manner.on(Target::new("/v1/grants"));
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
