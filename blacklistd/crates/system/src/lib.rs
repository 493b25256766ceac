//! The machine that the daemon runs on: its clocks.

pub mod clock;

pub use clock::Clock;
