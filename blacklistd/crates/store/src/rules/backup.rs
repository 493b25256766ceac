//! A copy of the database while it is in use: one moment of it, whatever is written meanwhile.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::schema::SCHEMA;
use super::{Store, StoreError, refused};
use crate::database::Database;

/// Pages that are copied at once; between two such turns others have theirs.
const TURN: i32 = 1024;

/// How far a copy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupProgress {
    /// Pages that are copied.
    pub copied: u64,
    /// All pages.
    pub pages: u64,
}

impl Store {
    /// Copies the database, as it stands, into a file that is not there.
    ///
    /// # Errors
    /// The file is there, or cannot be written.
    pub fn back_up(
        &self,
        target: &Path,
        mut progress: impl FnMut(BackupProgress),
    ) -> Result<(), StoreError> {
        std::fs::File::options()
            .write(true)
            .create_new(true)
            .open(target)
            .map_err(|source| StoreError::File {
                path: target.to_owned(),
                source,
            })?;
        let mut copy = || -> rusqlite::Result<()> {
            // Read in one transaction, so that a change meanwhile does not begin it anew.
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
            // One file, without a log beside it.
            into.pragma_update(None, "journal_mode", "DELETE")?;
            into.close().map_err(|(_, error)| error)
        };
        let copied = copy().map_err(|source| refused(target, source));
        if copied.is_err() {
            // What is not whole must not be taken for a copy; that it could not be copied is the
            // news.
            let _ = std::fs::remove_file(target);
        }
        copied
    }
}

/// Opens a copy and looks at all of it; the newest generation that it holds.
///
/// # Errors
/// It is damaged, of another version or of another program.
pub fn check_backup(path: &Path) -> Result<u64, StoreError> {
    let copy = Database::copy(path, &SCHEMA)?;
    super::history::head(&copy.connection).map_err(|source| copy.unusable(&source).into())
}
