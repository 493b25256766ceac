//! A change before its commit: one transaction, one generation. It is invisible to others until it
//! is committed; dropping it rolls it back.

use std::path::Path;

use blacklist_model::{ListId, RuleId, ScopeId};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};

use super::generation_row::{Cause, GenerationRow};
use super::record::{self, Parameters, Record};
use super::{GrantRow, PinRow, StoreError, refused};
use crate::database::Statements as _;

/// First id that is not a rule's: the tables use it and those above for defaults of scopes.
const RULE_IDS_END: u64 = 0x8000_0000;

/// Page cache during a change, in KiB: large enough that the pages of an import are written once.
const CACHE_KIB: i64 = 256 * 1024;

/// A change that is not committed.
#[derive(Debug)]
pub struct StoreChange<'s> {
    transaction: Transaction<'s>,
    path: &'s Path,
    row: GenerationRow,
}

impl<'s> StoreChange<'s> {
    pub(super) fn begin(
        connection: &'s mut Connection,
        path: &'s Path,
        cause: Cause,
    ) -> Result<Self, StoreError> {
        let refused = |source| refused(path, source);
        connection
            .pragma_update(None, "cache_size", -CACHE_KIB)
            .map_err(refused)?;
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(refused)?;
        let last = super::history::head(&transaction).map_err(refused)?;
        Ok(Self {
            transaction,
            path,
            row: GenerationRow {
                number: last + 1,
                cause,
                summary: String::new(),
                added: 0,
                changed: 0,
                removed: 0,
            },
        })
    }

    /// The number that its generation will have.
    pub const fn number(&self) -> u64 {
        self.row.number
    }

    /// Allocates ids of rules; returns the first.
    ///
    /// # Errors
    /// There are none left, or the database failed.
    pub fn rule_ids(&mut self, count: u64) -> Result<RuleId, StoreError> {
        let first = self.ids("rule", count)?;
        if first + count > RULE_IDS_END {
            return Err(StoreError::OutOfNumbers(first - 1));
        }
        Ok(RuleId(u32::try_from(first).unwrap_or(u32::MAX)))
    }

    /// Allocates the id of a list.
    ///
    /// # Errors
    /// As [`Self::rule_ids`].
    pub fn list_id(&mut self) -> Result<ListId, StoreError> {
        let id = self.ids("list", 1)?;
        u32::try_from(id)
            .map(ListId)
            .map_err(|_| StoreError::OutOfNumbers(id))
    }

    /// Allocates the id of a scope.
    ///
    /// # Errors
    /// As [`Self::rule_ids`].
    pub fn scope_id(&mut self) -> Result<ScopeId, StoreError> {
        let id = self.ids("scope", 1)?;
        u32::try_from(id)
            .map(ScopeId)
            .map_err(|_| StoreError::OutOfNumbers(id))
    }

    fn ids(&mut self, what: &str, count: u64) -> Result<u64, StoreError> {
        let sql = "UPDATE identity SET next = next + ?2 WHERE what = ?1 RETURNING next - ?2";
        self.transaction
            .one(sql, params![what, count], |row| row.get(0))
            .map_err(|source| refused(self.path, source))
    }

    /// Adds new records, as fast as the disk allows.
    ///
    /// # Errors
    /// The database failed, or a record already exists.
    pub fn add<'r, R: Record + 'r>(
        &mut self,
        records: impl IntoIterator<Item = &'r R>,
    ) -> Result<(), StoreError> {
        let number = self.row.number;
        let mut added = 0;
        let write = || -> rusqlite::Result<()> {
            let mut statement = self
                .transaction
                .prepare_cached(&record::insert::<R>("INSERT"))?;
            for record in records {
                let mut parameters = Parameters::of(&mut statement);
                record.bind(&mut parameters)?;
                parameters.add(number)?;
                statement.raw_execute()?;
                added += 1;
            }
            Ok(())
        };
        write().map_err(|source| refused(self.path, source))?;
        self.row.added += added;
        Ok(())
    }

    /// Adds records or replaces those with the same keys.
    ///
    /// # Errors
    /// The database failed.
    pub fn put<'r, R: Record + 'r>(
        &mut self,
        records: impl IntoIterator<Item = &'r R>,
    ) -> Result<(), StoreError> {
        let number = self.row.number;
        let (mut added, mut changed) = (0, 0);
        let write = || -> rusqlite::Result<()> {
            let mut close = self.transaction.prepare_cached(&record::close::<R>())?;
            let mut insert = self
                .transaction
                .prepare_cached(&record::insert::<R>("INSERT OR REPLACE"))?;
            for record in records {
                let mut parameters = Parameters::of(&mut close);
                R::bind_key(&record.key(), &mut parameters)?;
                parameters.add(number)?;
                if close.raw_execute()? > 0 {
                    changed += 1;
                } else {
                    added += 1;
                }
                let mut parameters = Parameters::of(&mut insert);
                record.bind(&mut parameters)?;
                parameters.add(number)?;
                insert.raw_execute()?;
            }
            Ok(())
        };
        write().map_err(|source| refused(self.path, source))?;
        self.row.added += added;
        self.row.changed += changed;
        Ok(())
    }

    /// Removes the records with these keys; missing ones are skipped.
    ///
    /// # Errors
    /// The database failed.
    pub fn remove<'r, R: Record + 'r>(
        &mut self,
        keys: impl IntoIterator<Item = &'r R::Key>,
    ) -> Result<(), StoreError>
    where
        R::Key: 'r,
    {
        let number = self.row.number;
        let mut removed = 0;
        let write = || -> rusqlite::Result<()> {
            let mut close = self.transaction.prepare_cached(&record::close::<R>())?;
            let mut erase = self.transaction.prepare_cached(&record::erase::<R>())?;
            for key in keys {
                let mut parameters = Parameters::of(&mut close);
                R::bind_key(key, &mut parameters)?;
                parameters.add(number)?;
                let closed = close.raw_execute()?;
                let mut parameters = Parameters::of(&mut erase);
                R::bind_key(key, &mut parameters)?;
                parameters.add(number)?;
                let erased = erase.raw_execute()?;
                removed += (closed + erased) as u64;
            }
            Ok(())
        };
        write().map_err(|source| refused(self.path, source))?;
        self.row.removed += removed;
        Ok(())
    }

    /// Removes records that this change has added, without a trace.
    ///
    /// # Errors
    /// The database failed.
    pub fn withdraw<'r, R: Record + 'r>(
        &mut self,
        keys: impl IntoIterator<Item = &'r R::Key>,
    ) -> Result<(), StoreError>
    where
        R::Key: 'r,
    {
        let removed = self.row.removed;
        self.remove::<R>(keys)?;
        self.row.added -= self.row.removed - removed;
        self.row.removed = removed;
        Ok(())
    }

    /// Deletes the state of a subscription.
    ///
    /// # Errors
    /// The database failed.
    pub fn forget_feed_state(&mut self, name: &str) -> Result<(), StoreError> {
        super::feed_row::forget_state(&self.transaction, name)
            .map_err(|source| refused(self.path, source))
    }

    /// Counts a written record as changed or added.
    const fn count_put(&mut self, was_there: bool) {
        if was_there {
            self.row.changed += 1;
        } else {
            self.row.added += 1;
        }
    }

    /// Sets the PIN of a scope, with the author and time of this change; only its hash is stored.
    ///
    /// # Errors
    /// The database failed.
    pub fn put_pin(&mut self, scope: ScopeId, hash: &str) -> Result<(), StoreError> {
        let pin = PinRow {
            scope,
            since: self.row.cause.at,
            author: self.row.cause.author.clone(),
        };
        let was_there = super::pin_row::put(&self.transaction, &pin, hash)
            .map_err(|source| refused(self.path, source))?;
        self.count_put(was_there);
        Ok(())
    }

    /// Removes the PIN of a scope; returns false if it has none.
    ///
    /// # Errors
    /// The database failed.
    pub fn remove_pin(&mut self, scope: ScopeId) -> Result<bool, StoreError> {
        let removed = super::pin_row::remove(&self.transaction, scope)
            .map_err(|source| refused(self.path, source))?;
        self.row.removed += u64::from(removed);
        Ok(removed)
    }

    /// Deletes the wrong PIN attempts of a subject; returns false if there are none.
    ///
    /// # Errors
    /// The database failed.
    pub fn forget_limit(&mut self, subject: &str) -> Result<bool, StoreError> {
        super::pin_limit::forget(&self.transaction, subject)
            .map_err(|source| refused(self.path, source))
    }

    /// Allocates the id of a grant.
    ///
    /// # Errors
    /// As [`Self::rule_ids`].
    pub fn grant_id(&mut self) -> Result<u64, StoreError> {
        self.ids("grant", 1)
    }

    /// Adds a grant in place of one between the same parties. Deletes grants that were over before
    /// this change.
    ///
    /// # Errors
    /// The database failed.
    pub fn put_grant(&mut self, grant: &GrantRow) -> Result<(), StoreError> {
        let was_there = super::grant_row::put(&self.transaction, grant, self.row.cause.at)
            .map_err(|source| refused(self.path, source))?;
        self.count_put(was_there);
        Ok(())
    }

    /// Deletes a grant and returns it; `None` if there is none with this id, or it is over.
    ///
    /// # Errors
    /// The database failed.
    pub fn remove_grant(&mut self, id: u64) -> Result<Option<GrantRow>, StoreError> {
        let removed = super::grant_row::remove(&self.transaction, id, self.row.cause.at)
            .map_err(|source| refused(self.path, source))?;
        self.row.removed += u64::from(removed.is_some());
        Ok(removed)
    }

    /// Commits the change: it is on disk when this returns.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub fn commit(mut self, summary: &str) -> Result<GenerationRow, StoreError> {
        summary.clone_into(&mut self.row.summary);
        let Self {
            transaction,
            path,
            row,
        } = self;
        let refused = |source| refused(path, source);
        row.insert(&transaction).map_err(refused)?;
        if row.is_large() {
            // Calls are being judged: the write-ahead log is checkpointed later, see `Store::tidy`.
            transaction
                .pragma_update(None, "wal_autocheckpoint", 0)
                .map_err(refused)?;
        }
        transaction.commit().map_err(refused)?;
        Ok(row)
    }
}

impl super::Reading for StoreChange<'_> {
    fn connection(&self) -> &Connection {
        &self.transaction
    }

    fn path(&self) -> &Path {
        self.path
    }
}
