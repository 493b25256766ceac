//! The layout of the rules' database.

use crate::database::Schema;

/// The current version, and the migrations from older ones.
pub(super) static SCHEMA: Schema = Schema {
    name: "rules' database",
    application: 0x424C_4B4C,
    steps: &[
        include_str!("version_1.sql"),
        include_str!("version_2.sql"),
        include_str!("version_3.sql"),
    ],
    before_tables: "",
    // The write-ahead log is truncated to 64 MiB after a checkpoint. The storage of a replaced
    // PIN's hash is overwritten.
    settings: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
        PRAGMA journal_size_limit = 67108864; PRAGMA secure_delete = FAST;",
    is_checked_whole: true,
    if_unusable: "; it was left as it is: put a backup in its place, or move it away to begin without rules",
    if_newer: ": use the later blacklistd, or move the file away to begin without rules",
    if_refused: "; nothing was changed",
};
