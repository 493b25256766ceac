//! Why a change was not made.

use blacklist_engine::Finding;
use blacklist_kernel::KernelError;
use blacklist_model::Refusal;
use blacklist_store::rules::{ReadError, StoreError};

/// Findings that are reported at most.
const REPORTED: usize = 20;

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// What was asked for is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// What was asked for would do harm, or could never do what it says.
    #[error("{}", sentences(.0))]
    Findings(Vec<Finding>),
    /// There are warnings, and the configuration makes them refusals.
    #[error(
        "{}\nthe configuration refuses changes with warnings (warnings in [rules]): correct it, or add --force",
        sentences(.0)
    )]
    Warnings(Vec<Finding>),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The kernel refused.
    #[error("the change cannot be put in force: {0}; nothing was changed")]
    Kernel(KernelError),
    /// What was sent cannot be read.
    #[error("{0}")]
    Input(String),
}

impl From<ReadError<Self>> for ChangeError {
    fn from(error: ReadError<Self>) -> Self {
        match error {
            ReadError::Store(error) => Self::Store(error),
            ReadError::Reader(error) => error,
        }
    }
}

fn sentences(findings: &[Finding]) -> String {
    let mut lines: Vec<String> = findings
        .iter()
        .take(REPORTED)
        .map(|finding| finding.sentence.clone())
        .collect();
    if findings.len() > REPORTED {
        lines.push(format!("and {} more", findings.len() - REPORTED));
    }
    lines.join("\n")
}
