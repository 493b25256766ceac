//! `feed remove`.

use super::FeedName;
use crate::api::feeds::FeedRemoved;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::output;

/// The feed that is removed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RemoveCommand {
    #[command(flatten)]
    feed: FeedName,
    /// Removes its rules with it; they stay otherwise.
    #[arg(long)]
    with_rules: bool,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(
    command: &RemoveCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let target = command.feed.target().flag("with_rules", command.with_rules);
    let removed: FeedRemoved = client.delete(&command.manner.on(target))?;
    if json {
        return output::json(&removed);
    }
    Ok(format!(
        "feed {} is removed, {} of its rules with it",
        removed.name, removed.removed_rules
    ))
}
