//! Lines that are not rules: all are counted and written to a file, the first are kept for display.
//! The file can be corrected and read again, because the reasons in it are comments.

use std::io::{self, Write};

use blacklist_model::BadLine;

/// Number of lines kept for display.
pub const SHOWN: usize = 1000;
/// Bytes of a line kept for display.
const SHOWN_BYTES: usize = 512;

/// Collects the lines that are not rules.
pub struct Rejects<'a> {
    count: u64,
    shown: Vec<BadLine>,
    file: Option<&'a mut dyn Write>,
    header: Vec<u8>,
}

impl<'a> Rejects<'a> {
    /// Writes to `file`, if any. `header` is the header of the input file.
    pub fn new(header: &[u8], file: Option<&'a mut dyn Write>) -> Self {
        Self {
            count: 0,
            shown: Vec::new(),
            file,
            header: header.to_vec(),
        }
    }

    /// Adds a line.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn add(&mut self, line: u64, reason: &str, raw: &[u8]) -> io::Result<()> {
        if let Some(file) = self.file.as_mut() {
            if self.count == 0 && !self.header.is_empty() {
                file.write_all(&self.header)?;
                file.write_all(b"\n")?;
            }
            let reason = reason.replace(['\n', '\r'], " ");
            file.write_all(format!("# line {line}: {reason}\n").as_bytes())?;
            file.write_all(raw)?;
            file.write_all(b"\n")?;
        }
        self.count += 1;
        if self.shown.len() < SHOWN {
            let raw = raw.get(..SHOWN_BYTES).unwrap_or(raw);
            self.shown.push(BadLine {
                line,
                reason: reason.to_owned(),
                text: String::from_utf8_lossy(raw).into_owned(),
            });
        }
        Ok(())
    }

    /// Number of bad lines.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The first bad lines.
    pub fn into_shown(self) -> Vec<BadLine> {
        self.shown
    }
}
