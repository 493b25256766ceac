//! Named values of the log's database.

use rusqlite::Connection;

use crate::database::Statements as _;

pub(super) fn get(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT value FROM state WHERE name = ?1";
    connection.find(sql, [name], |row| row.get(0))
}

pub(super) fn set(connection: &Connection, name: &str, value: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO state (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = ?2";
    connection.write(sql, [name, value]).map(drop)
}
