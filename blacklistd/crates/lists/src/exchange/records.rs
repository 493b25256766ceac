//! Reads CSV records from a stream of any length, each with its line number and its original text.
//! The grammar (RFC 4180) is the library's; added here is a limit for a quote that is never closed,
//! which would swallow the rest.

use std::io::Read;

use csv_core::ReadRecordResult;

use super::ReadError;

/// Maximum size of a record in bytes; a longer one has an unclosed quote.
const MAXIMUM_RECORD: usize = 64 << 10;
/// Bytes read at once.
const CHUNK: usize = 64 << 10;
/// Maximum number of columns of a record.
const MAXIMUM_COLUMNS: usize = 1024;

/// What comes next in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A record: see [`Records::bytes`] and [`Records::ends`].
    Record,
    /// A record without an end; only its first line was consumed.
    Endless,
    /// The end of the file.
    End,
}

/// The reader.
pub(super) struct Records<R> {
    input: R,
    core: csv_core::Reader,
    /// What was read and is still needed: the current record and what follows it.
    window: Vec<u8>,
    /// Start of the current record in the window.
    begin: usize,
    /// Start of the next record in the window.
    end: usize,
    is_at_end: bool,
    /// The line on which the current record begins, from 1.
    line: u64,
    next_line: u64,
    /// The previous record ended with CR: a LF that follows belongs to the same line end.
    is_after_return: bool,
    /// The unquoted cells, concatenated.
    cells: Vec<u8>,
    ends: Vec<usize>,
    lengths: (usize, usize),
    consumed: u64,
}

impl<R: Read> Records<R> {
    pub(super) fn new(input: R) -> Self {
        Self {
            input,
            core: csv_core::Reader::new(),
            window: Vec::new(),
            begin: 0,
            end: 0,
            is_at_end: false,
            line: 0,
            next_line: 1,
            is_after_return: false,
            cells: vec![0; 1024],
            ends: vec![0; 32],
            lengths: (0, 0),
            consumed: 0,
        }
    }

    /// Sets the delimiter; only before the first record is read.
    pub(super) fn set_delimiter(&mut self, delimiter: u8) {
        self.core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
    }

    /// The beginning of the unread text, in whole lines if there are any.
    pub(super) fn sample(&mut self) -> Result<&[u8], ReadError> {
        while self.window.len() - self.end < CHUNK && self.fill()? {}
        let all = self.window.get(self.end..).unwrap_or_default();
        if self.is_at_end {
            return Ok(all);
        }
        let whole = memchr::memrchr(b'\n', all).map_or(all.len(), |at| at + 1);
        Ok(all.get(..whole).unwrap_or_default())
    }

    /// The line on which the current record begins.
    pub(super) const fn line(&self) -> u64 {
        self.line
    }

    /// Bytes of text consumed so far.
    pub(super) const fn consumed(&self) -> u64 {
        self.consumed
    }

    /// The original text of the current record, without its line end.
    pub(super) fn raw(&self) -> &[u8] {
        let raw = self.window.get(self.begin..self.end).unwrap_or_default();
        raw.trim_ascii_end()
    }

    /// The cells of the current record, concatenated.
    pub(super) fn bytes(&self) -> &[u8] {
        self.cells.get(..self.lengths.0).unwrap_or_default()
    }

    /// The end of each cell in [`Self::bytes`].
    pub(super) fn ends(&self) -> &[usize] {
        self.ends.get(..self.lengths.1).unwrap_or_default()
    }

    /// Advances to the next record; skips empty lines and lines that begin with `#`.
    pub(super) fn advance(&mut self) -> Result<Next, ReadError> {
        self.begin = self.end;
        if !self.skip_to_record()? {
            return Ok(Next::End);
        }
        self.line = self.next_line;
        self.lengths = (0, 0);
        let next = self.read_record()?;
        let raw = self.window.get(self.begin..self.end).unwrap_or_default();
        self.next_line += line_ends(raw);
        self.is_after_return = raw.last() == Some(&b'\r');
        Ok(next)
    }

    fn read_record(&mut self) -> Result<Next, ReadError> {
        loop {
            let input = self.window.get(self.end..).unwrap_or_default();
            let cells = self.cells.get_mut(self.lengths.0..).unwrap_or_default();
            let ends = self.ends.get_mut(self.lengths.1..).unwrap_or_default();
            let (result, read, written, ended) = self.core.read_record(input, cells, ends);
            self.end += read;
            self.lengths.0 += written;
            self.lengths.1 += ended;
            if self.end - self.begin > MAXIMUM_RECORD {
                return Ok(self.give_up());
            }
            match result {
                // Empty input tells the parser that this is the end of the file.
                ReadRecordResult::InputEmpty => {
                    self.fill()?;
                }
                ReadRecordResult::OutputFull => self.cells.resize(self.cells.len() * 2, 0),
                ReadRecordResult::OutputEndsFull if self.ends.len() >= MAXIMUM_COLUMNS => {
                    return Ok(self.give_up());
                }
                ReadRecordResult::OutputEndsFull => self.ends.resize(self.ends.len() * 2, 0),
                ReadRecordResult::Record => return Ok(Next::Record),
                ReadRecordResult::End => return Ok(Next::End),
            }
        }
    }

    /// Takes only the first line of a record without an end, and continues after it.
    fn give_up(&mut self) -> Next {
        let record = self.window.get(self.begin..self.end).unwrap_or_default();
        let first = memchr::memchr(b'\n', record).map_or(record.len(), |at| at + 1);
        self.end = self.begin + first;
        self.core.reset();
        self.lengths = (0, 0);
        Next::Endless
    }

    /// Skips what is not a record; returns false at the end of the file.
    fn skip_to_record(&mut self) -> Result<bool, ReadError> {
        let mut is_comment = false;
        loop {
            let Some(byte) = self.window.get(self.end).copied() else {
                self.begin = self.end;
                if !self.fill()? {
                    return Ok(false);
                }
                continue;
            };
            match byte {
                b'\n' if self.is_after_return => self.is_after_return = false,
                b'\n' | b'\r' => {
                    self.is_after_return = byte == b'\r';
                    self.next_line += 1;
                    is_comment = false;
                }
                _ if is_comment => {}
                b'#' => is_comment = true,
                _ => {
                    self.begin = self.end;
                    self.is_after_return = false;
                    return Ok(true);
                }
            }
            self.end += 1;
        }
    }

    /// Reads more into the window, and drops what precedes the current record. Returns false at the
    /// end of the file.
    fn fill(&mut self) -> Result<bool, ReadError> {
        if self.is_at_end {
            return Ok(false);
        }
        self.window.drain(..self.begin);
        self.end -= self.begin;
        self.begin = 0;
        let before = self.window.len();
        self.window.resize(before + CHUNK, 0);
        let space = self.window.get_mut(before..).unwrap_or_default();
        let read = loop {
            match self.input.read(space) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        let read = read.map_err(ReadError::Unreadable);
        self.window.truncate(before + *read.as_ref().unwrap_or(&0));
        let read = read?;
        self.consumed += read as u64;
        self.is_at_end = read == 0;
        Ok(read > 0)
    }
}

/// Line ends in a text: CRLF, LF or CR.
fn line_ends(text: &[u8]) -> u64 {
    let returns = memchr::memchr_iter(b'\r', text)
        .filter(|at| text.get(at + 1) != Some(&b'\n'))
        .count();
    (memchr::memchr_iter(b'\n', text).count() + returns) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns 1 byte at a time, so that buffers end at every position.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn all(text: &[u8]) -> Vec<(u64, Vec<String>, String)> {
        let mut records = Records::new(Drops(text));
        let mut found = Vec::new();
        while records.advance().unwrap() != Next::End {
            let mut start = 0;
            let mut cells = Vec::new();
            for end in records.ends() {
                cells.push(String::from_utf8_lossy(&records.bytes()[start..*end]).into_owned());
                start = *end;
            }
            let raw = String::from_utf8_lossy(records.raw()).into_owned();
            found.push((records.line(), cells, raw));
        }
        found
    }

    #[test]
    fn records_have_their_lines_and_their_text() {
        type Expected<'a> = &'a [(u64, &'a [&'a str])];
        let rows: &[(&[u8], Expected<'_>)] = &[
            (b"", &[]),
            (b"\n\n", &[]),
            (b"a", &[(1, &["a"])]),
            (b"a\nb\n", &[(1, &["a"]), (2, &["b"])]),
            (b"a\r\nb\r\n\r\nc", &[(1, &["a"]), (2, &["b"]), (4, &["c"])]),
            (b"a\rb\r", &[(1, &["a"]), (2, &["b"])]),
            (b"# x\n\n#y\na,b\n# z", &[(4, &["a", "b"])]),
            (b"\"#31#\",b\n#c\nd", &[(1, &["#31#", "b"]), (3, &["d"])]),
            (b"\"a\nb\",c\nd,e", &[(1, &["a\nb", "c"]), (3, &["d", "e"])]),
            (b"\"a\"\"b\"\nc", &[(1, &["a\"b"]), (2, &["c"])]),
            (b"a,,\n,", &[(1, &["a", "", ""]), (2, &["", ""])]),
        ];
        for (text, expected) in rows {
            let found: Vec<(u64, Vec<String>)> = all(text)
                .into_iter()
                .map(|(line, cells, _)| (line, cells))
                .collect();
            let expected: Vec<(u64, Vec<String>)> = expected
                .iter()
                .map(|(line, cells)| (*line, cells.iter().map(ToString::to_string).collect()))
                .collect();
            assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn a_record_is_shown_as_it_stood() {
        let found = all(b"# c\n\"a, b\" ,x\r\n1;2\n");
        let raw: Vec<&str> = found.iter().map(|(_, _, raw)| raw.as_str()).collect();
        assert_eq!(raw, ["\"a, b\" ,x", "1;2"]);
    }

    #[test]
    fn a_quote_that_is_never_closed_costs_one_line() {
        let mut text = b"1\n\"2\n".to_vec();
        for number in 3..30_000 {
            text.extend(format!("{number}\n").bytes());
        }
        let mut records = Records::new(text.as_slice());
        assert_eq!(records.advance().unwrap(), Next::Record);
        assert_eq!(records.advance().unwrap(), Next::Endless);
        assert_eq!((records.line(), records.raw()), (2, &b"\"2"[..]));
        let mut last = Vec::new();
        let mut count = 0;
        while records.advance().unwrap() == Next::Record {
            last = records.bytes().to_vec();
            count += 1;
        }
        assert_eq!((count, last.as_slice()), (30_000 - 3, &b"29999"[..]));
        assert_eq!(records.line(), 29_999);
    }

    #[test]
    fn the_window_does_not_grow_with_the_file() {
        let text = b"+14155550101,comment\n".repeat(200_000);
        let mut records = Records::new(text.as_slice());
        let mut count = 0;
        while records.advance().unwrap() == Next::Record {
            count += 1;
            assert!(records.window.len() <= 4 * CHUNK);
        }
        assert_eq!(count, 200_000);
        assert_eq!(records.consumed(), text.len() as u64);
    }
}
