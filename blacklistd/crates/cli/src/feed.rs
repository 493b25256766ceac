//! `blacklistd feed`: lists that others maintain.

use std::path::Path;

use blacklist_model::{Refreshed, Subscription};
use blacklist_wire::{FeedList, FeedObject, FeedRemoved};
use clap::Subcommand;
use jiff::Timestamp;

use super::change_options::ChangeOptions;
use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;

/// What to do with subscriptions.
#[derive(Debug, Subcommand)]
pub(super) enum FeedCommand {
    /// Subscribes to a list that is fetched regularly.
    Add(AddCommand),
    /// Shows all subscriptions.
    List,
    /// Shows one subscription.
    Show(FeedName),
    /// Changes a subscription; options that are not given stay unchanged.
    Edit(EditCommand),
    /// Resumes fetching a subscription regularly.
    Enable(FeedName),
    /// Stops fetching a subscription and keeps its rules.
    Disable(FeedName),
    /// Fetches a subscription now.
    Run(RunCommand),
    /// Ends a subscription.
    Remove(RemoveCommand),
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
        FeedCommand::Add(command) => add(command, client, json),
        FeedCommand::List => list(client, json),
        FeedCommand::Show(name) => show(name, client, json),
        FeedCommand::Edit(command) => edit(command, client, json),
        FeedCommand::Enable(name) => switch(name, true, client, json),
        FeedCommand::Disable(name) => switch(name, false, client, json),
        FeedCommand::Run(command) => run_now(command, client, json),
        FeedCommand::Remove(command) => remove(command, client, json),
    }
}

/// The feed that is added.
#[derive(Debug, clap::Args)]
pub(super) struct AddCommand {
    /// `http://...`, `https://...`, or the path of a file on the daemon's host.
    #[arg(value_name = "URL|FILE")]
    source: String,
    /// Its name [default: the list's].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The list that its rules belong to; it must exist.
    #[arg(long, value_name = "NAME")]
    list: String,
    #[command(flatten)]
    options: FeedOptions,
    /// Adds it disabled: it is fetched by `feed run` only.
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    change: ChangeOptions,
}

/// How a feed is fetched and read.
#[derive(Debug, clap::Args)]
pub(super) struct FeedOptions {
    /// Time between two fetches: 1h, 30m, 1d [default: 1h].
    #[arg(long, value_name = "TIME")]
    every: Option<String>,
    /// Meaning of the columns: `number=Company_Phone_Number,comment=Subject`.
    #[arg(long, value_name = "FIELD=COLUMN,...")]
    map: Option<String>,
    /// The delimiter between columns [default: detected].
    #[arg(long, value_name = "WHAT")]
    delimiter: Option<String>,
    /// The character encoding [default: detected].
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Dial plan by which its numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    dial_plan: Option<String>,
    /// How long an entry is kept after it has disappeared from the feed [default: not at all].
    #[arg(long, value_name = "TIME")]
    keep: Option<String>,
    /// Percentage of lines that may be invalid [default: 5].
    #[arg(long, value_name = "PERCENT")]
    max_bad: Option<u8>,
    /// Percentage of entries that may disappear at once [default: 50].
    #[arg(long, value_name = "PERCENT")]
    max_shrink: Option<u8>,
    /// Largest size in bytes [default: 512 MiB].
    #[arg(long, value_name = "BYTES")]
    max_bytes: Option<u64>,
}

impl FeedOptions {
    /// A subscription with what is named here in it.
    fn over(&self, subscription: &mut Subscription) {
        let set = |place: &mut Option<String>, value: &Option<String>| {
            if value.is_some() {
                place.clone_from(value);
            }
        };
        if let Some(every) = &self.every {
            subscription.every.clone_from(every);
        }
        set(&mut subscription.map, &self.map);
        set(&mut subscription.delimiter, &self.delimiter);
        set(&mut subscription.encoding, &self.encoding);
        set(&mut subscription.dial_plan, &self.dial_plan);
        set(&mut subscription.keep, &self.keep);
        subscription.max_bad = self.max_bad.unwrap_or(subscription.max_bad);
        subscription.max_shrink = self.max_shrink.unwrap_or(subscription.max_shrink);
        subscription.max_bytes = self.max_bytes.unwrap_or(subscription.max_bytes);
    }
}

/// A file's path as the daemon, which runs elsewhere, finds it.
fn whole_source(source: &str) -> Result<String, CliError> {
    if source.contains("://") {
        return Ok(source.to_owned());
    }
    let path = std::path::absolute(Path::new(source)).map_err(CliError::failed)?;
    Ok(path.display().to_string())
}

fn add(command: &AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let name = command.name.as_ref().unwrap_or(&command.list);
    let source = whole_source(&command.source)?;
    let mut subscription = Subscription::of(name, &source, &command.list);
    command.options.over(&mut subscription);
    subscription.enabled = !command.disabled;
    let target = command.change.on(Target::new("/v1/feeds"));
    let feed: FeedObject = client.post(&target, &subscription)?;
    if json {
        return output::json(&feed);
    }
    Ok(show_changed("is added", &feed))
}

fn list(client: &Client, json: bool) -> Result<String, CliError> {
    let list: FeedList = client.get(&Target::new("/v1/feeds"))?;
    if json {
        return output::json(&list);
    }
    if list.feeds.is_empty() {
        return Ok(
            "no feeds; add one with `blacklistd feed add URL --every 1h --list NAME`".to_owned(),
        );
    }
    let columns = [
        "feed",
        "from",
        "list",
        "every",
        "rules",
        "last good",
        "next",
        "state",
    ];
    let mut table = output::table(columns, &["rules"]);
    for feed in &list.feeds {
        let subscription = &feed.feed.subscription;
        table.add_row([
            subscription.name.clone(),
            subscription.source.clone(),
            subscription.list.clone(),
            subscription.every.clone(),
            feed.rules.to_string(),
            time(feed.feed.state.good_at),
            feed.next_try.clone().unwrap_or_default(),
            state(feed),
        ]);
    }
    Ok(table.to_string())
}

fn show(name: &FeedName, client: &Client, json: bool) -> Result<String, CliError> {
    let feed: FeedObject = client.get(&name.target())?;
    if json {
        return output::json(&feed);
    }
    Ok(details(&feed))
}

/// What is changed of a feed.
#[derive(Debug, clap::Args)]
pub(super) struct EditCommand {
    #[command(flatten)]
    feed: FeedName,
    /// Its new source.
    #[arg(long, value_name = "URL|FILE")]
    source: Option<String>,
    /// The list that new entries go to.
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    #[command(flatten)]
    options: FeedOptions,
    #[command(flatten)]
    change: ChangeOptions,
}

fn edit(command: &EditCommand, client: &Client, json: bool) -> Result<String, CliError> {
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
    let target = command.change.on(command.feed.target());
    let feed: FeedObject = client.put(&target, &subscription)?;
    if json {
        return output::json(&feed);
    }
    Ok(show_changed("is changed", &feed))
}

/// Switches whether it is fetched regularly.
fn switch(name: &FeedName, enabled: bool, client: &Client, json: bool) -> Result<String, CliError> {
    let before: FeedObject = client.get(&name.target())?;
    let mut subscription = before.feed.subscription;
    subscription.enabled = enabled;
    let feed: FeedObject = client.put(&name.target(), &subscription)?;
    if json {
        return output::json(&feed);
    }
    let verb = if enabled { "is enabled" } else { "is disabled" };
    Ok(show_changed(verb, &feed))
}

/// Which feed, and how.
#[derive(Debug, clap::Args)]
pub(super) struct RunCommand {
    #[command(flatten)]
    feed: FeedName,
    /// Accepts a feed that has shrunk, and one that its source reports as unchanged.
    #[arg(long)]
    force: bool,
}

fn run_now(command: &RunCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new(&format!("{}/run", command.feed.target().as_str()))
        .flag("force", command.force);
    let refreshed: Refreshed = client.post(&target, &serde_json::json!({}))?;
    if json {
        return output::json(&refreshed);
    }
    let mut lines: Vec<String> = refreshed
        .bad_lines
        .iter()
        .map(|bad| format!("line {}: {}", bad.line, bad.reason))
        .collect();
    lines.push(match refreshed.generation {
        Some(generation) => format!(
            "feed {}: {}; generation {generation}",
            refreshed.name, refreshed.summary
        ),
        None => format!("feed {}: {}", refreshed.name, refreshed.summary),
    });
    Ok(lines.join("\n"))
}

/// The feed that is removed.
#[derive(Debug, clap::Args)]
pub(super) struct RemoveCommand {
    #[command(flatten)]
    feed: FeedName,
    /// Removes its rules too; they stay otherwise.
    #[arg(long)]
    with_rules: bool,
    #[command(flatten)]
    change: ChangeOptions,
}

fn remove(command: &RemoveCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = command.feed.target().flag("with_rules", command.with_rules);
    let removed: FeedRemoved = client.delete(&command.change.on(target))?;
    if json {
        return output::json(&removed);
    }
    Ok(format!(
        "feed {} is removed, {} of its rules with it",
        removed.name, removed.removed_rules
    ))
}

/// A time, or that there was none.
fn time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "never".to_owned(), |time| time.to_string())
}

/// Whether it works.
fn state(feed: &FeedObject) -> String {
    let state = &feed.feed.state;
    match (&state.problem, feed.feed.subscription.enabled) {
        (Some(problem), _) => format!(
            "failed {}: {problem}",
            blacklist_model::count(state.failures, "time")
        ),
        (None, false) => "disabled".to_owned(),
        (None, true) if state.good_at.is_some() => "ok".to_owned(),
        (None, true) => "not fetched yet".to_owned(),
    }
}

/// A feed that was changed.
fn show_changed(verb: &str, feed: &FeedObject) -> String {
    let subscription = &feed.feed.subscription;
    format!(
        "feed {} {verb}: {} every {} into list {}, {}",
        subscription.name,
        subscription.source,
        subscription.every,
        subscription.list,
        blacklist_model::count(feed.rules, "rule")
    )
}

/// All that is known of a feed.
fn details(feed: &FeedObject) -> String {
    let subscription = &feed.feed.subscription;
    let past = &feed.feed.state;
    output::lines(&[
        ("feed", subscription.name.clone()),
        ("from", subscription.source.clone()),
        ("list", subscription.list.clone()),
        ("every", subscription.every.clone()),
        ("state", state(feed)),
        ("rules", feed.rules.to_string()),
        ("last try", time(past.tried_at)),
        ("last good", time(past.good_at)),
        ("next", feed.next_try.clone().unwrap_or_default()),
        (
            "entries",
            past.entries
                .map(|entries| {
                    format!(
                        "{entries}, {}",
                        blacklist_model::count(past.bad_lines, "bad line")
                    )
                })
                .unwrap_or_default(),
        ),
        ("map", subscription.map.clone().unwrap_or_default()),
        (
            "dial plan",
            subscription.dial_plan.clone().unwrap_or_default(),
        ),
        ("keep", subscription.keep.clone().unwrap_or_default()),
        (
            "limits",
            format!(
                "{} % bad, {} % shrunk, {} bytes",
                subscription.max_bad, subscription.max_shrink, subscription.max_bytes
            ),
        ),
    ])
}
