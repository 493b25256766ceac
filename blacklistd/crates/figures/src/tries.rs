//! Tries of PINs.

use serde::{Deserialize, Serialize};

use blacklist_model::words;

words! {
    /// What became of a try of a PIN, as the audit has it.
    pub enum Tried {
        /// It was right.
        Right = "right",
        /// It was wrong.
        Wrong = "wrong",
        /// It came before its time and was not compared.
        Early = "early",
        /// Too many were wrong in this hour; it was not compared.
        Locked = "locked",
        /// There is no PIN.
        NoPin = "no-pin",
    }
}

/// Tries of PINs since the daemon began, by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptFigures {
    /// Right ones.
    pub right: u64,
    /// Wrong ones.
    pub wrong: u64,
    /// Those that came before their time.
    pub early: u64,
    /// Those for which no tries were left.
    pub locked: u64,
    /// Those for numbers without a PIN.
    pub no_pin: u64,
}

impl AttemptFigures {
    /// How many there were with an outcome.
    pub const fn of(&self, tried: Tried) -> u64 {
        match tried {
            Tried::Right => self.right,
            Tried::Wrong => self.wrong,
            Tried::Early => self.early,
            Tried::Locked => self.locked,
            Tried::NoPin => self.no_pin,
        }
    }

    /// One more.
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
