//! Stored PINs: a hash for each scope. Only one function returns the hash.

use blacklist_model::ScopeId;
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::column;
use crate::database::Statements as _;

/// A scope that has a PIN, without the PIN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinRow {
    /// The scope.
    pub scope: ScopeId,
    /// When it was set.
    pub since: Timestamp,
    /// Who set it.
    pub author: String,
}

/// Sets it; returns whether there was one before.
pub(super) fn put(connection: &Connection, pin: &PinRow, hash: &str) -> rusqlite::Result<bool> {
    let PinRow {
        scope,
        since,
        author,
    } = pin;
    let was_there = remove(connection, *scope)?;
    connection.write(
        "INSERT INTO pin (scope, hash, since, author) VALUES (?1, ?2, ?3, ?4)",
        params![scope.0, hash, since.as_second(), author],
    )?;
    Ok(was_there)
}

/// Removes it; returns false if there is none.
pub(super) fn remove(connection: &Connection, scope: ScopeId) -> rusqlite::Result<bool> {
    let removed = connection.write("DELETE FROM pin WHERE scope = ?1", [scope.0])?;
    Ok(removed > 0)
}

/// The hash of a scope's PIN.
pub(super) fn hash(connection: &Connection, scope: ScopeId) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT hash FROM pin WHERE scope = ?1";
    connection.find(sql, [scope.0], |row| row.get(0))
}

/// Scopes with a PIN.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<PinRow>> {
    let sql = "SELECT scope, since, author FROM pin ORDER BY scope";
    connection.list(sql, [], |row| {
        Ok(PinRow {
            scope: ScopeId(row.get(0)?),
            since: column::optional_time(row, 1)?.unwrap_or_default(),
            author: row.get(2)?,
        })
    })
}
