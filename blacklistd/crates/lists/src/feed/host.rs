//! What feeds need from the daemon.

use blacklist_model::{Feed, FeedState, RuleSpec};
use jiff::Timestamp;

use super::plan::FeedPlan;

/// A rule that came from a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: u32,
    /// Its identity, see [`FeedHost::canonical`].
    pub key: String,
    /// When it expires because it is missing in the feed; `None` while it is in the feed.
    pub aged_until: Option<Timestamp>,
}

/// The daemon, as feeds see it. All methods may block; errors are sentences.
pub trait FeedHost: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// All subscriptions.
    ///
    /// # Errors
    /// They cannot be read.
    fn feeds(&self) -> Result<Vec<Feed>, String>;

    /// Stores the state of a subscription; this is not a change of the rules.
    ///
    /// # Errors
    /// It cannot be written.
    fn save(&self, name: &str, state: &FeedState) -> Result<(), String>;

    /// The identity of a rule: canonical pattern, kind, list, scopes and direction.
    ///
    /// # Errors
    /// Why it is not a valid rule.
    fn canonical(&self, rule: &RuleSpec) -> Result<String, String>;

    /// Calls `take` with each rule whose origin is this feed.
    ///
    /// # Errors
    /// They cannot be read.
    fn held(&self, name: &str, take: &mut dyn FnMut(Held)) -> Result<(), String>;

    /// Applies a plan as one generation, with the origin `feed:NAME`, in store and kernel; all or
    /// nothing. Rules in `plan.age` become valid until `plan.aged_until`, those in `plan.revive`
    /// without limit.
    ///
    /// # Errors
    /// Nothing was changed.
    fn change(&self, name: &str, plan: FeedPlan) -> Result<u64, String>;
}
