//! A database's layout, how it is recognised, and how older versions are migrated.

use std::path::Path;

use rusqlite::Connection;

use super::DatabaseError;

/// A kind of database.
#[derive(Debug)]
pub struct Schema {
    /// Its name in messages, such as `rules' database`.
    pub(crate) name: &'static str,
    /// Identifies databases of this kind (`PRAGMA application_id`).
    pub(crate) application: i64,
    /// Each step migrates from the version of its index to the next one.
    pub(crate) steps: &'static [&'static str],
    /// Settings of the file, as SQL, that must precede the first table.
    pub(crate) before_tables: &'static str,
    /// Settings of the writing connection, as SQL.
    pub(crate) settings: &'static str,
    /// Whether the whole file is checked for damage when it is opened, however long that takes.
    pub(crate) is_checked_whole: bool,
    /// What to do about an unusable file, as the end of a sentence.
    pub(crate) if_unusable: &'static str,
    /// What to do about a file of a later version, as the end of a sentence.
    pub(crate) if_newer: &'static str,
    /// What happened to a failed change, as the end of a sentence.
    pub(crate) if_refused: &'static str,
}

impl Schema {
    /// The current version.
    pub(super) const fn version(&self) -> i64 {
        self.steps.len() as i64
    }

    pub(crate) fn unusable(&'static self, path: &Path, reason: &impl ToString) -> DatabaseError {
        DatabaseError::Unusable {
            schema: self,
            path: path.to_owned(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn refused(&'static self, path: &Path, source: rusqlite::Error) -> DatabaseError {
        DatabaseError::Refused {
            schema: self,
            path: path.to_owned(),
            source,
        }
    }

    /// Refuses a database that is damaged, of a later version, or of another program; only reads.
    /// Returns its version, which is 0 for an empty file.
    pub(super) fn check(
        &'static self,
        connection: &Connection,
        path: &Path,
    ) -> Result<i64, DatabaseError> {
        let number = |pragma| connection.pragma_query_value(None, pragma, |row| row.get(0));
        let read = || -> rusqlite::Result<(i64, i64, i64)> {
            let tables =
                connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
            Ok((number("user_version")?, number("application_id")?, tables))
        };
        let unusable = |source: rusqlite::Error| self.unusable(path, &source);
        let (version, application, tables) = read().map_err(unusable)?;
        if application != self.application && (tables != 0 || version != 0) {
            return Err(self.unusable(path, &"it is the database of another program"));
        }
        if version > self.version() {
            return Err(DatabaseError::TooNew {
                schema: self,
                path: path.to_owned(),
                found: version,
            });
        }
        if self.is_checked_whole {
            let verdict: String = connection
                .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
                .map_err(unusable)?;
            if verdict != "ok" {
                let verdict = verdict.replace('\n', " ");
                return Err(self.unusable(path, &format!("it is damaged: {verdict}")));
            }
        }
        Ok(version)
    }

    /// Migrates from a version to the current one; each step is a transaction.
    pub(super) fn migrate(&self, connection: &Connection, from: i64) -> rusqlite::Result<()> {
        let done = usize::try_from(from).unwrap_or_default();
        for (to, step) in (1_i64..).zip(self.steps).skip(done) {
            let application = self.application;
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {step} PRAGMA application_id = {application}; PRAGMA user_version = {to}; COMMIT;"
            ))?;
            if from > 0 {
                tracing::info!("the {} was brought to version {to}", self.name);
            }
        }
        Ok(())
    }
}
