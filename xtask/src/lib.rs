//! What xtask and the labs share: where the workspace is, how a program is run as root, where the
//! programs of others are that the labs run and how they are installed, and the names of the labs.

pub mod labs;
pub mod peers;
pub mod privilege;
pub mod python;
pub mod testing_suite;
pub mod workspace;
