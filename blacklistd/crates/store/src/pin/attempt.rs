use std::time::Duration;

use jiff::Timestamp;

/// The result of a PIN attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It is the PIN of this scope.
    Right {
        /// The scope's name.
        scope: String,
    },
    /// It is wrong.
    Wrong {
        /// How long to wait: an earlier attempt counts as wrong, whatever its digits are.
        wait: Duration,
    },
    /// There were too many wrong attempts: digits are not compared.
    Locked {
        /// When the lock ends.
        until: Timestamp,
    },
    /// The called number has no PIN.
    NoPin,
}
