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

/// What is repeated. Everything that changes from call to call must be behind a reference into
/// a map value: the verifier must not know it, or it follows every iteration apart.
pub trait Stepper {
    /// One repetition; `index` counts from 0.
    fn step(&mut self, index: u32) -> Step;
}

/// How to repeat.
pub trait Repeat {
    /// Calls `stepper` at most `limit` times.
    fn repeat<S: Stepper>(limit: u32, stepper: &mut S);
}

/// Repetition outside of the kernel.
#[derive(Clone, Copy, Debug)]
pub struct PlainLoop;

impl Repeat for PlainLoop {
    fn repeat<S: Stepper>(limit: u32, stepper: &mut S) {
        for index in 0..limit {
            if stepper.step(index) == Step::Stop {
                return;
            }
        }
    }
}
