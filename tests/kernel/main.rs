//! The real program in the kernel beside the host's engine: frames in, the same answer from both.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test program fails by panicking"
)]

mod classes;
mod corpora;
mod counters;
mod differential;
mod events;
mod fragments;
mod generations;
mod grants;
mod headers_at_random;
mod messages;
mod mutation;
mod patterns;
mod regressions;
mod rows;
mod steering;
mod truncation;
mod verifier;
mod worlds;
