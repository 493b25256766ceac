//! Writes rules as CSV, so that reading them gives the same rules, and writing those the same
//! bytes.

use std::io::{self, Write};

use blacklist_model::RuleSpec;

use super::cell;
use super::columns::Field;

/// The writer.
pub struct CsvWriter<W: Write> {
    writer: csv::Writer<W>,
}

impl<W: Write> CsvWriter<W> {
    /// Writes the header.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn new(output: W) -> io::Result<Self> {
        let mut writer = csv::WriterBuilder::new()
            // A number that begins with a dialled # is quoted, so that it is not a comment.
            .comment(Some(b'#'))
            .from_writer(output);
        writer
            .write_record(Field::ALL.map(Field::as_str))
            .map_err(io::Error::from)?;
        Ok(Self { writer })
    }

    /// Writes a rule.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn write(&mut self, rule: &RuleSpec) -> io::Result<()> {
        self.writer
            .write_record(Field::ALL.map(|field| cell::get(rule, field)))
            .map_err(io::Error::from)
    }

    /// Flushes the writer and returns the output.
    ///
    /// # Errors
    /// The output cannot be written.
    pub fn finish(self) -> io::Result<W> {
        self.writer
            .into_inner()
            .map_err(csv::IntoInnerError::into_error)
    }
}
