//! What the log's database looks like.

use crate::database::Schema;

/// The present version.
pub(super) static SCHEMA: Schema = Schema {
    name: "calls' log",
    application: 0x424C_4B43,
    steps: &[include_str!("schema.sql")],
    before_tables: "PRAGMA auto_vacuum = INCREMENTAL;",
    // The write-ahead log is cut to 64 MiB; 64 MiB of pages are kept in memory. What is deleted is
    // overwritten.
    settings: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; \
        PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536; PRAGMA secure_delete = ON;",
    // It may be large, and calls are judged whatever becomes of it.
    is_checked_whole: false,
    if_unusable: "",
    if_newer: "",
    if_refused: "",
};
