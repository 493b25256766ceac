//! A consistent copy of the database while it is in use.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::schema::SCHEMA;
use super::{Store, StoreError, refused};
use crate::database::Database;
use blacklist_system::files;

/// Pages copied at once; other work runs in between.
const TURN: i32 = 1024;

/// Progress of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupProgress {
    /// Pages copied.
    pub copied: u64,
    /// All pages.
    pub pages: u64,
}

impl Store {
    /// Copies the database, as it is, into a new file.
    ///
    /// # Errors
    /// The file exists or cannot be written.
    pub fn back_up(
        &self,
        target: &Path,
        mut progress: impl FnMut(BackupProgress),
    ) -> Result<(), StoreError> {
        files::create_new(target).map_err(|source| StoreError::File {
            path: target.to_owned(),
            source,
        })?;
        let mut copy = || -> rusqlite::Result<()> {
            // Read in one transaction, so that a change in the meantime does not restart the copy.
            let snapshot = self.database.connection.unchecked_transaction()?;
            snapshot.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            let mut into = Connection::open(target)?;
            {
                let backup = Backup::new(&snapshot, &mut into)?;
                loop {
                    let step = backup.step(TURN)?;
                    let state = backup.progress();
                    let pages = u64::try_from(state.pagecount).unwrap_or_default();
                    let left = u64::try_from(state.remaining).unwrap_or_default();
                    progress(BackupProgress {
                        copied: pages.saturating_sub(left),
                        pages,
                    });
                    if matches!(step, StepResult::Done) {
                        break;
                    }
                }
            }
            // A single file, without a write-ahead log.
            into.pragma_update(None, "journal_mode", "DELETE")?;
            into.close().map_err(|(_, error)| error)
        };
        let copied = copy().map_err(|source| refused(target, source));
        if copied.is_err() {
            // An incomplete file must not be mistaken for a copy; the error to report is that of
            // copying.
            let _ = files::remove(target);
        }
        copied
    }
}

/// Opens a copy and checks all of it; returns its newest generation.
///
/// # Errors
/// It is damaged, of another version or of another program.
pub fn check_backup(path: &Path) -> Result<u64, StoreError> {
    let copy = Database::copy(path, &SCHEMA)?;
    super::history::head(&copy.connection).map_err(|source| copy.unusable(&source).into())
}
