//! Subscriptions and their state.

use std::path::PathBuf;
use std::time::Duration;

use blacklist_model::{RuleSpec, judge_name, read_duration};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exchange::{ColumnMap, CsvSettings, TextEncoding, delimiter_from_name};

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
    /// Which column holds which field, see [`ColumnMap`].
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

/// The source of a feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// An HTTP or HTTPS URL.
    Web(String),
    /// A local file.
    File(PathBuf),
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

    /// Checks what can be checked without fetching. Whether list and dial plan exist is checked by
    /// the caller.
    ///
    /// # Errors
    /// A setting is invalid.
    pub fn check(&self) -> Result<(), String> {
        judge_name(&self.name, "a feed").map_err(|refusal| refusal.to_string())?;
        self.source()?;
        self.every()?;
        self.keep()?;
        self.settings()?;
        if self.max_bad > 100 || self.max_shrink > 100 {
            return Err("max_bad and max_shrink are percentages: 100 at most".to_owned());
        }
        if self.max_bytes == 0 {
            return Err("max_bytes is 0: no feed is that small".to_owned());
        }
        Ok(())
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

    /// How the file is read.
    ///
    /// # Errors
    /// Map, delimiter or encoding is invalid.
    pub fn settings(&self) -> Result<CsvSettings, String> {
        Ok(CsvSettings {
            delimiter: self
                .delimiter
                .as_deref()
                .map(delimiter_from_name)
                .transpose()?,
            encoding: match &self.encoding {
                Some(name) => TextEncoding::from_name(name)?,
                None => TextEncoding::Detect,
            },
            has_header: None,
            map: self.map.as_deref().map(ColumnMap::parse).transpose()?,
        })
    }

    /// What its rules have in common.
    pub fn base(&self) -> RuleSpec {
        RuleSpec {
            list: self.list.clone(),
            dial_plan: self.dial_plan.clone(),
            ..RuleSpec::of("")
        }
    }

    /// Its source.
    pub(super) fn source(&self) -> Result<Source, String> {
        let source = self.source.trim();
        let scheme = source
            .split_once("://")
            .map(|(scheme, _)| scheme.to_ascii_lowercase());
        match scheme.as_deref() {
            Some("http" | "https") => Ok(Source::Web(source.to_owned())),
            Some("file") => Self::file(source.get(7..).unwrap_or_default()),
            Some(other) => Err(format!(
                "a feed cannot be fetched by {other}; write http://, https:// or the path of a file"
            )),
            None => Self::file(source),
        }
    }

    fn file(path: &str) -> Result<Source, String> {
        let path = PathBuf::from(path);
        if path.is_absolute() {
            Ok(Source::File(path))
        } else {
            Err(format!(
                "\"{}\" is neither a URL nor a whole path; write http://, https:// or a path from /",
                path.display()
            ))
        }
    }
}
