//! One way to keep something in an SQLite database: it is recognised, brought to the present version,
//! read beside its writer, and asked with conditions. What is kept is not known here.

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
