//! The log's database: what it looks like, and how it is opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::log::LogError;

/// Marks a database as ours (`PRAGMA application_id`).
const APPLICATION: i64 = 0x424C_4B43;

/// Version of the tables.
const VERSION: i64 = 1;

/// Writers wait so long for each other.
const PATIENCE: Duration = Duration::from_secs(5);

/// The log beside the database is cut to this size, in bytes.
const WAL_BYTES: i64 = 64 << 20;

/// Pages that are kept in memory, in KiB.
const CACHE_KIB: i64 = 64 * 1024;

/// Makes a database ready to be written: refuses one that is not ours, makes the tables of a new one.
pub(super) fn prepare(connection: &Connection, path: &Path) -> Result<(), LogError> {
    let unusable = |reason: String| LogError::Unusable {
        path: path.to_owned(),
        reason,
    };
    let set = || -> rusqlite::Result<(i64, i64, i64)> {
        connection.busy_timeout(PATIENCE)?;
        let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get(0));
        let tables =
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        Ok((number("user_version")?, number("application_id")?, tables))
    };
    let (version, application, tables) = set().map_err(|source| unusable(source.to_string()))?;
    if application != APPLICATION && (tables != 0 || version != 0) {
        return Err(unusable("it is the database of another program".to_owned()));
    }
    if version > VERSION {
        return Err(unusable(format!(
            "it has version {version}, this blacklistd knows up to {VERSION}"
        )));
    }
    let open = || -> rusqlite::Result<()> {
        if version == 0 {
            // Before the first table, or it has no effect.
            connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        }
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "journal_size_limit", WAL_BYTES)?;
        connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
        // What is deleted is gone.
        connection.pragma_update(None, "secure_delete", true)?;
        if version == 0 {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION}; COMMIT;",
                include_str!("schema.sql")
            ))?;
        }
        Ok(())
    };
    open().map_err(|source| unusable(source.to_string()))
}

/// A connection for reading beside the writer.
///
/// # Errors
/// The database cannot be opened.
pub(super) fn reader(path: &Path) -> Result<Connection, LogError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        Ok(connection)
    };
    open().map_err(|source| LogError::Database {
        path: path.to_owned(),
        source,
    })
}
