//! `feed add`.

use std::path::Path;

use super::view;
use crate::api::feeds::FeedObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::output;
use crate::cli::target::Target;
use crate::feed::Subscription;

/// The feed that is added.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AddCommand {
    /// `http://...`, `https://...`, or the path of a file on the daemon's host.
    #[arg(value_name = "URL|FILE")]
    source: String,
    /// Its name [default: the list's].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The list that its rules belong to; it must be there.
    #[arg(long, value_name = "NAME")]
    list: String,
    #[command(flatten)]
    options: FeedOptions,
    /// Not fetched by itself at first.
    #[arg(long)]
    disabled: bool,
    #[command(flatten)]
    manner: MannerOptions,
}

/// How a feed is fetched and read.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct FeedOptions {
    /// Time between two tries: 1h, 30m, 1d [default: 1h].
    #[arg(long, value_name = "TIME")]
    pub(super) every: Option<String>,
    /// Which column is what: `number=Company_Phone_Number,comment=Subject`.
    #[arg(long, value_name = "FIELD=COLUMN,...")]
    pub(super) map: Option<String>,
    /// What stands between columns; found out if it is not named.
    #[arg(long, value_name = "WHAT")]
    pub(super) delimiter: Option<String>,
    /// The characters; found out if they are not named.
    #[arg(long, value_name = "NAME")]
    pub(super) encoding: Option<String>,
    /// Dial plan by which its numbers are read; `none` for none.
    #[arg(long, value_name = "NAME")]
    pub(super) dial_plan: Option<String>,
    /// How long an entry stays that has vanished from the feed [default: not at all].
    #[arg(long, value_name = "TIME")]
    pub(super) keep: Option<String>,
    /// Percent of lines that may be no rules [default: 5].
    #[arg(long, value_name = "PERCENT")]
    pub(super) max_bad: Option<u8>,
    /// Percent of entries that may be missing of a sudden [default: 50].
    #[arg(long, value_name = "PERCENT")]
    pub(super) max_shrink: Option<u8>,
    /// Largest size in bytes [default: 512 MiB].
    #[arg(long, value_name = "BYTES")]
    pub(super) max_bytes: Option<u64>,
}

impl FeedOptions {
    /// A subscription with what is named here in it.
    pub(super) fn over(&self, subscription: &mut Subscription) {
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
pub(super) fn whole_source(source: &str) -> Result<String, CliError> {
    if source.contains("://") {
        return Ok(source.to_owned());
    }
    let path = std::path::absolute(Path::new(source)).map_err(CliError::failed)?;
    Ok(path.display().to_string())
}

pub(super) fn run(command: &AddCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let name = command.name.as_ref().unwrap_or(&command.list);
    let source = whole_source(&command.source)?;
    let mut subscription = Subscription::of(name, &source, &command.list);
    command.options.over(&mut subscription);
    subscription.enabled = !command.disabled;
    let target = command.manner.on(Target::new("/v1/feeds"));
    let feed: FeedObject = client.post(&target, &subscription)?;
    if json {
        return output::json(&feed);
    }
    Ok(view::changed("is added", &feed))
}
