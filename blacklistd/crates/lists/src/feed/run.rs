//! The daemon's task: tries each feed when its time has come.

use std::sync::Arc;
use std::time::Duration;

use blacklist_model::Feed;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::refresh::Feeds;
use super::schedule::next_try;

/// Longest time without a look at the subscriptions, and the pause when they cannot be read.
const LONGEST: Duration = Duration::from_secs(60);

impl Feeds {
    /// Tries feeds as long as it is polled. `wake` is notified when a subscription was added or
    /// changed.
    pub async fn run(self: Arc<Self>, wake: Arc<Notify>) {
        loop {
            let pause = self.clone().run_due().await;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = wake.notified() => {}
            }
        }
    }

    /// Tries what is due; returns how long nothing is.
    async fn run_due(self: Arc<Self>) -> Duration {
        let task = tokio::task::spawn_blocking(move || {
            let feeds = match self.host.feeds() {
                Ok(feeds) => feeds,
                Err(reason) => {
                    tracing::warn!("the subscriptions cannot be read: {reason}");
                    return LONGEST;
                }
            };
            for feed in due(&feeds, self.host.now()) {
                match self.refresh(feed, false) {
                    Ok(refreshed) if refreshed.generation.is_some() => {
                        tracing::info!("feed {feed}: {}", refreshed.summary);
                    }
                    Ok(_) => {}
                    Err(error) => tracing::warn!("{error}"),
                }
            }
            let feeds = self.host.feeds().unwrap_or_default();
            until_next(&feeds, self.host.now())
        });
        task.await.unwrap_or(LONGEST)
    }
}

/// The feeds whose time has come.
pub(super) fn due(feeds: &[Feed], now: Timestamp) -> Vec<&str> {
    feeds
        .iter()
        .filter(|feed| time_of(feed, now).is_some_and(|at| at <= now))
        .map(|feed| feed.subscription.name.as_str())
        .collect()
}

/// How long no feed's time has come.
pub(super) fn until_next(feeds: &[Feed], now: Timestamp) -> Duration {
    feeds
        .iter()
        .filter_map(|feed| time_of(feed, now))
        .map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default())
        .min()
        // Never at once again: what fails without a trace must not spin.
        .map_or(LONGEST, |pause| {
            pause.clamp(Duration::from_secs(1), LONGEST)
        })
}

fn time_of(feed: &Feed, now: Timestamp) -> Option<Timestamp> {
    if !feed.subscription.enabled {
        return None;
    }
    let every = feed.subscription.every().ok()?;
    Some(next_try(&feed.state, every, now))
}
