//! The rules on disk: an embedded database that holds every acknowledged change and every version
//! that ever was, whatever happens to the process. What a rule means is not known here.

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

/// Pages behind which a small change takes the log over by itself.
const LOG_PAGES: i64 = 1000;

/// Why the store could not do what was asked; each is a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be used, or refused.
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
    /// There are no numbers left.
    #[error("no number is left for a new one: {0} were given")]
    OutOfNumbers(u64),
    /// A file cannot be made.
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
    /// The file is damaged, of a later version, or of another program: it is left as it is.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let database = Database::open(directory.join(FILE_NAME), &SCHEMA)?;
        Ok(Self { database })
    }

    /// Opens the database for reading beside the one that writes.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn reader(directory: &Path) -> Result<Self, StoreError> {
        let database = Database::reader(directory.join(FILE_NAME), &SCHEMA)?;
        Ok(Self { database })
    }

    /// Begins a change; it is on disk when it is committed, and never was if it is dropped.
    ///
    /// # Errors
    /// The database refused.
    pub fn begin(&mut self, cause: Cause) -> Result<StoreChange<'_>, StoreError> {
        StoreChange::begin(&mut self.database.connection, &self.database.path, cause)
    }

    /// Remembers what became of a subscription; no change of the rules.
    ///
    /// # Errors
    /// The database refused.
    pub fn save_feed_state(&self, name: &str, state: &str) -> Result<(), StoreError> {
        Ok(self
            .database
            .run(|connection| feed_row::save_state(connection, name, state))?)
    }

    /// Writes down a try of a PIN, and what is left of the number of tries: both or neither. No
    /// change of the rules.
    ///
    /// # Errors
    /// The database refused.
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

    /// Forgets the tries of PINs by a caller; how many there were.
    ///
    /// # Errors
    /// The database refused.
    pub fn forget_attempts(&self, caller: &str) -> Result<u64, StoreError> {
        Ok(self
            .database
            .run(|connection| pin_attempt::forget(connection, caller))?)
    }

    /// Takes the log of a large change over into the database. Other changes wait for that,
    /// questions do not.
    ///
    /// # Errors
    /// The database refused; the log is read all the same.
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
