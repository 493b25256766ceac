//! What becomes of a try.

use std::time::Duration;

use jiff::Timestamp;

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
