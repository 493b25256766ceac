//! `blacklistd feed`: lists that somebody else keeps.

mod add;
mod edit;
mod list;
mod remove;
mod run;
mod show;
mod view;

use clap::Subcommand;

use super::client::Client;
use super::error::CliError;
use super::target::Target;

/// What to do with subscriptions.
#[derive(Debug, Subcommand)]
pub(super) enum FeedCommand {
    /// Subscribes to a list that is fetched again and again.
    Add(add::AddCommand),
    /// Shows all subscriptions.
    List,
    /// Shows one subscription.
    Show(FeedName),
    /// Changes a subscription; what is not named stays.
    Edit(edit::EditCommand),
    /// Fetches a subscription by itself again.
    Enable(FeedName),
    /// Fetches a subscription no more and keeps its rules.
    Disable(FeedName),
    /// Fetches a subscription at once.
    Run(run::RunCommand),
    /// Ends a subscription.
    Remove(remove::RemoveCommand),
}

/// Which feed.
#[derive(Debug, clap::Args)]
pub(super) struct FeedName {
    /// The feed's name.
    name: String,
}

impl FeedName {
    fn target(&self) -> Target {
        Target::new("/v1/feeds").part(&self.name)
    }
}

pub(super) fn run(command: &FeedCommand, client: &Client, json: bool) -> Result<String, CliError> {
    match command {
        FeedCommand::Add(command) => add::run(command, client, json),
        FeedCommand::List => list::run(client, json),
        FeedCommand::Show(name) => show::run(name, client, json),
        FeedCommand::Edit(command) => edit::run(command, client, json),
        FeedCommand::Enable(name) => edit::switch(name, true, client, json),
        FeedCommand::Disable(name) => edit::switch(name, false, client, json),
        FeedCommand::Run(command) => run::run(command, client, json),
        FeedCommand::Remove(command) => remove::run(command, client, json),
    }
}
