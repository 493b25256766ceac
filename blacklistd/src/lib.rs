//! The daemon, as a library so that tests can drive its parts.

pub mod api;
pub mod config;
mod daemon;
pub mod doctor;
pub mod local;
pub mod log;
pub mod metrics;
mod run;

pub use blacklist_figures as figures;
pub use blacklist_generation as generation;
pub use blacklist_kernel as kernel;
pub use blacklist_lists::{exchange, feed, ship};
pub use blacklist_problems as toml_problem;
pub use blacklist_sip::{answer, capture, companion};
pub use blacklist_store::{journal, pin, rules as store};
pub use blacklist_voice::{dialog, host, media};

/// Rules as values and the engine over them.
pub mod rules {
    pub use blacklist_engine::*;
    pub use blacklist_model::*;
}

/// Small plain values that several crates share.
pub mod model {
    pub use blacklist_model::{RememberedCall, read_duration};
    pub use blacklist_system::{Clock, clock};
}
