use std::path::PathBuf;

use super::Schema;

/// Why a database operation failed; a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The file is damaged or is not a database of this kind.
    #[error("the {} {} cannot be used: {reason}{}", .schema.name, path.display(), .schema.if_unusable)]
    Unusable {
        /// The expected kind.
        schema: &'static Schema,
        /// The database.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The database was written by a later version.
    #[error("the {} {} has version {found}, this blacklistd knows up to {}{}", .schema.name, path.display(), .schema.version(), .schema.if_newer)]
    TooNew {
        /// The expected kind.
        schema: &'static Schema,
        /// The database.
        path: PathBuf,
        /// Its version.
        found: i64,
    },
    /// A statement failed (disk full, locked, ...).
    #[error("the {} {} refused: {source}{}", .schema.name, path.display(), .schema.if_refused)]
    Refused {
        /// Its kind.
        schema: &'static Schema,
        /// The database.
        path: PathBuf,
        /// The error.
        source: rusqlite::Error,
    },
}

impl DatabaseError {
    /// Whether the file itself is unusable, whatever the statement.
    pub const fn is_unusable(&self) -> bool {
        match self {
            Self::Unusable { .. } | Self::TooNew { .. } => true,
            Self::Refused { .. } => false,
        }
    }
}
