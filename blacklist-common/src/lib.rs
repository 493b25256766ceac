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
pub mod buckets;
pub mod calls;
pub mod checksum;
mod class;
mod clear;
pub mod decide;
pub mod dial_plan;
pub mod event;
pub mod find;
pub mod fragment;
pub mod hash;
pub mod judge;
mod masked;
pub mod message;
pub mod number;
pub mod outcome;
mod parameters;
pub mod pattern;
pub mod repeat;
pub mod rule;
pub mod scan;
pub mod scope;
pub mod shape;
pub mod tables;
pub mod text;
pub mod uri;
pub mod user_part;
mod walk;
