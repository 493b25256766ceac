//! The daemon: the composition root. It alone knows configuration, store, rules, kernel, journal
//! and API, and in which order they meet.

mod attach;
mod change;
mod check;
mod core;
mod events;
mod lock;
mod reload;
mod run;
mod start;

pub use self::core::{Core, Shared};
pub use change::{ChangeError, Changed};
pub use check::{CheckError, CheckRequest, Checked, KernelSide};
pub use run::run;
