//! An archive of files, as a kernel unpacks it into its memory: cpio, in the format that is called
//! newc (Documentation/driver-api/early-userspace/buffer-format.rst of Linux).

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};

const FOLDER: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;

/// An archive that is being written.
pub(super) struct Archive<W: Write> {
    out: W,
    /// Bytes so far.
    length: u64,
    /// Number of the last file.
    number: u32,
    /// What is in it.
    names: BTreeSet<String>,
}

impl Archive<BufWriter<File>> {
    /// Begins a file.
    pub(super) fn create(file: &Path) -> Result<Self> {
        let out =
            File::create(file).with_context(|| format!("cannot create {}", file.display()))?;
        Ok(Self::new(BufWriter::new(out)))
    }
}

impl<W: Write> Archive<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            length: 0,
            number: 0,
            names: BTreeSet::new(),
        }
    }

    /// Adds an empty folder, and those that it is in, where they are not there.
    pub(super) fn folder(&mut self, name: &str) -> Result<()> {
        let mut path = String::new();
        for part in name.split('/').filter(|part| !part.is_empty()) {
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(part);
            if self.names.insert(path.clone()) {
                self.entry(&path, FOLDER, &[])?;
            }
        }
        Ok(())
    }

    /// Adds a file as a program, if nothing of this name is there.
    pub(super) fn file(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let name = name.trim_start_matches('/');
        if let Some((folder, _)) = name.rsplit_once('/') {
            self.folder(folder)?;
        }
        if self.names.insert(name.to_owned()) {
            self.entry(name, PROGRAM, bytes)?;
        }
        Ok(())
    }

    /// Adds a copy of a file, also of one that a link leads to.
    pub(super) fn copy(&mut self, from: &Path, name: &str) -> Result<()> {
        let bytes =
            std::fs::read(from).with_context(|| format!("cannot read {}", from.display()))?;
        self.file(name, &bytes)
    }

    /// Ends it; how long it is.
    pub(super) fn end(mut self) -> Result<u64> {
        self.entry("TRAILER!!!", 0, &[])?;
        self.out.flush()?;
        Ok(self.length)
    }

    /// Thirteen fields of eight digits, the name with its zero, and the bytes; both up to a
    /// multiple of four.
    fn entry(&mut self, name: &str, mode: u32, bytes: &[u8]) -> Result<()> {
        ensure!(!name.contains('\0'), "a name with a zero in it");
        self.number += 1;
        let (size, named) = (u32::try_from(bytes.len())?, u32::try_from(name.len() + 1)?);
        let mut head = "070701".to_owned();
        for field in [self.number, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, named, 0] {
            head.push_str(&format!("{field:08X}"));
        }
        head.push_str(name);
        head.push('\0');
        self.write(head.as_bytes())?;
        self.write(bytes)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes)?;
        self.length += bytes.len() as u64;
        while !self.length.is_multiple_of(4) {
            self.out.write_all(&[0])?;
            self.length += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_each_folder_and_file_once() {
        let mut bytes = Vec::new();
        let mut archive = Archive::new(&mut bytes);
        archive.file("/a/b/c", b"12345").unwrap();
        archive.file("a/b/c", b"other").unwrap();
        archive.folder("a/b").unwrap();
        let length = archive.end().unwrap();
        assert_eq!(length as usize, bytes.len());
        let text = String::from_utf8(bytes).unwrap();
        let heads: Vec<usize> = text.match_indices("070701").map(|(at, _)| at).collect();
        assert_eq!(heads.len(), 4, "{text:?}");
        assert!(heads.iter().all(|at| at % 4 == 0), "{text:?}");
        assert!(text.contains("000081ED"), "{text:?}");
        assert!(text.contains("a/b/c\x0012345"), "{text:?}");
        assert!(text.contains("12345\0\0\0"), "{text:?}");
        assert!(!text.contains("other"), "{text:?}");
    }
}
