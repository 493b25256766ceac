//! PIN attempts.

use serde::{Deserialize, Serialize};

use blacklist_model::words;

words! {
    /// The result of a PIN attempt, as the audit records it.
    pub enum AttemptResult {
        /// It was right.
        Right = "right",
        /// It was wrong.
        Wrong = "wrong",
        /// It came too early and was not compared.
        Early = "early",
        /// There were too many wrong attempts in this hour; it was not compared.
        Locked = "locked",
        /// There is no PIN.
        NoPin = "no-pin",
    }
}

/// PIN attempts since the daemon's start, by result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptFigures {
    /// Right.
    pub right: u64,
    /// Wrong.
    pub wrong: u64,
    /// Too early.
    pub early: u64,
    /// Locked because of too many wrong attempts.
    pub locked: u64,
    /// For numbers without a PIN.
    pub no_pin: u64,
}

impl AttemptFigures {
    /// The number of attempts with a result.
    pub const fn with_result(&self, tried: AttemptResult) -> u64 {
        match tried {
            AttemptResult::Right => self.right,
            AttemptResult::Wrong => self.wrong,
            AttemptResult::Early => self.early,
            AttemptResult::Locked => self.locked,
            AttemptResult::NoPin => self.no_pin,
        }
    }

    /// Counts an attempt.
    pub const fn count(&mut self, tried: AttemptResult) {
        let place = match tried {
            AttemptResult::Right => &mut self.right,
            AttemptResult::Wrong => &mut self.wrong,
            AttemptResult::Early => &mut self.early,
            AttemptResult::Locked => &mut self.locked,
            AttemptResult::NoPin => &mut self.no_pin,
        };
        *place += 1;
    }
}
