//! Subscriptions: lists kept by somebody else, which are fetched regularly. A fetched list is read
//! completely before anything is changed; if it is broken, empty or suddenly much smaller, the
//! rules stay as they are, and the reason is reported.

mod decision;
mod fetch;
mod host;
mod plan;
mod refresh;
mod run;
mod schedule;
mod subscription;
#[cfg_attr(not(feature = "http"), path = "no_web.rs")]
mod web;

pub use decision::{Staged, judge};
pub use fetch::{FetchError, Fetched, Fetcher, Validators};
pub use host::{FeedHost, FeedRule};
pub use plan::FeedPlan;
pub use refresh::{Feeds, RefreshError};
pub use schedule::next_try;
pub use subscription::judge_subscription;

#[cfg(test)]
mod tests;
