//! The rules on disk: an embedded database with every committed change and every past version. What
//! a rule means is not part of it.

mod backup;
mod change;
mod change_kind;
mod column;
mod feed_row;
mod filter;
mod generation_row;
mod grant_row;
mod history;
mod list_row;
mod pin_attempt;
mod pin_limit;
mod pin_row;
mod reading;
mod record;
mod rule_row;
mod schema;
mod scope_row;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::database::{Database, DatabaseError};
use crate::pin::Limit;
use schema::SCHEMA;

pub use backup::{BackupProgress, check_backup};
pub use change::StoreChange;
pub use change_kind::ChangeKind;
pub use feed_row::FeedRow;
pub use filter::{Page, RuleFilter, ScopeFilter};
pub use generation_row::{Cause, GenerationRow};
pub use grant_row::GrantRow;
pub use history::HistoryFilter;
pub use list_row::ListRow;
pub use pin_attempt::{AttemptFilter, AttemptRow, MAXIMUM_ATTEMPTS};
pub use pin_row::PinRow;
pub use reading::{ReadError, Reading};
pub use record::{Difference, Parameters, Record};
pub use rule_row::{ORIGIN_MANUAL, RuleRow};
pub use scope_row::{MemberRow, ScopeRow};

/// The database's name in the state directory.
pub const FILE_NAME: &str = "blacklist.db";

/// Pages of the write-ahead log at which a small change checkpoints it.
const LOG_PAGES: i64 = 1000;

/// Why an operation on the store failed; a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database is unusable, or a statement failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A record in it cannot be read.
    #[error("{what} in the rules' database cannot be read: {reason}")]
    BadRecord {
        /// The record: `rule 7`.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// There are no ids left.
    #[error("no number is left for a new one: {0} were given")]
    OutOfNumbers(u64),
    /// A file cannot be created.
    #[error("cannot make {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

/// The open database.
#[derive(Debug)]
pub struct Store {
    database: Database,
}

impl Store {
    /// Opens the database of a state directory; creates it if there is none.
    ///
    /// # Errors
    /// The file is damaged, of a later version, or of another program; it is not changed.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let database = Database::open(directory.join(FILE_NAME), &SCHEMA)?;
        Ok(Self { database })
    }

    /// Opens the database for reading next to its writer.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn reader(directory: &Path) -> Result<Self, StoreError> {
        let database = Database::reader(directory.join(FILE_NAME), &SCHEMA)?;
        Ok(Self { database })
    }

    /// Begins a change, which is lost unless it is committed.
    ///
    /// # Errors
    /// The database failed.
    pub fn begin(&mut self, cause: Cause) -> Result<StoreChange<'_>, StoreError> {
        StoreChange::begin(&mut self.database.connection, &self.database.path, cause)
    }

    /// Stores the state of a subscription; this is not a change of the rules.
    ///
    /// # Errors
    /// The database failed.
    pub fn save_feed_state(&self, name: &str, state: &str) -> Result<(), StoreError> {
        Ok(self
            .database
            .run(|connection| feed_row::save_state(connection, name, state))?)
    }

    /// Stores a PIN attempt and the changed limits in one transaction; this is not a change of the
    /// rules.
    ///
    /// # Errors
    /// The database failed.
    pub fn save_attempt(
        &mut self,
        attempt: &AttemptRow,
        limits: &[Limit],
    ) -> Result<(), StoreError> {
        Ok(self.database.in_transaction(|transaction| {
            pin_attempt::add(transaction, attempt)?;
            pin_limit::save(transaction, limits)
        })?)
    }

    /// Deletes the PIN attempts of a caller; returns how many there were.
    ///
    /// # Errors
    /// The database failed.
    pub fn forget_attempts(&self, caller: &str) -> Result<u64, StoreError> {
        Ok(self
            .database
            .run(|connection| pin_attempt::forget(connection, caller))?)
    }

    /// Checkpoints the write-ahead log of a large change. Other changes wait meanwhile, queries do
    /// not.
    ///
    /// # Errors
    /// The database failed; the write-ahead log is still read.
    pub fn tidy(&self) -> Result<(), StoreError> {
        Ok(self.database.run(|connection| {
            connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
            connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        })?)
    }
}

impl Reading for Store {
    fn connection(&self) -> &Connection {
        &self.database.connection
    }

    fn path(&self) -> &Path {
        &self.database.path
    }
}

fn refused(path: &Path, source: rusqlite::Error) -> StoreError {
    match source {
        rusqlite::Error::FromSqlConversionFailure(_, _, reason) => StoreError::BadRecord {
            what: "a record".to_owned(),
            reason: reason.to_string(),
        },
        source => SCHEMA.refused(path, source).into(),
    }
}

#[cfg(test)]
mod tests;
