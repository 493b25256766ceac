//! What a feed needs of the daemon.

use blacklist_model::{Feed, FeedState, RuleSpec};
use jiff::Timestamp;

use super::plan::FeedPlan;

/// A rule that a feed has brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its number.
    pub id: u32,
    /// What it is the same by: what [`FeedHost::canonical`] says of it.
    pub key: String,
    /// When it ends because it has vanished from the feed; none while it is in it.
    pub aged_until: Option<Timestamp>,
}

/// The daemon, as feeds see it. All of it may block; errors are sentences.
pub trait FeedHost: Send + Sync {
    /// The time.
    fn now(&self) -> Timestamp;

    /// All subscriptions.
    ///
    /// # Errors
    /// They cannot be read.
    fn feeds(&self) -> Result<Vec<Feed>, String>;

    /// Remembers what became of a subscription; not a change of the rules.
    ///
    /// # Errors
    /// It cannot be written.
    fn save(&self, name: &str, state: &FeedState) -> Result<(), String>;

    /// What a rule is the same by: canonical pattern, kind, list, scopes and direction.
    ///
    /// # Errors
    /// Why it can be no rule.
    fn canonical(&self, rule: &RuleSpec) -> Result<String, String>;

    /// Hands over each rule whose origin is this feed.
    ///
    /// # Errors
    /// They cannot be read.
    fn held(&self, name: &str, take: &mut dyn FnMut(Held)) -> Result<(), String>;

    /// Makes a plan one generation, with the origin `feed:NAME`, in store and kernel; all or
    /// nothing. A rule of `plan.age` gets `plan.aged_until` as the end of its validity, one of
    /// `plan.revive` has none.
    ///
    /// # Errors
    /// Nothing was changed.
    fn change(&self, name: &str, plan: FeedPlan) -> Result<u64, String>;
}
