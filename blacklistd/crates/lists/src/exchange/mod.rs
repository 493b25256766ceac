//! Import and export: CSV and plain lists of numbers, of any size, as a stream; and the declarative
//! file of lists, scopes and rules. What a pattern means is not part of it: the caller identifies
//! rules, and decides which to take.

mod cell;
mod columns;
mod csv_reader;
mod csv_writer;
mod delimiter;
mod encoding;
mod foreign;
mod merge;
mod records;
mod rejects;
mod rules_file;

pub use columns::{ColumnMap, Field};
pub use csv_reader::{CsvReader, CsvSettings, Line};
pub use csv_writer::CsvWriter;
pub use delimiter::delimiter_from_name;
pub use encoding::TextEncoding;
pub use foreign::{Entry, ForeignReader, cannot_hold, head, line, usual_plus};
pub use merge::{MergeError, read_all};
pub use rejects::{Rejects, SHOWN};
pub use rules_file::{Placed, Problem, RulesFile, RulesFileWriter};

#[cfg(test)]
mod tests;

/// Why a file cannot be read; a sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A system error.
    #[error("the file cannot be read: {0}")]
    Unreadable(std::io::Error),
    /// It is not a text file.
    #[error("{0}")]
    NotText(String),
    /// The column of the numbers is unknown.
    #[error("{0}")]
    Columns(String),
    /// The file of bad lines cannot be written.
    #[error("the file for bad lines cannot be written: {0}")]
    Rejects(std::io::Error),
}
