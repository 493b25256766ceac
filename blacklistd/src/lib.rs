//! The daemon and its command line, as a library so that tests can drive its parts.

pub mod api;
pub mod cli;
pub mod companion;
pub mod config;
pub mod daemon;
pub mod database;
pub mod doctor;
pub mod exchange;
pub mod feed;
pub mod journal;
pub mod kernel;
pub mod log;
pub mod metrics;
pub mod model;
pub mod pin;
mod root_certificates;
pub mod ship;
pub mod store;
pub mod toml_problem;
pub mod wire;

pub use blacklist_generation as generation;
pub use blacklist_sip::{answer, capture};
pub use blacklist_voice::{dialog, host, media};

/// Rules as values and the engine over them.
pub mod rules {
    pub use blacklist_engine::*;
    pub use blacklist_model::*;
}
