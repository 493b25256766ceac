use blacklist_common::outcome::Share;
use blacklist_model::words;

words! {
    /// The result of a call that the companion was asked about.
    pub enum Passage {
        /// It passes.
        Passed = "passed",
        /// It was rejected.
        Refused = "refused",
        /// It was redirected.
        Diverted = "diverted",
        /// It would have been rejected or redirected, but is only monitored.
        Monitored = "monitored",
        /// It is ambiguous, and passes.
        Ambiguous = "ambiguous",
        /// It was rejected or redirected, and the kernel has already reported it to the log.
        Known = "known",
    }
}

impl Passage {
    /// The share in which it is counted; `None` if the other path has reported it.
    pub const fn share(self) -> Option<Share> {
        Some(match self {
            Self::Passed => Share::Passed,
            Self::Refused | Self::Diverted => Share::Blocked,
            Self::Monitored => Share::Monitored,
            Self::Ambiguous => Share::Ambiguous,
            Self::Known => return None,
        })
    }

    /// Whether such a call is written to the log of blocked calls.
    pub const fn is_logged(self) -> bool {
        matches!(self, Self::Refused | Self::Diverted | Self::Monitored)
    }
}
