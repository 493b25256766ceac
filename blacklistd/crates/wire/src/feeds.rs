//! Subscriptions with what became of them.

use blacklist_model::Feed;
use serde::{Deserialize, Serialize};

/// A subscription and what became of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedObject {
    /// What is asked for and what became of it.
    #[serde(flatten)]
    pub feed: Feed,
    /// How many rules come from it.
    pub rules: u64,
    /// When it is tried next, RFC 3339; none if it is switched off.
    pub next_try: Option<String>,
}

/// All subscriptions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedList {
    /// By name.
    pub feeds: Vec<FeedObject>,
}

/// What became of a subscription that was ended.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FeedRemoved {
    /// Its name.
    pub name: String,
    /// How many of its rules went with it.
    pub removed_rules: u64,
}
