//! `feed edit`, `feed enable` and `feed disable`.

use super::add::{FeedOptions, whole_source};
use super::{FeedName, view};
use crate::api::feeds::FeedObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::output;

/// What is changed of a feed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct EditCommand {
    #[command(flatten)]
    feed: FeedName,
    /// Another place to fetch it from.
    #[arg(long, value_name = "URL|FILE")]
    source: Option<String>,
    /// Another list, for entries that are new.
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    #[command(flatten)]
    options: FeedOptions,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(command: &EditCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let before: FeedObject = client.get(&command.feed.target())?;
    let mut subscription = before.feed.subscription.clone();
    if let Some(source) = &command.source {
        subscription.source = whole_source(source)?;
    }
    if let Some(list) = &command.list {
        subscription.list.clone_from(list);
    }
    command.options.over(&mut subscription);
    if subscription == before.feed.subscription {
        return Err(CliError::Failed(
            "nothing to change: name at least one option, see `blacklistd feed edit --help`"
                .to_owned(),
        ));
    }
    let target = command.manner.on(command.feed.target());
    let feed: FeedObject = client.put(&target, &subscription)?;
    if json {
        return output::json(&feed);
    }
    Ok(view::changed("is changed", &feed))
}

/// Whether it is fetched by itself.
pub(super) fn switch(
    name: &FeedName,
    enabled: bool,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let before: FeedObject = client.get(&name.target())?;
    let mut subscription = before.feed.subscription;
    subscription.enabled = enabled;
    let feed: FeedObject = client.put(&name.target(), &subscription)?;
    if json {
        return output::json(&feed);
    }
    let verb = if enabled { "is enabled" } else { "is disabled" };
    Ok(view::changed(verb, &feed))
}
