//! How a feed looks.

use jiff::Timestamp;

use crate::api::feeds::FeedObject;
use crate::cli::output;

/// A time, or that there was none.
pub(super) fn time(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "never".to_owned(), |time| time.to_string())
}

/// Whether it works.
pub(super) fn state(feed: &FeedObject) -> String {
    let state = &feed.feed.state;
    match (&state.problem, feed.feed.subscription.enabled) {
        (Some(problem), _) => format!("failed {} times: {problem}", state.failures),
        (None, false) => "disabled".to_owned(),
        (None, true) if state.good_at.is_some() => "ok".to_owned(),
        (None, true) => "not fetched yet".to_owned(),
    }
}

/// A feed that was changed.
pub(super) fn changed(verb: &str, feed: &FeedObject) -> String {
    let subscription = &feed.feed.subscription;
    format!(
        "feed {} {verb}: {} every {} into list {}, {}",
        subscription.name,
        subscription.source,
        subscription.every,
        subscription.list,
        output::count(feed.rules, "rule")
    )
}

/// All that is known of a feed.
pub(super) fn details(feed: &FeedObject) -> String {
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
                .map(|entries| format!("{entries}, {} bad lines", past.bad_lines))
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
