//! One file per command, and one for what several can be asked. A command says what is done in which
//! order; how is said elsewhere.

pub(crate) mod bench;
pub(crate) mod build;
pub(crate) mod lab;
pub(crate) mod lint;
mod needs;
pub(crate) mod setup;
pub(crate) mod terms;
pub(crate) mod test;
pub(crate) mod verify;
