//! PIN attempts.

use serde::{Deserialize, Serialize};

use blacklist_model::words;

words! {
    /// The result of a PIN attempt, as the audit records it.
    pub enum Tried {
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
    pub const fn of(&self, tried: Tried) -> u64 {
        match tried {
            Tried::Right => self.right,
            Tried::Wrong => self.wrong,
            Tried::Early => self.early,
            Tried::Locked => self.locked,
            Tried::NoPin => self.no_pin,
        }
    }

    /// Counts an attempt.
    pub const fn count(&mut self, tried: Tried) {
        let place = match tried {
            Tried::Right => &mut self.right,
            Tried::Wrong => &mut self.wrong,
            Tried::Early => &mut self.early,
            Tried::Locked => &mut self.locked,
            Tried::NoPin => &mut self.no_pin,
        };
        *place += 1;
    }
}
