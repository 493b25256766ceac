//! An open database: for writing, for reading next to the writer, or a copy.

use std::fs::{File, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use blacklist_system::files;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use super::{DatabaseError, Schema};

/// How long writers wait for each other.
const PATIENCE: Duration = Duration::from_secs(5);

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) connection: Connection,
    pub(crate) path: PathBuf,
    schema: &'static Schema,
}

impl Database {
    /// Opens a database for writing and migrates it; creates it if there is none.
    ///
    /// # Errors
    /// The file is damaged, of a later version, or of another program; it is not changed.
    pub(crate) fn open(path: PathBuf, schema: &'static Schema) -> Result<Self, DatabaseError> {
        let flags = OpenFlags::default();
        make_private(&path);
        let database = Self::connect(path, schema, flags)?;
        let Self {
            connection, path, ..
        } = &database;
        let version = schema.check(connection, path)?;
        if version == 0 {
            connection
                .execute_batch(schema.before_tables)
                .map_err(|source| schema.unusable(path, &source))?;
        }
        connection
            .execute_batch(schema.settings)
            .map_err(|source| schema.unusable(path, &source))?;
        database.run(|connection| schema.migrate(connection, version))?;
        Ok(database)
    }

    /// Opens a database for reading next to its writer.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub(crate) fn reader(path: PathBuf, schema: &'static Schema) -> Result<Self, DatabaseError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Self::connect(path, schema, flags)
    }

    /// Opens a copy for reading.
    ///
    /// # Errors
    /// It is incomplete, not of the current version, or of another program.
    pub(crate) fn copy(path: &Path, schema: &'static Schema) -> Result<Self, DatabaseError> {
        let database = Self::reader(path.to_owned(), schema)?;
        let version = schema.check(&database.connection, path)?;
        let present = schema.version();
        if version != present {
            let reason = format!("it is of version {version} and should be of version {present}");
            return Err(schema.unusable(path, &reason));
        }
        Ok(database)
    }

    fn connect(
        path: PathBuf,
        schema: &'static Schema,
        flags: OpenFlags,
    ) -> Result<Self, DatabaseError> {
        let open = || -> rusqlite::Result<Connection> {
            let connection = Connection::open_with_flags(&path, flags)?;
            connection.busy_timeout(PATIENCE)?;
            Ok(connection)
        };
        let connection = open().map_err(|source| schema.unusable(&path, &source))?;
        Ok(Self {
            connection,
            path,
            schema,
        })
    }

    /// The error of contents that make no sense.
    pub(crate) fn unusable(&self, reason: &impl ToString) -> DatabaseError {
        self.schema.unusable(&self.path, reason)
    }

    /// Runs statements without a transaction.
    ///
    /// # Errors
    /// A statement failed.
    pub(crate) fn run<T>(
        &self,
        statements: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, DatabaseError> {
        statements(&self.connection).map_err(|source| self.schema.refused(&self.path, source))
    }

    /// Runs statements in one transaction: either all are on disk when this returns, or none.
    ///
    /// # Errors
    /// A statement failed.
    pub(crate) fn in_transaction<T>(
        &mut self,
        statements: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, DatabaseError> {
        let Self {
            connection,
            path,
            schema,
        } = self;
        let run = || -> rusqlite::Result<T> {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = statements(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        run().map_err(|source| schema.refused(path, source))
    }
}

/// Lets nobody else read a database and what SQLite keeps beside it, which has the mode of the database.
/// Where that cannot be had, opening it says why.
fn make_private(path: &Path) {
    let mut options = File::options();
    options.write(true).create(true).truncate(false).mode(MODE);
    let _ = files::open_with(path, &options);
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _ = std::fs::set_permissions(Path::new(&name), Permissions::from_mode(MODE));
    }
}

/// Mode of a database: numbers and hashes of PINs are in it.
const MODE: u32 = 0o600;
