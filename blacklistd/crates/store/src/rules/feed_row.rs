//! A stored subscription: its settings have versions, its state has not.

use rusqlite::{Connection, Row};

use super::record::{Parameters, Record};
use crate::database::Statements as _;

/// A version of a subscription.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedRow {
    /// Its name.
    pub name: String,
    /// Its settings as JSON.
    pub subscription: String,
}

impl Record for FeedRow {
    type Key = String;
    const TABLE: &'static str = "feed";
    const KEYS: &'static [&'static str] = &["name"];
    const FIELDS: &'static [&'static str] = &["subscription"];

    fn key(&self) -> String {
        self.name.clone()
    }

    fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Self> {
        Ok(Self {
            name: row.get(first)?,
            subscription: row.get(first + 1)?,
        })
    }

    fn bind(&self, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        parameters.add(&self.name)?;
        parameters.add(&self.subscription)
    }

    fn bind_key(key: &String, parameters: &mut Parameters<'_, '_>) -> rusqlite::Result<()> {
        parameters.add(key)
    }
}

/// The state of a subscription, as JSON.
pub(super) fn state(connection: &Connection, name: &str) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT state FROM feed_state WHERE name = ?1";
    connection.find(sql, [name], |row| row.get(0))
}

/// Stores the state of a subscription.
pub(super) fn save_state(connection: &Connection, name: &str, state: &str) -> rusqlite::Result<()> {
    let sql = "INSERT INTO feed_state (name, state) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET state = ?2";
    connection.write(sql, [name, state]).map(drop)
}

/// Deletes the state of a subscription.
pub(super) fn forget_state(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM feed_state WHERE name = ?1";
    connection.write(sql, [name]).map(drop)
}
