//! What the shared crate says of frames and messages, without a kernel and without privileges.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test program fails by panicking"
)]

mod crates;
mod invariants;
mod rows;
