//! The encoding of a file: a byte-order mark decides; otherwise it is UTF-8, except for lines that
//! are not valid UTF-8, which are Windows-1252. An encoding set by the operator overrides this.

use std::borrow::Cow;
use std::io::{self, Cursor, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use super::ReadError;

/// Bytes examined before the first line is read.
const LOOK: usize = 4096;

/// How the bytes of a file are decoded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextEncoding {
    /// By the byte-order mark; without one UTF-8, and Windows-1252 for lines that are not UTF-8.
    #[default]
    Detect,
    /// The operator's setting.
    Named(&'static Encoding),
}

impl TextEncoding {
    /// Parses a name such as `utf-8`, `utf-16le`, `iso-8859-15`, `windows-1252`, `auto`
    /// (<https://encoding.spec.whatwg.org/#names-and-labels>).
    ///
    /// # Errors
    /// The name is unknown.
    pub fn from_name(name: &str) -> Result<Self, String> {
        if name.eq_ignore_ascii_case("auto") {
            return Ok(Self::Detect);
        }
        Encoding::for_label(name.as_bytes())
            .map(Self::Named)
            .ok_or_else(|| {
                format!(
                    "there is no encoding \"{name}\"; name one such as utf-8, utf-16le, \
                     iso-8859-15 or windows-1252, or auto"
                )
            })
    }
}

/// A file decoded to UTF-8, or, if the encoding is undetermined, as it is.
pub(super) struct Decoded<R> {
    reader: DecodeReaderBytes<io::Chain<Cursor<Vec<u8>>, R>, Vec<u8>>,
    /// The encoding of the file; `None` if it is detected for each line.
    pub(super) encoding: Option<&'static Encoding>,
}

impl<R: Read> Decoded<R> {
    pub(super) fn open(mut input: R, wanted: TextEncoding) -> Result<Self, ReadError> {
        let mut head = Vec::with_capacity(LOOK);
        (&mut input)
            .take(LOOK as u64)
            .read_to_end(&mut head)
            .map_err(ReadError::Unreadable)?;
        refuse_other_files(&head)?;
        let marked = Encoding::for_bom(&head).map(|(encoding, _)| encoding);
        let named = match wanted {
            TextEncoding::Detect => marked.or_else(|| without_mark(&head)),
            TextEncoding::Named(encoding) => Some(encoding),
        };
        let reader = DecodeReaderBytesBuilder::new()
            .encoding(named.filter(|encoding| *encoding != UTF_8))
            .bom_override(true)
            .utf8_passthru(true)
            .strip_bom(true)
            .build(Cursor::new(head).chain(input));
        Ok(Self {
            reader,
            encoding: named,
        })
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

/// UTF-16 without a byte-order mark: in a list of numbers every other byte is 0.
fn without_mark(head: &[u8]) -> Option<&'static Encoding> {
    let zeros = |first: usize| {
        head.iter()
            .skip(first)
            .step_by(2)
            .filter(|byte| **byte == 0)
            .count()
    };
    let (even, odd, half) = (zeros(0), zeros(1), head.len() / 2);
    if half > 0 && odd > half / 2 && even == 0 {
        Some(UTF_16LE)
    } else if half > 0 && even > half / 2 && odd == 0 {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Files that are mistaken for CSV, by their first bytes.
fn refuse_other_files(head: &[u8]) -> Result<(), ReadError> {
    let known: [(&[u8], &str); 6] = [
        (
            b"PK\x03\x04",
            "a zip file or a spreadsheet (xlsx, ods): save the sheet as CSV",
        ),
        (
            b"\xD0\xCF\x11\xE0",
            "a spreadsheet (xls): save the sheet as CSV",
        ),
        (b"\x1F\x8B", "compressed with gzip: unpack it first"),
        (b"\x28\xB5\x2F\xFD", "compressed with zstd: unpack it first"),
        (b"\xFD7zXZ", "compressed with xz: unpack it first"),
        (b"%PDF", "a PDF: a list of numbers is wanted, as CSV"),
    ];
    match known.iter().find(|(magic, _)| head.starts_with(magic)) {
        Some((_, what)) => Err(ReadError::NotText(format!("the file is {what}"))),
        None => Ok(()),
    }
}

/// A line's text, and whether it was read as Windows-1252.
pub(super) fn text_of<'a>(
    bytes: &'a [u8],
    encoding: Option<&'static Encoding>,
) -> Result<(Cow<'a, str>, bool), String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok((Cow::Borrowed(text), false)),
        Err(_) if encoding.is_none() => {
            let (text, _) = WINDOWS_1252.decode_without_bom_handling(bytes);
            Ok((text, true))
        }
        Err(error) => Err(format!(
            "byte {} of the line is not UTF-8",
            error.valid_up_to() + 1
        )),
    }
}
