//! Bounded loops that the kernel's verifier accepts: in the kernel program a repetition is a
//! `bpf_loop` call (Linux 5.17, kernel commit e6f2dd0f8067), outside of it a plain loop.

/// Whether a repetition goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Step {
    /// Call again.
    Again = 0,
    /// Enough.
    Stop = 1,
}

/// How to repeat.
pub trait Repeat {
    /// Calls `step` with 0, 1, 2 and so on, at most `limit` times. All that changes from call to call
    /// must be behind references into a map value: the verifier must not know it, or it follows every
    /// iteration apart.
    fn repeat(limit: u32, step: impl FnMut(u32) -> Step);
}

/// Repetition outside of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct PlainLoop;

impl Repeat for PlainLoop {
    fn repeat(limit: u32, mut step: impl FnMut(u32) -> Step) {
        for index in 0..limit {
            if step(index) == Step::Stop {
                return;
            }
        }
    }
}
