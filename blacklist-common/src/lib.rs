//! The meaning of a call, the same in the kernel program, the daemon and the tests: SIP scanning,
//! numbers, the lookup order, and what the shared tables look like.
//!
//! No allocation, no clock, no files; nothing here knows where a packet came from or where a rule
//! is kept.
#![no_std]

pub mod address;
pub mod answer;
#[cfg(feature = "bench")]
pub mod bench;
mod clear;
pub mod decide;
pub mod dial_plan;
pub mod event;
pub mod find;
pub mod fragment;
pub mod hash;
pub mod judge;
pub mod message;
pub mod number;
pub mod outcome;
mod parameters;
pub mod repeat;
pub mod rule;
pub mod scan;
pub mod tables;
pub mod text;
pub mod uri;
pub mod user_part;
