//! Stored limits of PIN attempts, so that a restart does not grant more attempts.

use rusqlite::{Connection, params};

use crate::database::Statements as _;
use crate::pin::Limit;

/// Replaces the limits of these subjects.
pub(super) fn save(connection: &Connection, limits: &[Limit]) -> rusqlite::Result<()> {
    for limit in limits {
        let Limit {
            subject,
            begun,
            wrong,
            ready,
        } = limit;
        if *wrong == 0 {
            forget(connection, subject)?;
            continue;
        }
        connection.write(
            "INSERT OR REPLACE INTO pin_limit (subject, begun, wrong, ready) VALUES (?1, ?2, ?3, ?4)",
            params![subject, begun, wrong, ready],
        )?;
    }
    Ok(())
}

/// Deletes the limit of a subject; returns false if there is none.
pub(super) fn forget(connection: &Connection, subject: &str) -> rusqlite::Result<bool> {
    let removed = connection.write("DELETE FROM pin_limit WHERE subject = ?1", [subject])?;
    Ok(removed > 0)
}

/// All limits.
pub(super) fn all(connection: &Connection) -> rusqlite::Result<Vec<Limit>> {
    let sql = "SELECT subject, begun, wrong, ready FROM pin_limit";
    connection.list(sql, [], |row| {
        Ok(Limit {
            subject: row.get(0)?,
            begun: row.get(1)?,
            wrong: row.get(2)?,
            ready: row.get(3)?,
        })
    })
}
