//! The history: one entry for each committed change, which is also the audit trail.

use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

use super::change_kind::ChangeKind;
use super::column;
use crate::database::Statements as _;

/// Who makes a change, when and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub author: String,
    /// From where: `socket`, `import FILE`, `feed NAME`, `apply FILE`.
    pub source: String,
    /// The kind of the change.
    pub kind: ChangeKind,
}

/// A generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenerationRow {
    /// Its number; one more than the previous one.
    pub number: u64,
    /// Who made it, when, from where, by which command.
    pub cause: Cause,
    /// A sentence that describes it.
    pub summary: String,
    /// Records that were added.
    pub added: u64,
    /// Records that were changed.
    pub changed: u64,
    /// Records that were removed.
    pub removed: u64,
}

pub(super) const SELECT: &str =
    "SELECT number, at, author, source, action, summary, added, changed, removed FROM generation";

/// Number of records at which a change is large.
const LARGE: u64 = 10_000;

impl GenerationRow {
    /// Whether the change is large enough to tidy the store after it.
    pub const fn is_large(&self) -> bool {
        self.added + self.changed + self.removed > LARGE
    }

    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let at = column::optional_time(row, 1)?.unwrap_or_default();
        Ok(Self {
            number: row.get(0)?,
            cause: Cause {
                at,
                author: row.get(2)?,
                source: row.get(3)?,
                kind: column::word(row, 4, ChangeKind::from_word)?,
            },
            summary: row.get(5)?,
            added: row.get(6)?,
            changed: row.get(7)?,
            removed: row.get(8)?,
        })
    }

    pub(super) fn insert(&self, connection: &Connection) -> rusqlite::Result<()> {
        let Self {
            number,
            cause:
                Cause {
                    at,
                    author,
                    source,
                    kind,
                },
            summary,
            added,
            changed,
            removed,
        } = self;
        connection.write(
            "INSERT INTO generation (number, at, author, source, action, summary, added, changed, removed) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![
                number,
                at.as_second(),
                author,
                source,
                kind.as_str(),
                summary,
                added,
                changed,
                removed
            ],
        )?;
        Ok(())
    }
}
