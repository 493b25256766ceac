//! The daemon's task that refreshes each feed when it is due.

use std::sync::Arc;
use std::time::Duration;

use blacklist_model::Feed;
use jiff::Timestamp;
use tokio::sync::Notify;

use super::refresh::Feeds;
use super::schedule::next_try;

/// Maximum time between two looks at the subscriptions; also the pause if they cannot be read.
const LONGEST: Duration = Duration::from_secs(60);

impl Feeds {
    /// Refreshes feeds for as long as it is polled. `wake` is notified when a subscription was
    /// added or changed.
    pub async fn run(self: Arc<Self>, wake: Arc<Notify>) {
        loop {
            let pause = self.clone().run_due().await;
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = wake.notified() => {}
            }
        }
    }

    /// Refreshes what is due; returns the time until the next feed is due.
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

/// The feeds that are due.
pub(super) fn due(feeds: &[Feed], now: Timestamp) -> Vec<&str> {
    feeds
        .iter()
        .filter(|feed| time_of(feed, now).is_some_and(|at| at <= now))
        .map(|feed| feed.subscription.name.as_str())
        .collect()
}

/// The time until the next feed is due.
pub(super) fn until_next(feeds: &[Feed], now: Timestamp) -> Duration {
    feeds
        .iter()
        .filter_map(|feed| time_of(feed, now))
        .map(|at| Duration::try_from(at.duration_since(now)).unwrap_or_default())
        .min()
        // Never 0: a failure that is not stored must not cause a busy loop.
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
