//! How SQLite databases are recognised, migrated, read while they are written, and queried with
//! conditions, whatever they store.

mod conditions;
mod error;
#[cfg(test)]
mod layout;
mod open;
mod schema;
mod statements;

pub(crate) use conditions::{Conditions, contains};
pub use error::DatabaseError;
#[cfg(test)]
pub(crate) use layout::layout;
pub(crate) use open::Database;
pub(crate) use schema::Schema;
pub(crate) use statements::{ReadFailure, Statements};
