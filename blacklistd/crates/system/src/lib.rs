//! The machine that the daemon runs on, each part behind one small door: its clocks.

pub mod clock;

pub use clock::Clock;
