//! What the measuring programs are told.

/// Which numbers a frame is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Variation {
    /// State of the generator; any number to begin with.
    pub state: u64,
    /// Offset in the frame of the last eight digits of the caller.
    pub offset: u32,
    /// The numbers are `first..first + count`, below 100,000,000.
    pub first: u32,
    /// See `first`; not 0.
    pub count: u32,
    /// Zero.
    pub padding: u32,
}
