//! What can be asked of the database, beside a change or within one.

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

/// What went wrong while rows were read: the database's side, or the reader's.
#[derive(Debug)]
pub enum ReadError<E> {
    /// The database refused.
    Store(StoreError),
    /// Whoever reads does not go on.
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

/// Where questions are answered from: the database as it stands, or with an open change in it.
pub trait Reading {
    /// The connection to ask.
    fn connection(&self) -> &Connection;

    /// The database's file.
    fn path(&self) -> &Path;

    /// The number of the newest generation.
    ///
    /// # Errors
    /// The database refused.
    fn head(&self) -> Result<u64, StoreError> {
        ask(self, history::head)
    }

    /// A generation by its number.
    ///
    /// # Errors
    /// The database refused.
    fn generation(&self, number: u64) -> Result<Option<GenerationRow>, StoreError> {
        ask(self, |connection| history::get(connection, number))
    }

    /// Generations, the newest first.
    ///
    /// # Errors
    /// The database refused.
    fn history(
        &self,
        filter: &HistoryFilter,
        limit: u64,
    ) -> Result<Vec<GenerationRow>, StoreError> {
        ask(self, |connection| {
            history::newest(connection, filter, limit)
        })
    }

    /// The present version of a record.
    ///
    /// # Errors
    /// The database refused, or the record cannot be read.
    fn get<R: Record>(&self, key: &R::Key) -> Result<Option<R>, StoreError> {
        ask(self, |connection| record::current(connection, key))
    }

    /// The version of a record that stood in a generation.
    ///
    /// # Errors
    /// As [`Self::get`].
    fn get_at<R: Record>(&self, key: &R::Key, generation: u64) -> Result<Option<R>, StoreError> {
        ask(self, |connection| record::at(connection, key, generation))
    }

    /// Calls `each` with every present record, by key, until it fails.
    ///
    /// # Errors
    /// The database refused, a record cannot be read, or `each` failed.
    fn for_each<R: Record, E>(
        &self,
        mut each: impl FnMut(R) -> Result<(), E>,
    ) -> Result<(), ReadError<E>> {
        let each = |record| each(record).map_err(ReadFailure::Reader);
        outcome(self.path(), record::for_each(self.connection(), None, each))
    }

    /// Every present record, by key.
    ///
    /// # Errors
    /// As [`Self::for_each`].
    fn all<R: Record>(&self) -> Result<Vec<R>, StoreError> {
        all_of(self.connection(), self.path(), None)
    }

    /// Every record of a generation, by key.
    ///
    /// # Errors
    /// As [`Self::for_each`].
    fn all_at<R: Record>(&self, generation: u64) -> Result<Vec<R>, StoreError> {
        all_of(self.connection(), self.path(), Some(generation))
    }

    /// Calls `each` with what differs between two generations, by key, until it fails. What was
    /// changed and changed back is no difference.
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

    /// What differs between two generations, by key.
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
    /// The database refused, or a rule cannot be read.
    fn rules(&self, filter: &RuleFilter, page: Page) -> Result<Vec<RuleRow>, StoreError> {
        ask(self, |connection| filter::page(connection, filter, page))
    }

    /// Calls `each` with every rule of a filter, by id, until it fails.
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

    /// How many rules a filter lets through.
    ///
    /// # Errors
    /// The database refused.
    fn count(&self, filter: &RuleFilter) -> Result<u64, StoreError> {
        ask(self, |connection| filter::count(connection, filter))
    }

    /// Ids of the rules of a list.
    ///
    /// # Errors
    /// The database refused.
    fn ids_of_list(&self, list: ListId) -> Result<Vec<RuleId>, StoreError> {
        ask(self, |connection| filter::ids_of_list(connection, list))
    }

    /// The rules that were made in a generation, as they stand; without those that are gone.
    ///
    /// # Errors
    /// The database refused, or a rule cannot be read.
    fn made_in(&self, generation: u64) -> Result<Vec<RuleRow>, StoreError> {
        ask(self, |connection| filter::made_in(connection, generation))
    }

    /// How many rules each list has that has any.
    ///
    /// # Errors
    /// The database refused.
    fn counts_by_list(&self) -> Result<Vec<(ListId, u64)>, StoreError> {
        ask(self, filter::counts_by_list)
    }

    /// How many rules name each combination of scopes by themselves.
    ///
    /// # Errors
    /// The database refused.
    fn counts_by_scopes(&self) -> Result<Vec<(Vec<ScopeId>, u64)>, StoreError> {
        ask(self, filter::counts_by_scopes)
    }

    /// Numbers that belong to a scope.
    ///
    /// # Errors
    /// The database refused.
    fn members(&self, scope: ScopeId) -> Result<Vec<MemberRow>, StoreError> {
        ask(self, |connection| filter::members(connection, scope))
    }

    /// How many numbers belong to each scope that has any.
    ///
    /// # Errors
    /// The database refused.
    fn counts_by_member(&self) -> Result<Vec<(ScopeId, u64)>, StoreError> {
        ask(self, filter::counts_by_member)
    }

    /// Scopes with a PIN, by their ids.
    ///
    /// # Errors
    /// The database refused.
    fn pins(&self) -> Result<Vec<PinRow>, StoreError> {
        ask(self, pin_row::all)
    }

    /// The hash of a scope's PIN; none if it has no PIN.
    ///
    /// # Errors
    /// The database refused.
    fn pin_hash(&self, scope: ScopeId) -> Result<Option<String>, StoreError> {
        ask(self, |connection| pin_row::hash(connection, scope))
    }

    /// How often PINs were tried wrongly.
    ///
    /// # Errors
    /// The database refused.
    fn pin_limits(&self) -> Result<Vec<Limit>, StoreError> {
        ask(self, pin_limit::all)
    }

    /// Tries of PINs, the newest first.
    ///
    /// # Errors
    /// The database refused.
    fn attempts(&self, filter: &AttemptFilter, limit: u64) -> Result<Vec<AttemptRow>, StoreError> {
        ask(self, |connection| {
            pin_attempt::newest(connection, filter, limit)
        })
    }

    /// Grants that are not over at `now`, by their ids.
    ///
    /// # Errors
    /// The database refused.
    fn grants(&self, now: Timestamp) -> Result<Vec<GrantRow>, StoreError> {
        ask(self, |connection| grant_row::all(connection, now))
    }

    /// What became of a subscription, as JSON; none if nothing did yet.
    ///
    /// # Errors
    /// The database refused.
    fn feed_state(&self, name: &str) -> Result<Option<String>, StoreError> {
        ask(self, |connection| feed_row::state(connection, name))
    }
}
