//! What the companion path made of a call.

/// What became of a call that the daemon was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Passage {
    /// It goes on.
    Passed,
    /// It was refused.
    Refused,
    /// It was sent to another target.
    Diverted,
    /// It would have been refused or diverted; monitoring lets it go on.
    Monitored,
    /// It can be read in more than one way, and goes on.
    Ambiguous,
    /// It was refused or diverted, and stands in the log already: the program in the kernel has told
    /// of it.
    Known,
}

impl Passage {
    /// All.
    pub const ALL: [Self; 6] = [
        Self::Passed,
        Self::Refused,
        Self::Diverted,
        Self::Monitored,
        Self::Ambiguous,
        Self::Known,
    ];

    /// The word for people, for `--json`, for the database and for metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Refused => "refused",
            Self::Diverted => "diverted",
            Self::Monitored => "monitored",
            Self::Ambiguous => "ambiguous",
            Self::Known => "known",
        }
    }

    /// Whether its calls stand in the log of blocked calls because of it.
    pub const fn is_logged(self) -> bool {
        matches!(self, Self::Refused | Self::Diverted | Self::Monitored)
    }
}
