//! The journal: a log on disk of every blocked call, the sums of all counters, overall and by hour,
//! and a sample of the calls that passed. Only it stores callers' numbers outside of rules. Where
//! events and counters come from is not part of it.

mod account;
mod busiest;
mod call;
mod days;
mod filter;
mod ledger;
mod log;
mod on_line;
mod open_calls;
mod passage;
mod pseudonym;
mod reading;
mod retention;
mod rows;
mod schema;
mod seen;
mod state;
mod statistics;
mod words;

pub use account::Account;
pub use busiest::Busiest;
pub use call::{DecidedBy, NewCall, Surroundings, shown};
pub use days::{Days, Side};
pub use filter::{CallFilter, NumberFilter};
pub use ledger::{Ledger, Owner, hour_of};
pub use log::{CallLog, FILE_NAME, LogError, LogSettings, Put, RingPosition};
pub use on_line::CallEnd;
pub use passage::Passage;
pub use pseudonym::{Pseudonyms, read as read_pseudonym, shown as shown_pseudonym};
pub use reading::{CallReader, Order};
pub use seen::Seen;
pub use statistics::Period;

#[cfg(test)]
mod tests;
