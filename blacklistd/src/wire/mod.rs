//! Objects of the API that both the daemon and its clients name: what is asked of a command, and what
//! it reports. Nothing here does anything.

mod check;
mod import;
mod mirror;

pub use check::CheckRequest;
pub use import::{ImportReport, ImportRequest};
pub use mirror::MirrorReport;
