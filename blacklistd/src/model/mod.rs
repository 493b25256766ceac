//! Small plain values that several rooms share. Nothing here knows a room of the daemon.

pub mod clock;
mod duration;
mod remembered;

pub use clock::Clock;
pub use duration::read_duration;
pub use remembered::RememberedCall;
