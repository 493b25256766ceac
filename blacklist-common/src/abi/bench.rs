//! What the measuring programs are asked to do.

/// Which numbers a frame is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[repr(C)]
pub struct Variation {
    /// State of the generator; below `count` where there is a `step`, else any number to begin with.
    pub state: u64,
    /// Offset in the frame of the eight digits that are replaced.
    pub offset: u32,
    /// Offset of a second place for the same digits; 0 for none.
    pub second: u32,
    /// The numbers are `first..first + count`, below 100,000,000.
    pub first: u32,
    /// See `first`; not 0.
    pub count: u32,
    /// 0: numbers at random. Otherwise each number is this much after the one before, and begins
    /// anew at the end: below `count`, and without a common divisor all numbers come in turn.
    pub step: u32,
    /// Zero.
    pub padding: u32,
}
