//! Versions of the database: what it looks like, and how an older one becomes the present one.

use std::path::Path;

use rusqlite::Connection;

use super::{StoreError, refused, unusable};

/// Marks a database as ours (`PRAGMA application_id`).
const APPLICATION: i64 = 0x424C_4B4C;

/// Each step leads from its index to the next version.
const STEPS: [&str; 3] = [
    include_str!("version_1.sql"),
    include_str!("version_2.sql"),
    include_str!("version_3.sql"),
];

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, pragma, |row| row.get(0))
}

/// Refuses a database that is damaged, of a later version, or of another program. Reads only.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let unusable_by = |source: rusqlite::Error| unusable(path, &source);
    let version = number(connection, "user_version").map_err(unusable_by)?;
    let application = number(connection, "application_id").map_err(unusable_by)?;
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(unusable_by)?;
    if application != APPLICATION && (tables != 0 || version != 0) {
        return Err(StoreError::Unusable {
            path: path.to_owned(),
            reason: "it is the database of another program".to_owned(),
        });
    }
    let known = STEPS.len() as i64;
    if version > known {
        return Err(StoreError::TooNew {
            path: path.to_owned(),
            found: version,
            known,
        });
    }
    let verdict: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(unusable_by)?;
    if verdict != "ok" {
        return Err(StoreError::Unusable {
            path: path.to_owned(),
            reason: format!("it is damaged: {}", verdict.replace('\n', " ")),
        });
    }
    Ok(())
}

/// Brings the database to the present version, each step whole or not at all.
pub(super) fn run(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let version = number(connection, "user_version").map_err(|source| refused(path, source))?;
    for (from, step) in (0_i64..)
        .zip(STEPS)
        .skip(usize::try_from(version).unwrap_or_default())
    {
        let to = from + 1;
        connection
            .execute_batch(&format!(
                "BEGIN IMMEDIATE; {step} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {to}; COMMIT;"
            ))
            .map_err(|source| refused(path, source))?;
        if version > 0 {
            tracing::info!("the rules' database was brought to version {to}");
        }
    }
    Ok(())
}

/// Refuses a copy that is not whole, or not of the present version.
pub(super) fn check_copy(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    check(connection, path)?;
    let version = number(connection, "user_version").map_err(|source| unusable(path, &source))?;
    let known = STEPS.len() as i64;
    if version != known {
        return Err(StoreError::Unusable {
            path: path.to_owned(),
            reason: format!("it is of version {version} and should be of version {known}"),
        });
    }
    Ok(())
}
