//! Prepared statements.

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

/// Runs a statement that is kept prepared.
pub(crate) trait Statements {
    /// Runs a statement that writes; returns the number of rows affected.
    fn write(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<usize>;

    /// Returns what `read` makes of the only row.
    fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T>;

    /// Returns what `read` makes of the row; `None` if there is no row.
    fn find<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.one(sql, parameters, read).optional()
    }

    /// Returns what `read` makes of all rows.
    fn list<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>>;
}

impl Statements for Connection {
    fn write(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<usize> {
        self.prepare_cached(sql)?.execute(parameters)
    }

    fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        self.prepare_cached(sql)?.query_row(parameters, read)
    }

    fn list<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        self.prepare_cached(sql)?
            .query_map(parameters, read)?
            .collect()
    }
}

/// Why reading rows ended early.
pub(crate) enum ReadFailure<E> {
    /// The database failed.
    Database(rusqlite::Error),
    /// The callback failed.
    Reader(E),
}

impl<E> From<rusqlite::Error> for ReadFailure<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}
