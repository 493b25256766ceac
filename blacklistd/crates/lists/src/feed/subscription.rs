//! What a subscription is, and what became of it so far.

use std::path::PathBuf;
use std::time::Duration;

use blacklist_model::{RuleSpec, judge_name, read_duration};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::exchange::{ColumnMap, CsvSettings, TextEncoding, delimiter_from_name};

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
    /// Which column is what, see [`ColumnMap`].
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

/// Where a feed comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    /// HTTP or HTTPS.
    Web(String),
    /// A file of this machine.
    File(PathBuf),
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

    /// Judges what can be judged without fetching it. Whether list and dial plan exist is for the
    /// caller to say.
    ///
    /// # Errors
    /// A sentence.
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

    /// How it is read.
    ///
    /// # Errors
    /// A sentence about map, delimiter or encoding.
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

    /// What each of its rules says where the feed says nothing.
    pub fn base(&self) -> RuleSpec {
        RuleSpec {
            list: self.list.clone(),
            dial_plan: self.dial_plan.clone(),
            ..RuleSpec::of("")
        }
    }

    /// Where it comes from.
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
