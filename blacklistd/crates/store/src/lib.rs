//! Everything on disk: all versions of rules, lists, scopes, with PINs and grants (`rules`), the
//! log of calls and the sums of all counters (`journal`), and the limits of PIN attempts (`pin`).
//! The only crate that uses the SQL library; both databases are opened, migrated and queried in the
//! same way (`database`).

mod database;
pub mod journal;
pub mod pin;
pub mod rules;

pub use database::DatabaseError;
