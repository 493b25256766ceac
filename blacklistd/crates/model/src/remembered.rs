//! What is remembered of a call that is not over, by the hash of its Call-ID.

/// One call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RememberedCall {
    /// Packets of it.
    pub packets: u32,
    /// When it was seen last, in nanoseconds since boot, to 17 ms; a little before.
    pub last: u64,
}
