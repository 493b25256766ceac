//! The rules on disk: an embedded database that holds every acknowledged change and every version
//! that ever was, whatever happens to the process. What a rule means is not known here.

mod backup;
mod change;
mod column;
mod conditions;
mod feed_row;
mod filter;
mod generation_row;
mod grant_row;
mod history;
mod list_row;
mod migrations;
mod pin_attempt;
mod pin_limit;
mod pin_row;
mod reading;
mod record;
mod rule_row;
mod scope_row;

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::pin::Limit;

pub use backup::{BackupProgress, check_backup};
pub use change::StoreChange;
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

/// Changes wait so long for each other.
const PATIENCE: Duration = Duration::from_secs(5);

/// The log beside the database is cut to this size once it has been taken over, in bytes.
const LOG_BYTES: i64 = 64 << 20;

/// Pages behind which a small change takes the log over by itself.
const LOG_PAGES: i64 = 1000;

/// Why the store could not do what was asked; each is a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file is damaged or no database of ours.
    #[error("the rules' database {} cannot be used: {reason}; it was left as it is: put a backup in its place, or move it away to begin without rules", path.display())]
    Unusable {
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database is of a later version.
    #[error("the rules' database {} has version {found}, this blacklistd knows up to {known}: use the later blacklistd, or move the file away to begin without rules", path.display())]
    TooNew {
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
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
    /// The database refused (disk full, locked, ...).
    #[error("the rules' database {} refused: {source}; nothing was changed", path.display())]
    Database {
        /// The database.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
}

/// The open database.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
}

impl Store {
    /// Opens the database of a state directory; creates it if there is none.
    ///
    /// # Errors
    /// The file is damaged, of a later version, or of another program: it is left as it is.
    pub fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE_NAME);
        let connection = Connection::open(&path).map_err(|source| unusable(&path, &source))?;
        let store = Self { connection, path };
        store.prepare()?;
        Ok(store)
    }

    /// Opens the database for reading beside the one that writes.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn reader(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE_NAME);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection =
            Connection::open_with_flags(&path, flags).map_err(|source| unusable(&path, &source))?;
        connection
            .busy_timeout(PATIENCE)
            .map_err(|source| unusable(&path, &source))?;
        Ok(Self { connection, path })
    }

    fn prepare(&self) -> Result<(), StoreError> {
        migrations::check(&self.connection, &self.path)?;
        let set = || -> rusqlite::Result<()> {
            self.connection.pragma_update(None, "journal_mode", "WAL")?;
            self.connection.pragma_update(None, "synchronous", "FULL")?;
            self.connection
                .pragma_update(None, "journal_size_limit", LOG_BYTES)?;
            // What a PIN's hash stood in is overwritten when another one comes in its place.
            self.connection
                .pragma_update(None, "secure_delete", "FAST")?;
            self.connection.busy_timeout(PATIENCE)
        };
        set().map_err(|source| unusable(&self.path, &source))?;
        migrations::run(&self.connection, &self.path)
    }

    /// Begins a change; it is on disk when it is committed, and never was if it is dropped.
    ///
    /// # Errors
    /// The database refused.
    pub fn begin(&mut self, cause: Cause) -> Result<StoreChange<'_>, StoreError> {
        StoreChange::begin(&mut self.connection, &self.path, cause)
    }

    /// Remembers what became of a subscription; no change of the rules.
    ///
    /// # Errors
    /// The database refused.
    pub fn save_feed_state(&self, name: &str, state: &str) -> Result<(), StoreError> {
        feed_row::save_state(&self.connection, name, state)
            .map_err(|source| refused(&self.path, source))
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
        let write = |connection: &mut Connection| -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            pin_attempt::add(&transaction, attempt)?;
            pin_limit::save(&transaction, limits)?;
            transaction.commit()
        };
        write(&mut self.connection).map_err(|source| refused(&self.path, source))
    }

    /// Forgets the tries of PINs by a caller; how many there were.
    ///
    /// # Errors
    /// The database refused.
    pub fn forget_attempts(&self, caller: &str) -> Result<u64, StoreError> {
        pin_attempt::forget(&self.connection, caller).map_err(|source| refused(&self.path, source))
    }

    /// Takes the log of a large change over into the database. Other changes wait for that,
    /// questions do not.
    ///
    /// # Errors
    /// The database refused; the log is read all the same.
    pub fn tidy(&self) -> Result<(), StoreError> {
        let tidy = || -> rusqlite::Result<()> {
            self.connection
                .pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
            self.connection
                .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        };
        tidy().map_err(|source| refused(&self.path, source))
    }
}

impl Reading for Store {
    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

fn refused(path: &Path, source: rusqlite::Error) -> StoreError {
    match source {
        rusqlite::Error::FromSqlConversionFailure(_, _, reason) => StoreError::BadRecord {
            what: "a record".to_owned(),
            reason: reason.to_string(),
        },
        source => StoreError::Database {
            path: path.to_owned(),
            source,
        },
    }
}

fn unusable(path: &Path, source: &rusqlite::Error) -> StoreError {
    StoreError::Unusable {
        path: path.to_owned(),
        reason: source.to_string(),
    }
}

#[cfg(test)]
mod tests;
