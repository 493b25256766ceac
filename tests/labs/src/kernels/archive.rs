//! An archive of files, as a kernel unpacks it into its memory: each folder and each file once.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};

const FOLDER: u32 = 0o040_755;
const PROGRAM: u32 = 0o100_755;

/// An archive that is being written.
pub(super) struct Archive<W: Write> {
    out: W,
    /// What is in it.
    names: BTreeSet<String>,
    /// Number of the last file.
    number: u32,
}

impl<W: Write> Archive<W> {
    /// An empty one.
    pub(super) const fn new(out: W) -> Self {
        Self {
            out,
            names: BTreeSet::new(),
            number: 0,
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

    /// Ends it.
    pub(super) fn end(self) -> Result<W> {
        Ok(cpio::newc::trailer(self.out)?)
    }

    fn entry(&mut self, name: &str, mode: u32, bytes: &[u8]) -> Result<()> {
        self.number += 1;
        let entry = cpio::newc::Builder::new(name).ino(self.number).mode(mode);
        let mut writer = entry.write(&mut self.out, u32::try_from(bytes.len())?);
        writer.write_all(bytes)?;
        writer.finish()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_has_each_folder_and_file_once() {
        let mut archive = Archive::new(Vec::new());
        archive.file("/a/b/c", b"12345").unwrap();
        archive.file("a/b/c", b"other").unwrap();
        archive.folder("a/b").unwrap();
        let text = String::from_utf8(archive.end().unwrap()).unwrap();
        let heads: Vec<usize> = text.match_indices("070701").map(|(at, _)| at).collect();
        assert_eq!(heads.len(), 4, "{text:?}");
        assert!(heads.iter().all(|at| at % 4 == 0), "{text:?}");
        assert!(text.contains("000081ed"), "{text:?}");
        assert!(text.contains("a/b/c\x0012345"), "{text:?}");
        assert!(text.contains("12345\0\0\0"), "{text:?}");
        assert!(!text.contains("other"), "{text:?}");
    }
}
