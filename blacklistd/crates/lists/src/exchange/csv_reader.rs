//! Reads rules from a CSV file or a plain list of numbers, line by line.

use std::io::Read;

use blacklist_model::RuleSpec;
use encoding_rs::Encoding;

use super::columns::{ColumnMap, Columns, Field};
use super::encoding::{Decoded, TextEncoding, text_of};
use super::records::{Next, Records};
use super::{ReadError, cell, delimiter};

/// How a file is read; what is not set is detected.
#[derive(Clone, Debug, Default)]
pub struct CsvSettings {
    /// The byte between cells, see [`super::delimiter_from_name`].
    pub delimiter: Option<u8>,
    /// The character encoding.
    pub encoding: TextEncoding,
    /// Whether the first line contains names.
    pub has_header: Option<bool>,
    /// Which column holds which field.
    pub map: Option<ColumnMap>,
}

/// A line of the file that is not a comment, header or empty.
#[derive(Clone, Debug)]
pub struct CsvLine {
    /// Line number of its start, from 1.
    pub number: u64,
    /// The rule, or a sentence that says why it is not one.
    pub rule: Result<RuleSpec, String>,
}

/// The reader. Memory does not depend on the length of the file.
pub struct CsvReader<R> {
    records: Records<Decoded<R>>,
    encoding: Option<&'static Encoding>,
    base: RuleSpec,
    delimiter: u8,
    columns: Columns,
    header: Vec<u8>,
    /// The first line is not a header and has been read already.
    is_first_pending: bool,
    legacy_lines: u64,
    /// The first line is the header that we write.
    is_ours: bool,
}

/// The first line of a file.
struct FirstLine {
    cells: Vec<String>,
    raw: Vec<u8>,
}

impl<R: Read> CsvReader<R> {
    /// Reads the beginning of a file. `base` sets what its lines leave open: the list, the dial
    /// plan, the scopes.
    ///
    /// It cannot be read, is not text, or has no column with numbers. An empty file is not an
    /// error.
    pub fn open(input: R, base: RuleSpec, settings: &CsvSettings) -> Result<Self, ReadError> {
        let decoded = Decoded::open(input, settings.encoding)?;
        let encoding = decoded.encoding;
        let mut records = Records::new(decoded);
        let delimiter = match settings.delimiter {
            Some(delimiter) => delimiter,
            None => delimiter::detect(records.sample()?),
        };
        records.set_delimiter(delimiter);
        let first = first_line(&mut records, encoding)?;
        let names: Vec<&str> = first.cells.iter().map(String::as_str).collect();
        let columns = if names.is_empty() {
            Columns {
                places: Vec::new(),
                has_header: true,
            }
        } else {
            Columns::find(&names, settings.map.as_ref(), settings.has_header)?
        };
        Ok(Self {
            records,
            encoding,
            base,
            delimiter,
            is_first_pending: !columns.has_header,
            header: if columns.has_header {
                first.raw
            } else {
                Vec::new()
            },
            columns,
            legacy_lines: 0,
            is_ours: names == Field::ALL.map(Field::as_str),
        })
    }

    /// The next line; `None` at the end of the file.
    ///
    /// # Errors
    /// The file cannot be read further.
    pub fn next_line(&mut self) -> Result<Option<CsvLine>, ReadError> {
        loop {
            let next = if std::mem::take(&mut self.is_first_pending) {
                Next::Record
            } else {
                self.records.advance()?
            };
            let number = self.records.line();
            let rule = match next {
                Next::End => return Ok(None),
                Next::Endless => Err(
                    "a quote is opened here and not closed again, or the line is longer than \
                     65,536 bytes; write a quote inside a quoted cell twice"
                        .to_owned(),
                ),
                Next::Record if self.is_blank() => continue,
                Next::Record => self.rule(),
            };
            return Ok(Some(CsvLine { number, rule }));
        }
    }

    /// The line read last, as it is in the file (in UTF-8 if the file is UTF-16).
    pub fn raw(&self) -> &[u8] {
        self.records.raw()
    }

    /// The first line, if it contains names.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Bytes of text read so far; for a file in UTF-16 about half its bytes.
    pub const fn consumed(&self) -> u64 {
        self.records.consumed()
    }

    /// The delimiter.
    pub const fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// The fields with their columns, counted from 0.
    pub fn columns(&self) -> &[(Field, usize)] {
        &self.columns.places
    }

    /// Name of the encoding in which the lines so far were read.
    pub fn encoding(&self) -> &'static str {
        match self.encoding {
            Some(encoding) => encoding.name(),
            None if self.legacy_lines > 0 => "windows-1252",
            None => "UTF-8",
        }
    }

    /// Only empty cells: spreadsheets write these below their last row.
    fn is_blank(&self) -> bool {
        self.records.bytes().iter().all(u8::is_ascii_whitespace)
    }

    fn rule(&mut self) -> Result<RuleSpec, String> {
        let bytes = self.records.bytes();
        let mut rule = self.base.clone();
        for (field, place) in &self.columns.places {
            let ends = self.records.ends();
            let start = match place.checked_sub(1) {
                None => Some(&0),
                Some(before) => ends.get(before),
            };
            let (Some(start), Some(end)) = (start, ends.get(*place)) else {
                if *field == Field::Pattern {
                    return Err(format!(
                        "the line has {} cells, and the number is expected in cell {}",
                        ends.len(),
                        place + 1
                    ));
                }
                continue;
            };
            let cell = bytes.get(*start..*end).unwrap_or_default();
            let (text, is_legacy) = text_of(cell, self.encoding)?;
            self.legacy_lines += u64::from(is_legacy);
            cell::put(&mut rule, *field, &text, self.is_ours)?;
        }
        if rule.pattern.is_empty() {
            return Err("the cell of the number is empty".to_owned());
        }
        Ok(rule)
    }
}

fn first_line<R: Read>(
    records: &mut Records<Decoded<R>>,
    encoding: Option<&'static Encoding>,
) -> Result<FirstLine, ReadError> {
    match records.advance()? {
        Next::Record => {}
        Next::Endless => {
            return Err(ReadError::Columns(format!(
                "line {}: a quote is opened and not closed again, or this is not text",
                records.line()
            )));
        }
        Next::End => {
            return Ok(FirstLine {
                cells: Vec::new(),
                raw: Vec::new(),
            });
        }
    }
    let mut cells = Vec::new();
    let mut start = 0;
    for end in records.ends() {
        let cell = records.bytes().get(start..*end).unwrap_or_default();
        let text = text_of(cell, encoding).map_err(|reason| {
            ReadError::NotText(format!(
                "line {}: {reason}; name another encoding",
                records.line()
            ))
        })?;
        cells.push(text.0.into_owned());
        start = *end;
    }
    Ok(FirstLine {
        cells,
        raw: records.raw().to_vec(),
    })
}
