//! The daemon: the composition root. It alone knows configuration, store, rules, kernel, journal
//! and API, and in which order they meet.

mod answering;
mod apply;
mod attach;
mod beats;
mod change;
mod check;
mod companion;
mod core;
mod export;
mod feeds;
mod import;
mod in_force;
mod journal;
mod lock;
mod memory;
mod mirror;
mod names;
mod pins;
mod reload;
mod replay;
pub(crate) mod rows;
mod run;
mod start;
#[cfg(test)]
pub(crate) mod testing;
mod timer;

pub use self::core::{Core, Shared};
pub(crate) use apply::Applied;
pub(crate) use beats::Part;
pub use change::{ChangeError, GrantRequest, Lifetime};
pub(crate) use change::{Changed, Manner, Undone, Who};
pub use check::{CheckError, Checked, KernelSide};
pub(crate) use companion::{ScreenError, Screened};
pub use export::ExportFormat;
pub(crate) use mirror::MirrorError;
pub(crate) use names::{NameTable, Sort};
pub use pins::PinTry;
pub(crate) use replay::{Candidate, Verdict, is_blocked};
pub use run::run;
