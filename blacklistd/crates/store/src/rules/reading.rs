//! Queries of the database, outside of a change or within one.

use std::path::Path;

use blacklist_model::{ListId, RuleId, ScopeId};
use jiff::Timestamp;
use rusqlite::Connection;

use super::feed_row;
use super::filter::{self, Page, RuleFilter};
use super::generation_row::GenerationRow;
use super::grant_row::{self, GrantRow};
use super::history::{self, HistoryFilter};
use super::pin_attempt::{self, AttemptFilter, AttemptRow};
use super::pin_limit;
use super::pin_row::{self, PinRow};
use super::record::{self, Difference, Record};
use super::rule_row::RuleRow;
use super::scope_row::MemberRow;
use super::{StoreError, refused};
use crate::database::ReadFailure;
use crate::pin::Limit;

/// Why reading rows failed.
#[derive(Debug)]
pub enum ReadError<E> {
    /// The database failed.
    Store(StoreError),
    /// The callback failed.
    Reader(E),
}

fn ask<T>(
    reading: &(impl Reading + ?Sized),
    question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> Result<T, StoreError> {
    question(reading.connection()).map_err(|source| refused(reading.path(), source))
}

fn outcome<E>(path: &Path, result: Result<(), ReadFailure<E>>) -> Result<(), ReadError<E>> {
    result.map_err(|error| match error {
        ReadFailure::Database(source) => ReadError::Store(refused(path, source)),
        ReadFailure::Reader(error) => ReadError::Reader(error),
    })
}

fn all_of<R: Record>(
    connection: &Connection,
    path: &Path,
    generation: Option<u64>,
) -> Result<Vec<R>, StoreError> {
    let mut records = Vec::new();
    record::for_each(connection, generation, |record| {
        records.push(record);
        Ok::<(), rusqlite::Error>(())
    })
    .map_err(|source| refused(path, source))?;
    Ok(records)
}

/// Where queries are answered from: the database as it is, or as an open change leaves it.
pub trait Reading {
    /// The connection to query.
    fn connection(&self) -> &Connection;

    /// The database's file.
    fn path(&self) -> &Path;

    /// The number of the newest generation.
    ///
    /// # Errors
    /// The query failed.
    fn head(&self) -> Result<u64, StoreError> {
        ask(self, history::head)
    }

    /// A generation by its number.
    ///
    /// # Errors
    /// The query failed.
    fn generation(&self, number: u64) -> Result<Option<GenerationRow>, StoreError> {
        ask(self, |connection| history::get(connection, number))
    }

    /// Generations, newest first.
    ///
    /// # Errors
    /// The query failed.
    fn history(
        &self,
        filter: &HistoryFilter,
        limit: u64,
    ) -> Result<Vec<GenerationRow>, StoreError> {
        ask(self, |connection| {
            history::newest(connection, filter, limit)
        })
    }

    /// The current version of a record.
    ///
    /// # Errors
    /// The query failed, or the record cannot be read.
    fn get<R: Record>(&self, key: &R::Key) -> Result<Option<R>, StoreError> {
        ask(self, |connection| record::current(connection, key))
    }

    /// The version of a record in a generation.
    ///
    /// # Errors
    /// As [`Self::get`].
    fn get_at<R: Record>(&self, key: &R::Key, generation: u64) -> Result<Option<R>, StoreError> {
        ask(self, |connection| record::at(connection, key, generation))
    }

    /// Calls `each` with every current record, ordered by key, until it fails.
    ///
    /// # Errors
    /// The query failed, a record cannot be read, or `each` failed.
    fn for_each<R: Record, E>(
        &self,
        mut each: impl FnMut(R) -> Result<(), E>,
    ) -> Result<(), ReadError<E>> {
        let each = |record| each(record).map_err(ReadFailure::Reader);
        outcome(self.path(), record::for_each(self.connection(), None, each))
    }

    /// Every current record, ordered by key.
    ///
    /// # Errors
    /// As [`Self::for_each`].
    fn all<R: Record>(&self) -> Result<Vec<R>, StoreError> {
        all_of(self.connection(), self.path(), None)
    }

    /// Every record of a generation, ordered by key.
    ///
    /// # Errors
    /// As [`Self::for_each`].
    fn all_at<R: Record>(&self, generation: u64) -> Result<Vec<R>, StoreError> {
        all_of(self.connection(), self.path(), Some(generation))
    }

    /// Calls `each` with the differences between two generations, ordered by key, until it fails.
    /// What was changed and changed back is not a difference.
    ///
    /// # Errors
    /// As [`Self::for_each`].
    fn for_each_difference<R: Record, E>(
        &self,
        from: u64,
        to: u64,
        mut each: impl FnMut(Difference<R>) -> Result<(), E>,
    ) -> Result<(), ReadError<E>> {
        let each = |difference| each(difference).map_err(ReadFailure::Reader);
        outcome(
            self.path(),
            record::for_each_difference(self.connection(), from, to, each),
        )
    }

    /// The differences between two generations, ordered by key.
    ///
    /// # Errors
    /// As [`Self::for_each`].
    fn differences<R: Record>(&self, from: u64, to: u64) -> Result<Vec<Difference<R>>, StoreError> {
        let mut differences = Vec::new();
        record::for_each_difference(self.connection(), from, to, |difference| {
            differences.push(difference);
            Ok::<(), rusqlite::Error>(())
        })
        .map_err(|source| refused(self.path(), source))?;
        Ok(differences)
    }

    /// The rules of a page.
    ///
    /// # Errors
    /// The query failed, or a rule cannot be read.
    fn rules(&self, filter: &RuleFilter, page: Page) -> Result<Vec<RuleRow>, StoreError> {
        ask(self, |connection| filter::page(connection, filter, page))
    }

    /// Calls `each` with every matching rule, ordered by id, until it fails.
    ///
    /// # Errors
    /// As [`Self::for_each`].
    fn for_each_rule<E>(
        &self,
        filter: &RuleFilter,
        mut each: impl FnMut(RuleRow) -> Result<(), E>,
    ) -> Result<(), ReadError<E>> {
        let each = |rule| each(rule).map_err(ReadFailure::Reader);
        outcome(
            self.path(),
            filter::for_each(self.connection(), filter, each),
        )
    }

    /// Number of matching rules.
    ///
    /// # Errors
    /// The query failed.
    fn count(&self, filter: &RuleFilter) -> Result<u64, StoreError> {
        ask(self, |connection| filter::count(connection, filter))
    }

    /// Ids of the rules of a list.
    ///
    /// # Errors
    /// The query failed.
    fn ids_of_list(&self, list: ListId) -> Result<Vec<RuleId>, StoreError> {
        ask(self, |connection| filter::ids_of_list(connection, list))
    }

    /// The rules created in a generation that still exist, in their current version.
    ///
    /// # Errors
    /// The query failed, or a rule cannot be read.
    fn made_in(&self, generation: u64) -> Result<Vec<RuleRow>, StoreError> {
        ask(self, |connection| filter::made_in(connection, generation))
    }

    /// Number of rules in each list that has any.
    ///
    /// # Errors
    /// The query failed.
    fn counts_by_list(&self) -> Result<Vec<(ListId, u64)>, StoreError> {
        ask(self, filter::counts_by_list)
    }

    /// Number of rules that have each combination of scopes of their own.
    ///
    /// # Errors
    /// The query failed.
    fn counts_by_scopes(&self) -> Result<Vec<(Vec<ScopeId>, u64)>, StoreError> {
        ask(self, filter::counts_by_scopes)
    }

    /// Numbers that belong to a scope.
    ///
    /// # Errors
    /// The query failed.
    fn members(&self, scope: ScopeId) -> Result<Vec<MemberRow>, StoreError> {
        ask(self, |connection| filter::members(connection, scope))
    }

    /// Number of members of each scope that has any.
    ///
    /// # Errors
    /// The query failed.
    fn counts_by_member(&self) -> Result<Vec<(ScopeId, u64)>, StoreError> {
        ask(self, filter::counts_by_member)
    }

    /// Scopes with a PIN, ordered by id.
    ///
    /// # Errors
    /// The query failed.
    fn pins(&self) -> Result<Vec<PinRow>, StoreError> {
        ask(self, pin_row::all)
    }

    /// The hash of a scope's PIN; `None` if it has no PIN.
    ///
    /// # Errors
    /// The query failed.
    fn pin_hash(&self, scope: ScopeId) -> Result<Option<String>, StoreError> {
        ask(self, |connection| pin_row::hash(connection, scope))
    }

    /// The stored limits of PIN attempts.
    ///
    /// # Errors
    /// The query failed.
    fn pin_limits(&self) -> Result<Vec<Limit>, StoreError> {
        ask(self, pin_limit::all)
    }

    /// PIN attempts, newest first.
    ///
    /// # Errors
    /// The query failed.
    fn attempts(&self, filter: &AttemptFilter, limit: u64) -> Result<Vec<AttemptRow>, StoreError> {
        ask(self, |connection| {
            pin_attempt::newest(connection, filter, limit)
        })
    }

    /// Grants that are not over at `now`, ordered by id.
    ///
    /// # Errors
    /// The query failed.
    fn grants(&self, now: Timestamp) -> Result<Vec<GrantRow>, StoreError> {
        ask(self, |connection| grant_row::all(connection, now))
    }

    /// The state of a subscription, as JSON; `None` if it has none yet.
    ///
    /// # Errors
    /// The query failed.
    fn feed_state(&self, name: &str) -> Result<Option<String>, StoreError> {
        ask(self, |connection| feed_row::state(connection, name))
    }
}
