//! Stored grants.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::column;
use crate::database::Statements as _;

/// Two parties that may call each other for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// Its id; never reused.
    pub id: u64,
    /// The local party, canonical.
    pub local: String,
    /// The external party, canonical.
    pub remote: String,
    /// Its end, in whole seconds; `None` if it lasts until it is revoked.
    pub until: Option<Timestamp>,
    /// Whether it was meant for 1 call.
    pub once: bool,
    /// When it was created.
    pub made: Timestamp,
    /// Its author, or the PIN.
    pub author: String,
}

const FIELDS: &str = "id, local, remote, until, once, made, author";

/// The condition of a grant that is not over.
const STANDS: &str = "(until IS NULL OR until > ?1)";

fn read(row: &Row<'_>) -> rusqlite::Result<GrantRow> {
    Ok(GrantRow {
        id: row.get(0)?,
        local: row.get(1)?,
        remote: row.get(2)?,
        until: column::optional_time(row, 3)?,
        once: row.get(4)?,
        made: column::optional_time(row, 5)?.unwrap_or_default(),
        author: row.get(6)?,
    })
}

/// Adds a grant in place of that of the same parties, and deletes those that are over at `now`.
/// Returns whether the parties had one.
pub(super) fn put(
    connection: &Connection,
    grant: &GrantRow,
    now: Timestamp,
) -> rusqlite::Result<bool> {
    let GrantRow {
        id,
        local,
        remote,
        until,
        once,
        made,
        author,
    } = grant;
    connection.write(
        r#"DELETE FROM "grant" WHERE until <= ?1"#,
        [now.as_second()],
    )?;
    let replaced = connection.write(
        r#"DELETE FROM "grant" WHERE local = ?1 AND remote = ?2"#,
        [local, remote],
    )?;
    let until = until.map(Timestamp::as_second);
    connection.write(
        &format!(r#"INSERT INTO "grant" ({FIELDS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"#),
        params![id, local, remote, until, once, made.as_second(), author],
    )?;
    Ok(replaced > 0)
}

/// Deletes a grant that is not over at `now`, and returns it.
pub(super) fn remove(
    connection: &Connection,
    id: u64,
    now: Timestamp,
) -> rusqlite::Result<Option<GrantRow>> {
    let sql = format!(r#"DELETE FROM "grant" WHERE {STANDS} AND id = ?2 RETURNING {FIELDS}"#);
    connection.find(&sql, params![now.as_second(), id], read)
}

/// Grants that are not over at `now`.
pub(super) fn all(connection: &Connection, now: Timestamp) -> rusqlite::Result<Vec<GrantRow>> {
    let sql = format!(r#"SELECT {FIELDS} FROM "grant" WHERE {STANDS} ORDER BY id"#);
    connection.list(&sql, [now.as_second()], read)
}
