//! What went wrong on the command line, and the exit code that says so to scripts.

/// A sentence and what kind of failure it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// Refused or failed.
    #[error("{0}")]
    Failed(String),
    /// Refused, with a report for machines, which goes to stdout.
    #[error("{0}")]
    Report(String),
    /// The daemon cannot be reached.
    #[error("{0}")]
    Unreachable(String),
    /// Not found.
    #[error("{0}")]
    NotFound(String),
}

impl CliError {
    /// A failure with all its causes.
    pub(super) fn failed(error: impl Into<anyhow::Error>) -> Self {
        Self::Failed(format!("{:#}", error.into()))
    }

    /// The exit code.
    pub(crate) const fn exit_code(&self) -> u8 {
        match self {
            Self::Failed(_) | Self::Report(_) => 1,
            Self::Unreachable(_) => 3,
            Self::NotFound(_) => 4,
        }
    }
}
