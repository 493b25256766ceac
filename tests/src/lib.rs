//! What several tests share: frames and messages to be sent, the real program in a pin folder of
//! its own, and the host's engine beside it. A test's own expectations stay in the test.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test's harness fails by panicking, and the panic names what failed"
)]

pub mod corpus;
pub mod datagram;
pub mod host;
pub mod house;
pub mod invite;
pub mod lab;
pub mod measuring;
pub mod private_bpf;
pub mod reading;
pub mod report;
pub mod rows;
pub mod rules;
pub mod standard;
