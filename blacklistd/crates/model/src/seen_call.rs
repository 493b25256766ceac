use blacklist_common::decide::Call;
use blacklist_common::tables::Direction;

/// A call from the sample of recent calls, by which the effect of a change is previewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenCall {
    /// Caller, called party, and the caller's classes.
    pub call: Call,
    /// Its direction.
    pub direction: Direction,
}
