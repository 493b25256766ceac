//! Appends lines to a file. To rotate it, rename or remove it: the next batch goes to a new file.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use nix::libc::{O_CLOEXEC, O_NOCTTY, O_NONBLOCK};

use super::signal::Signal;
use super::sink::{Failure, Sink, text_of};
use super::source::LogLine;
use blacklist_system::files;

/// Mode of a file that is created.
const MODE: u32 = 0o640;

/// A sink that appends to a file.
pub(super) struct FileSink {
    path: PathBuf,
    /// Open while its end is known; after a failure it is reopened and examined.
    file: Option<File>,
}

/// What a file already contains of a batch that was written before its cursor was stored.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    /// Whole lines.
    pub(super) lines: usize,
    /// Bytes of the next one.
    pub(super) bytes: usize,
    /// Whether the file ends with an incomplete line that is not of the batch.
    pub(super) is_torn: bool,
}

impl FileSink {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: None }
    }

    /// Whether the path still leads to this file.
    fn is_here(&self, file: &File) -> bool {
        let (Ok(open), Ok(named)) = (file.metadata(), std::fs::metadata(&self.path)) else {
            return false;
        };
        (open.dev(), open.ino()) == (named.dev(), named.ino())
    }

    fn open(&self) -> Result<File, Failure> {
        let place = self.path.display();
        // Without O_NONBLOCK, opening a pipe would block until somebody reads it.
        let mut options = OpenOptions::new();
        options.read(true).append(true).create(true).mode(MODE);
        options.custom_flags(O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        let file = files::open_with(&self.path, &options).map_err(|error| {
            let hint = match error.kind() {
                io::ErrorKind::NotFound => "; make its folder",
                io::ErrorKind::ReadOnlyFilesystem => {
                    "; under systemd, the unit has to name its folder in ReadWritePaths"
                }
                _ => "",
            };
            Failure::new(format!("cannot open {place}: {error}{hint}"))
        })?;
        if file.metadata().is_ok_and(|metadata| metadata.is_file()) {
            Ok(file)
        } else {
            Err(Failure::refusal(format!("{place} is not a file")))
        }
    }

    fn append(&self, file: &mut File, lines: &[LogLine], written: &Written) -> io::Result<()> {
        let mut text = Vec::new();
        if written.is_torn {
            text.push(b'\n');
        }
        let rest = text_of(lines.get(written.lines..).unwrap_or_default());
        text.extend_from_slice(rest.get(written.bytes..).unwrap_or_default());
        file.write_all(&text)?;
        // The cursor is stored after this: it must not be on disk before the lines.
        file.sync_data()
    }
}

impl Sink for FileSink {
    fn deliver(&mut self, lines: &[LogLine], _: &Signal) -> Result<(), Failure> {
        let unwritable = |error: io::Error| {
            Failure::new(format!("cannot write {}: {error}", self.path.display()))
        };
        let known = self.file.take().filter(|file| self.is_here(file));
        let (mut file, written) = match known {
            Some(file) => (file, Written::default()),
            None => {
                let file = self.open()?;
                let written = look(&file, lines).map_err(unwritable)?;
                (file, written)
            }
        };
        self.append(&mut file, lines, &written)
            .map_err(unwritable)?;
        self.file = Some(file);
        Ok(())
    }
}

/// Examines the end of a file.
fn look(file: &File, lines: &[LogLine]) -> io::Result<Written> {
    let length = file.metadata()?.len();
    let text = text_of(lines);
    let mut tail = vec![
        0;
        usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(text.len())
    ];
    let start = length.saturating_sub(tail.len() as u64);
    file.read_exact_at(&mut tail, start)?;
    Ok(written(&tail, start == 0, lines, &text))
}

/// What the tail of a file contains of a batch. `text` is the batch as it is written; `is_whole`
/// says that nothing precedes the tail.
pub(super) fn written(tail: &[u8], is_whole: bool, lines: &[LogLine], text: &[u8]) -> Written {
    let last = memchr::memrchr(b'\n', tail);
    let (whole, torn) = tail.split_at(last.map_or(0, |last| last + 1));
    let mut end = text.len();
    let mut count = lines.len();
    for line in lines.iter().rev() {
        if text.get(..end).is_some_and(|batch| whole.ends_with(batch)) {
            break;
        }
        end = end.saturating_sub(line.json.len() + 1);
        count -= 1;
    }
    let is_whole = is_whole || last.is_some();
    let is_begun = is_whole
        && lines
            .get(count)
            .is_some_and(|next| next.json.as_bytes().starts_with(torn));
    Written {
        lines: count,
        bytes: if is_begun { torn.len() } else { 0 },
        is_torn: !torn.is_empty() && !is_begun,
    }
}
