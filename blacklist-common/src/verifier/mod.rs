//! What code needs so that the kernel's verifier accepts it: bounded loops, memory that is cleared by
//! words, indexes that are masked.

pub(crate) mod masked;
pub mod repeat;
pub(crate) mod zeroed;
