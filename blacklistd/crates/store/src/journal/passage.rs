//! What the companion path made of a call.

use blacklist_common::outcome::Share;
use blacklist_model::words;

words! {
    /// What became of a call that the daemon was asked about.
    pub enum Passage {
        /// It goes on.
        Passed = "passed",
        /// It was refused.
        Refused = "refused",
        /// It was sent to another target.
        Diverted = "diverted",
        /// It would have been refused or diverted; monitoring lets it go on.
        Monitored = "monitored",
        /// It can be read in more than one way, and goes on.
        Ambiguous = "ambiguous",
        /// It was refused or diverted, and is in the log already: the program in the kernel has
        /// reported it.
        Known = "known",
    }
}

impl Passage {
    /// What it is of a path's calls; none for those that the other path has reported.
    pub const fn share(self) -> Option<Share> {
        Some(match self {
            Self::Passed => Share::Passed,
            Self::Refused | Self::Diverted => Share::Blocked,
            Self::Monitored => Share::Monitored,
            Self::Ambiguous => Share::Ambiguous,
            Self::Known => return None,
        })
    }

    /// Whether its calls stand in the log of blocked calls because of it.
    pub const fn is_logged(self) -> bool {
        matches!(self, Self::Refused | Self::Diverted | Self::Monitored)
    }
}
