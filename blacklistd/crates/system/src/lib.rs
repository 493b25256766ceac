//! The machine that the daemon runs on: its clocks ([`clock`]), its randomness ([`random`]), its files
//! ([`files`]) and its sockets ([`datagrams`]), each behind one small trait of a [`Machine`]. A test or a
//! simulation puts its own in their place, for a thread and for those that it starts.

pub mod clock;
pub mod datagrams;
pub mod files;
mod machine;
pub mod random;
#[cfg(any(test, feature = "simulated"))]
pub mod simulated;

pub use clock::{Clock, Moment};
pub use machine::{Entered, Machine, spawn};
