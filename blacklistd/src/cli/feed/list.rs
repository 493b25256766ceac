//! `feed list`.

use super::view;
use crate::api::feeds::FeedList;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::target::Target;

pub(super) fn run(client: &Client, json: bool) -> Result<String, CliError> {
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
            view::time(feed.feed.state.good_at),
            feed.next_try.clone().unwrap_or_default(),
            view::state(feed),
        ]);
    }
    Ok(table.to_string())
}
