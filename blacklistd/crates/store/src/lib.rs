//! What is kept on disk: rules, lists, scopes, PINs and grants in every version (`rules`), the log
//! of calls and the sums of all that was counted (`journal`), and how often PINs may be tried
//! (`pin`). The only crate that names the SQL library; both databases are opened, migrated and asked
//! in one way (`database`).

mod database;
pub mod journal;
pub mod pin;
pub mod rules;

pub use database::DatabaseError;
