//! The daemon, and what the command line does on this machine without it.

mod api;
mod config;
mod daemon;
mod doctor;
pub mod local;
mod log;
mod metrics;
mod run;
