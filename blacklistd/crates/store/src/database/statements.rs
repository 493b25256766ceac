//! Statements that are prepared once and run often.

use rusqlite::{Connection, OptionalExtension as _, Params, Row};

/// Runs a statement that is kept prepared.
pub(crate) trait Statements {
    /// Writes; how many rows it concerned.
    fn write(&self, sql: &str, parameters: impl Params) -> rusqlite::Result<usize>;

    /// What `read` makes of the one row.
    fn one<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T>;

    /// What `read` makes of the row; none if there is no row.
    fn find<T>(
        &self,
        sql: &str,
        parameters: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Option<T>> {
        self.one(sql, parameters, read).optional()
    }

    /// What `read` makes of all rows.
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

/// What ended a walk over rows: the database, or whoever was called with them.
pub(crate) enum ReadFailure<E> {
    /// The database refused.
    Database(rusqlite::Error),
    /// Whoever reads does not go on.
    Reader(E),
}

impl<E> From<rusqlite::Error> for ReadFailure<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}
