//! The rules on disk: an embedded database that holds every acknowledged change, whatever happens
//! to the process. What a rule means is not known here.

mod migrations;
mod row;

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension};

use crate::rules::{Draft, RuleId};

pub use row::StoredRule;

/// The database's name in the state directory.
pub const FILE_NAME: &str = "blacklist.db";

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
    /// A rule in it cannot be read.
    #[error("rule {id} in the rules' database cannot be read: {reason}")]
    BadRule {
        /// The rule.
        id: i64,
        /// What is wrong with it.
        reason: String,
    },
    /// There are no rule numbers left.
    #[error("no rule number is left: {0} numbers were given")]
    OutOfNumbers(i64),
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
        Ok(Self { connection, path })
    }

    fn prepare(&self) -> Result<(), StoreError> {
        migrations::check(&self.connection, &self.path)?;
        let set = || -> rusqlite::Result<()> {
            self.connection.pragma_update(None, "journal_mode", "WAL")?;
            self.connection.pragma_update(None, "synchronous", "FULL")?;
            self.connection
                .busy_timeout(std::time::Duration::from_secs(5))
        };
        set().map_err(|source| unusable(&self.path, &source))?;
        migrations::run(&self.connection, &self.path)
    }

    /// Adds a rule; it is on disk when this returns.
    ///
    /// # Errors
    /// The database refused; nothing is changed.
    pub fn insert(
        &mut self,
        draft: Draft,
        created_at: Timestamp,
        created_by: &str,
    ) -> Result<StoredRule, StoreError> {
        let mut stored = StoredRule {
            draft,
            created_at,
            created_by: created_by.to_owned(),
        };
        let transaction = self
            .connection
            .transaction()
            .map_err(|source| refused(&self.path, source))?;
        row::insert(&transaction, &stored, None).map_err(|source| refused(&self.path, source))?;
        let id = transaction.last_insert_rowid();
        stored.draft.rule.id =
            RuleId(u32::try_from(id).map_err(|_| StoreError::OutOfNumbers(id - 1))?);
        transaction
            .commit()
            .map_err(|source| refused(&self.path, source))?;
        Ok(stored)
    }

    /// Puts a rule back with the id that it had.
    ///
    /// # Errors
    /// The database refused; nothing is changed.
    pub fn restore(&mut self, stored: &StoredRule) -> Result<(), StoreError> {
        row::insert(&self.connection, stored, Some(stored.draft.rule.id))
            .map_err(|source| refused(&self.path, source))
    }

    /// Writes a rule in place of the one with its id.
    ///
    /// # Errors
    /// The database refused; nothing is changed.
    pub fn update(&mut self, stored: &StoredRule) -> Result<(), StoreError> {
        row::update(&self.connection, stored).map_err(|source| refused(&self.path, source))
    }

    /// Removes a rule. Its id is never given again.
    ///
    /// # Errors
    /// The database refused; nothing is changed.
    pub fn delete(&mut self, id: RuleId) -> Result<(), StoreError> {
        row::delete(&self.connection, id).map_err(|source| refused(&self.path, source))
    }

    /// A rule by its id.
    ///
    /// # Errors
    /// The database refused, or the rule in it cannot be read.
    pub fn get(&self, id: RuleId) -> Result<Option<StoredRule>, StoreError> {
        row::get(&self.connection, id)
            .optional()
            .map_err(|source| refused(&self.path, source))?
            .map(row::Row::read)
            .transpose()
    }

    /// Calls `each` with every rule, by id.
    ///
    /// # Errors
    /// The database refused, or a rule in it cannot be read.
    pub fn for_each(&self, mut each: impl FnMut(StoredRule)) -> Result<(), StoreError> {
        let refused = |source| refused(&self.path, source);
        let mut statement = row::select_all(&self.connection).map_err(refused)?;
        let rows = statement.query_map([], row::Row::of).map_err(refused)?;
        for row in rows {
            each(row.map_err(refused)?.read()?);
        }
        Ok(())
    }

    /// Every rule, by id.
    ///
    /// # Errors
    /// As [`Self::for_each`].
    pub fn all(&self) -> Result<Vec<StoredRule>, StoreError> {
        let mut rules = Vec::new();
        self.for_each(|rule| rules.push(rule))?;
        Ok(rules)
    }
}

fn refused(path: &Path, source: rusqlite::Error) -> StoreError {
    StoreError::Database {
        path: path.to_owned(),
        source,
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
