//! The layout of the log's database.

use crate::database::Schema;

/// The current version.
pub(super) static SCHEMA: Schema = Schema {
    name: "calls' log",
    application: 0x424C_4B43,
    steps: &[include_str!("schema.sql")],
    before_tables: "PRAGMA auto_vacuum = INCREMENTAL;",
    // The write-ahead log is truncated to 64 MiB; 64 MiB of pages are cached. Deleted content is
    // overwritten.
    settings: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
        PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536; PRAGMA secure_delete = ON;",
    // It may be large, and calls are judged even without it.
    is_checked_whole: false,
    if_unusable: "",
    if_newer: "",
    if_refused: "",
};
