//! What becomes of a try.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The answer to a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It is the PIN of this scope.
    Right {
        /// The scope, as people write it.
        scope: String,
    },
    /// It is none.
    Wrong {
        /// How long to wait: a try before that counts as wrong whatever its digits are.
        wait: Duration,
    },
    /// There were too many wrong ones: no digits are compared.
    Locked {
        /// Until when.
        until: Timestamp,
    },
    /// The called number has no PIN.
    NoPin,
}

/// What became of a try, as the audit has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It was right.
    Right,
    /// It was wrong.
    Wrong,
    /// It came before its time and was not compared.
    Early,
    /// Too many were wrong in this hour; it was not compared.
    Locked,
    /// There is no PIN.
    NoPin,
}

impl Tried {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Right,
        Self::Wrong,
        Self::Early,
        Self::Locked,
        Self::NoPin,
    ];

    /// The word for people, for `--json` and for the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Early => "early",
            Self::Locked => "locked",
            Self::NoPin => "no-pin",
        }
    }

    /// From its word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tried| tried.as_str() == word)
    }
}

/// Tries since the daemon began, by what became of them.
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
    pub(super) const fn count(&mut self, tried: Tried) {
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
