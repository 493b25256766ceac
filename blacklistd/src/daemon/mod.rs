//! The daemon: its parts with their own state, what is done with them, and how they are put together.
//! Nothing here knows the API, nor how a daemon is run.

mod answering;
mod apply;
mod attach;
mod change;
mod check;
mod companion;
mod enforcement;
mod export;
mod feeds;
mod heartbeats;
mod import;
mod in_force;
mod journal;
mod load;
mod lock;
mod memory;
mod mirror;
mod names;
mod parts;
mod pins;
mod problems;
mod reload;
mod replay;
pub(crate) mod rows;
mod rules_state;
mod settings;
mod shipping;
mod start;
#[cfg(test)]
pub(crate) mod testing;
mod timer;

pub(crate) use apply::{Applied, apply};
pub(crate) use change::{
    Author, ChangeError, ChangeOptions, Changed, Changes, GrantRequest, Lifetime, Undone,
};
pub(crate) use check::{CheckError, Checked, KernelAnswer};
pub(crate) use companion::{Companion, ScreenError, Screened, serve as serve_redirect};
pub(crate) use enforcement::Enforcement;
pub(crate) use export::{ExportFormat, export};
pub(crate) use feeds::Subscriptions;
pub(crate) use heartbeats::Part;
pub(crate) use import::import;
pub(crate) use journal::{Journal, WriterHandle, start as start_journal};
pub(crate) use lock::{take as lock_state_directory, take_pins as lock_pin_directory};
pub(crate) use mirror::{MirrorError, mirror};
pub(crate) use names::{CountKey, NameTable};
pub(crate) use parts::Daemon;
pub(crate) use pins::PinChecks;
#[cfg(test)]
pub(crate) use pins::PinTry;
pub(crate) use reload::reload;
pub(crate) use replay::{Candidate, Verdict, is_blocked, replay};
pub(crate) use rules_state::RulesState;
pub(crate) use settings::Settings;
pub(crate) use start::{make_state_directory, remove_leftovers, start};
