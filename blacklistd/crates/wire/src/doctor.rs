//! What `doctor` found, how bad it is, and what to do.

use blacklist_figures::{PassedCall, Status};
use blacklist_model::words;
use serde::Serialize;

words! {
    /// How bad something is.
    #[derive(PartialOrd, Ord)]
    pub enum Level {
        /// As it should be.
        Well = "well",
        /// Worth knowing.
        Note = "note",
        /// Calls may be judged otherwise than is meant.
        Warning = "warning",
        /// Calls are not judged, or something else does not work.
        Wrong = "wrong",
    }
}

/// One thing that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub subject: &'static str,
    /// How bad it is.
    pub level: Level,
    /// A sentence.
    pub finding: String,
    /// What to do; empty if there is nothing to be done.
    pub remedy: String,
}

impl Finding {
    fn new(subject: &'static str, level: Level, finding: String, remedy: String) -> Self {
        Self {
            subject,
            level,
            finding,
            remedy,
        }
    }

    /// Something that is as it should be.
    pub fn well(subject: &'static str, finding: impl Into<String>) -> Self {
        Self::new(subject, Level::Well, finding.into(), String::new())
    }

    /// Something worth knowing.
    pub fn note(
        subject: &'static str,
        finding: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(subject, Level::Note, finding.into(), remedy.into())
    }

    /// Something by which calls may be judged otherwise than intended.
    pub fn warning(
        subject: &'static str,
        finding: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(subject, Level::Warning, finding.into(), remedy.into())
    }

    /// Something that does not work.
    pub fn wrong(
        subject: &'static str,
        finding: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self::new(subject, Level::Wrong, finding.into(), remedy.into())
    }
}

/// What the running daemon says of itself.
#[derive(Debug, Default)]
pub struct DaemonView {
    /// Its status; none if it cannot be reached.
    pub status: Option<Status>,
    /// Calls that passed lately.
    pub seen: Vec<PassedCall>,
}

/// All that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether nothing is worse than a note.
    pub ok: bool,
    /// In the order in which things were looked at.
    pub findings: Vec<Finding>,
}

impl Report {
    /// A report of these findings.
    pub fn of(findings: Vec<Finding>) -> Self {
        Self {
            ok: findings.iter().all(|finding| finding.level <= Level::Note),
            findings,
        }
    }
}
