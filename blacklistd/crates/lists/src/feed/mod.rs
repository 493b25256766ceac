//! Subscriptions: lists that somebody else keeps, fetched again and again. What was fetched is
//! read wholly before anything is changed; a feed that is broken, empty or suddenly much smaller
//! leaves the rules as they are, and says so.

mod decision;
mod fetch;
mod host;
mod plan;
mod refresh;
mod run;
mod schedule;
mod subscription;

pub use decision::{Staged, judge};
pub use fetch::{FetchError, Fetched, Fetcher, Validators};
pub use host::{FeedHost, Held};
pub use plan::FeedPlan;
pub use refresh::{Feeds, RefreshError};
pub use schedule::next_try;
pub use subscription::judge_subscription;

#[cfg(test)]
mod tests;
