//! Subscriptions to lists that somebody else keeps: what one asks for, what became of it so far, and
//! what one try has brought.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bad_line::BadLine;
use super::duration::read_duration;
use super::spec::RuleSpec;

/// Shortest time between two tries.
const SHORTEST: Duration = Duration::from_secs(10);

/// A subscription as an operator asks for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Its name: small letters, digits, `.`, `_`, `-`. Its rules have the origin `feed:NAME`.
    pub name: String,
    /// `http://...`, `https://...`, or the path of a file.
    pub source: String,
    /// Time between two tries, such as `1h`.
    #[serde(default = "hourly")]
    pub every: String,
    /// The list that its rules belong to.
    pub list: String,
    /// Which column is what, such as `number=Phone,comment=Subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// The delimiter, where it is not to be found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The encoding, where it is not to be found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Dial plan by which its numbers are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
    /// How long an entry stays that has vanished from the feed, such as `30d`; not at all if
    /// absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
    /// Percent of lines that may be no rules.
    #[serde(default = "five")]
    pub max_bad: u8,
    /// Percent of entries that may be missing of a sudden.
    #[serde(default = "fifty")]
    pub max_shrink: u8,
    /// Largest size in bytes.
    #[serde(default = "half_a_gigabyte")]
    pub max_bytes: u64,
    /// Whether it is fetched by itself.
    #[serde(default = "yes")]
    pub enabled: bool,
}

fn hourly() -> String {
    "1h".to_owned()
}

const fn five() -> u8 {
    5
}

const fn fifty() -> u8 {
    50
}

const fn half_a_gigabyte() -> u64 {
    512 << 20
}

const fn yes() -> bool {
    true
}

/// What became of a subscription so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeedState {
    /// The last try, good or not.
    pub tried_at: Option<Timestamp>,
    /// When what is in force was fetched, or was found to be the newest.
    pub good_at: Option<Timestamp>,
    /// Entries of the last good fetch; none if there was none.
    pub entries: Option<u64>,
    /// Lines of the last good fetch that are no rules.
    pub bad_lines: u64,
    /// Tries in a row that did not succeed.
    pub failures: u32,
    /// Why the last try did not succeed.
    pub problem: Option<String>,
    /// How the source names its present state: an ETag, or time and size of a file.
    pub etag: Option<String>,
    /// When the source says that it changed.
    pub last_modified: Option<String>,
}

/// A subscription and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// What is asked for.
    pub subscription: Subscription,
    /// What became of it.
    pub state: FeedState,
}

impl Subscription {
    /// A subscription with all that is not named left to its default.
    pub fn of(name: &str, source: &str, list: &str) -> Self {
        Self {
            name: name.to_owned(),
            source: source.to_owned(),
            every: hourly(),
            list: list.to_owned(),
            map: None,
            delimiter: None,
            encoding: None,
            dial_plan: None,
            keep: None,
            max_bad: five(),
            max_shrink: fifty(),
            max_bytes: half_a_gigabyte(),
            enabled: true,
        }
    }

    /// Time between two tries.
    ///
    /// # Errors
    /// It is no length of time, or too short.
    pub fn every(&self) -> Result<Duration, String> {
        let every = read_duration(&self.every)?;
        if every < SHORTEST {
            return Err(format!("every {} is too often: 10s at least", self.every));
        }
        Ok(every)
    }

    /// How long an entry stays that has vanished.
    ///
    /// # Errors
    /// It is no length of time.
    pub fn keep(&self) -> Result<Duration, String> {
        self.keep
            .as_deref()
            .map_or(Ok(Duration::ZERO), read_duration)
    }

    /// What each of its rules says where the feed says nothing.
    pub fn base(&self) -> RuleSpec {
        RuleSpec {
            list: self.list.clone(),
            dial_plan: self.dial_plan.clone(),
            ..RuleSpec::of("")
        }
    }
}

/// What was found in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCounts {
    /// Lines that are no comment, header or empty.
    pub lines: u64,
    /// Different rules among them.
    pub rules: u64,
    /// Lines that repeat another line.
    pub duplicates: u64,
    /// Lines that are not rules.
    pub bad: u64,
}

/// What a try has brought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    /// The feed.
    pub name: String,
    /// Whether the source had anything new.
    pub is_changed: bool,
    /// What was found in it.
    pub counts: LineCounts,
    /// The first lines that are no rules.
    pub bad_lines: Vec<BadLine>,
    /// What was changed.
    pub summary: String,
    /// The generation that it became; none if nothing was to be changed.
    pub generation: Option<u64>,
}
