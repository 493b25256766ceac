//! Subscriptions to lists that somebody else keeps: what one asks for, what became of it so far, and
//! what one try has brought.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::bad_line::BadLine;
use super::duration::read_duration;
use super::spec::RuleSpec;

/// Minimum time between two attempts.
const SHORTEST: Duration = Duration::from_secs(10);

/// A subscription as an operator requests it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Its name: lower-case letters, digits, `.`, `_`, `-`. Its rules have the origin `feed:NAME`.
    pub name: String,
    /// `http://...`, `https://...`, or the path of a file.
    pub source: String,
    /// Time between two attempts, such as `1h`.
    #[serde(default = "hourly")]
    pub every: String,
    /// The list that its rules belong to.
    pub list: String,
    /// Which column is what, such as `number=Phone,comment=Subject`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub map: Option<String>,
    /// The delimiter; `None` to detect it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// The encoding; `None` to detect it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Dial plan by which its numbers are read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dial_plan: Option<String>,
    /// How long an entry that is missing in the feed stays, such as `30d`; `None` to remove it at
    /// once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
    /// Percentage of lines that may be bad.
    #[serde(default = "five")]
    pub max_bad: u8,
    /// Percentage of entries that may be missing at once.
    #[serde(default = "fifty")]
    pub max_shrink: u8,
    /// Maximum size in bytes.
    #[serde(default = "half_a_gigabyte")]
    pub max_bytes: u64,
    /// Whether it is refreshed automatically.
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

/// The state of a subscription.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FeedState {
    /// The last attempt, successful or not.
    pub tried_at: Option<Timestamp>,
    /// When the entries in force were fetched, or last found to be current.
    pub good_at: Option<Timestamp>,
    /// Number of entries in the last good fetch; `None` if there was none.
    pub entries: Option<u64>,
    /// Number of bad lines in the last good fetch.
    pub bad_lines: u64,
    /// Number of failed attempts in a row.
    pub failures: u32,
    /// Why the last attempt failed.
    pub problem: Option<String>,
    /// The source's current version: an ETag, or time and size of a file.
    pub etag: Option<String>,
    /// When the source says that it was last changed.
    pub last_modified: Option<String>,
}

/// A subscription with its state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// Its settings.
    pub subscription: Subscription,
    /// Its state.
    pub state: FeedState,
}

impl Subscription {
    /// A subscription with default settings.
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

    /// Time between two attempts.
    ///
    /// # Errors
    /// It is not a duration, or too short.
    pub fn every(&self) -> Result<Duration, String> {
        let every = read_duration(&self.every)?;
        if every < SHORTEST {
            return Err(format!("every {} is too often: 10s at least", self.every));
        }
        Ok(every)
    }

    /// How long a missing entry stays.
    ///
    /// # Errors
    /// It is not a duration.
    pub fn keep(&self) -> Result<Duration, String> {
        self.keep
            .as_deref()
            .map_or(Ok(Duration::ZERO), read_duration)
    }

    /// What its rules have in common.
    pub fn base(&self) -> RuleSpec {
        RuleSpec {
            list: self.list.clone(),
            dial_plan: self.dial_plan.clone(),
            ..RuleSpec::of("")
        }
    }
}

/// Line counts of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineCounts {
    /// Lines that are not comments, headers or empty.
    pub lines: u64,
    /// Distinct rules among them.
    pub rules: u64,
    /// Lines that repeat another line.
    pub duplicates: u64,
    /// Lines that are not rules.
    pub bad: u64,
}

/// The result of a successful attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refreshed {
    /// The feed.
    pub name: String,
    /// Whether the source had changed.
    pub is_changed: bool,
    /// Its line counts.
    pub counts: LineCounts,
    /// The first lines that are not rules.
    pub bad_lines: Vec<BadLine>,
    /// What was changed.
    pub summary: String,
    /// The new generation; `None` if there was nothing to change.
    pub generation: Option<u64>,
}
