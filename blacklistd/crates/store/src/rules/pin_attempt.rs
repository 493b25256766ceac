//! PIN attempts: who tried when, for which local number, and with which result; without digits.

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::column;
use crate::database::{Conditions, Statements as _};
use blacklist_figures::Tried;

/// Number of attempts kept; the newest.
pub const MAXIMUM_ATTEMPTS: i64 = 100_000;

/// A PIN attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRow {
    /// When, in whole seconds.
    pub at: Timestamp,
    /// The local number that was called.
    pub local: String,
    /// The caller, or its pseudonym.
    pub caller: String,
    /// Its result.
    pub outcome: Tried,
    /// The scope whose PIN it was.
    pub scope: Option<String>,
}

/// Which attempts are requested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AttemptFilter {
    /// Made at this time or later.
    pub since: Option<Timestamp>,
}

/// Stores an attempt; the oldest is deleted if there are too many.
pub(super) fn add(connection: &Connection, attempt: &AttemptRow) -> rusqlite::Result<()> {
    let AttemptRow {
        at,
        local,
        caller,
        outcome,
        scope,
    } = attempt;
    connection.write(
        "INSERT INTO pin_attempt (at, local, caller, outcome, scope) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![at.as_second(), local, caller, outcome.as_str(), scope],
    )?;
    connection.write(
        "DELETE FROM pin_attempt WHERE id <= ?1",
        [connection.last_insert_rowid() - MAXIMUM_ATTEMPTS],
    )?;
    Ok(())
}

/// Deletes the attempts of a caller; returns how many there were.
pub(super) fn forget(connection: &Connection, caller: &str) -> rusqlite::Result<u64> {
    let removed = connection.write("DELETE FROM pin_attempt WHERE caller = ?1", [caller])?;
    Ok(removed as u64)
}

/// Attempts, newest first.
pub(super) fn newest(
    connection: &Connection,
    filter: &AttemptFilter,
    limit: u64,
) -> rusqlite::Result<Vec<AttemptRow>> {
    let AttemptFilter { since } = filter;
    let mut conditions = Conditions::default();
    conditions.compare("at", ">=", since.map(Timestamp::as_second));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rest = format!("ORDER BY id DESC LIMIT {limit}");
    let select = "SELECT at, local, caller, outcome, scope FROM pin_attempt";
    conditions.list(connection, (select, &rest), |row| {
        Ok(AttemptRow {
            at: column::optional_time(row, 0)?.unwrap_or_default(),
            local: row.get(1)?,
            caller: row.get(2)?,
            outcome: column::word(row, 3, Tried::from_word)?,
            scope: row.get(4)?,
        })
    })
}
