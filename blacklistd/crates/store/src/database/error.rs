//! Why a database could not do what was asked; each is a sentence that says what to do.

use std::path::PathBuf;

use super::Schema;

/// Why a database could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file is damaged or no database of this schema.
    #[error("the {} {} cannot be used: {reason}{}", .schema.name, path.display(), .schema.if_unusable)]
    Unusable {
        /// What the database should be.
        schema: &'static Schema,
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database is of a later version.
    #[error("the {} {} has version {found}, this blacklistd knows up to {}{}", .schema.name, path.display(), .schema.version(), .schema.if_newer)]
    TooNew {
        /// What the database should be.
        schema: &'static Schema,
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// The database refused (disk full, locked, ...).
    #[error("the {} {} refused: {source}{}", .schema.name, path.display(), .schema.if_refused)]
    Refused {
        /// What the database is.
        schema: &'static Schema,
        /// The database.
        path: PathBuf,
        /// What it said.
        source: rusqlite::Error,
    },
}

impl DatabaseError {
    /// Whether it is the file itself that cannot be used, whatever is asked of it.
    pub const fn is_unusable(&self) -> bool {
        match self {
            Self::Unusable { .. } | Self::TooNew { .. } => true,
            Self::Refused { .. } => false,
        }
    }
}
