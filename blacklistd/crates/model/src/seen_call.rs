//! A call of a sample that is kept, to say what a change would have done to it.

use blacklist_common::decide::Call;
use blacklist_common::tables::Direction;

/// A call that was seen lately.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenCall {
    /// Who called, who was called, and the caller's classes.
    pub call: Call,
    /// Which way.
    pub direction: Direction,
}
