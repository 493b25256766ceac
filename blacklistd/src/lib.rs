//! The daemon and its command line, as a library so that tests can drive its parts.

pub mod answer;
pub mod api;
pub mod capture;
pub mod cli;
pub mod companion;
pub mod config;
pub mod daemon;
pub mod dialog;
pub mod doctor;
pub mod exchange;
pub mod feed;
pub mod generation;
pub mod host;
pub mod journal;
pub mod kernel;
pub mod log;
pub mod media;
pub mod metrics;
pub mod model;
pub mod pin;
mod root_certificates;
pub mod rules;
pub mod ship;
pub mod sip;
pub mod store;
pub mod toml_problem;
pub mod wire;
