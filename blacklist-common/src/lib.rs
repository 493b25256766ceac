//! The meaning of a call, the same in the kernel program, the daemon and the tests: network headers,
//! SIP, numbers, the lookup order, and what the shared maps look like.
//!
//! No allocation, no clock, no files; nothing here knows where a packet came from or where a rule
//! is kept.
#![no_std]

mod abi;
pub mod decide;
pub mod frame;
pub mod hash;
pub mod number;
pub mod outcome;
mod sip;
mod verifier;

#[cfg(feature = "bench")]
pub use abi::bench;
pub use abi::{
    answer, buckets, calls, event, fragment, object, pattern, rule, scope, shape, tables,
};
pub use decide::judge;
pub use frame::checksum;
pub use number::dial_plan;
pub use sip::{address, find, flaw, message, scan, text, uri, user_part};
pub(crate) use sip::{addresses, class, parameters, reader};
pub use verifier::repeat;
pub(crate) use verifier::{masked, zeroed};
