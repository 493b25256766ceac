/// What is remembered of a call that is not over, by the hash of its Call-ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RememberedCall {
    /// Number of its packets.
    pub packets: u32,
    /// When it was last seen, in nanoseconds since boot; up to 17 ms early.
    pub last: u64,
}
