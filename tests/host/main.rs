//! What the shared crate says of frames and messages, without a kernel and without privileges.
mod invariants;
mod rows;
