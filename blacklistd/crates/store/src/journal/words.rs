//! Repeated texts, each of which is stored once in the database.

use std::collections::HashMap;

use rusqlite::Connection;

use crate::database::Statements as _;

/// Maximum number of cached words; then the cache is emptied.
const MAXIMUM: usize = 100_000;

/// A cache of the ids of recently used words.
#[derive(Debug, Default)]
pub(super) struct Words(HashMap<String, i64>);

impl Words {
    /// The id of a word; inserts it if it is new.
    pub(super) fn id(&mut self, connection: &Connection, word: &str) -> rusqlite::Result<i64> {
        if let Some(id) = self.0.get(word) {
            return Ok(*id);
        }
        let id = match find(connection, word)? {
            Some(id) => id,
            None => {
                let sql = "INSERT INTO word (text) VALUES (?1) RETURNING id";
                connection.one(sql, [word], |row| row.get(0))?
            }
        };
        if self.0.len() >= MAXIMUM {
            self.0.clear();
        }
        self.0.insert(word.to_owned(), id);
        Ok(id)
    }

    /// Empties the cache, because recent inserts may have been rolled back.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The id of a word; `None` if it is not stored.
pub(super) fn find(connection: &Connection, word: &str) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT id FROM word WHERE text = ?1";
    connection.find(sql, [word], |row| row.get(0))
}
