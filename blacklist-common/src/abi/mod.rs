//! What the kernel program and the daemon share: keys and values of the maps, byte for byte, and how
//! they are read.

pub mod answer;
#[cfg(feature = "bench")]
pub mod bench;
pub mod buckets;
pub mod calls;
pub mod event;
pub mod fragment;
pub mod object;
pub mod pattern;
pub mod rule;
pub mod scope;
pub mod shape;
pub mod tables;
