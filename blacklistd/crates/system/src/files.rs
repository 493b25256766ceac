//! Files that are opened, moved and removed by their paths.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::machine::ask;

/// Mode of files that are made.
const PRIVATE: u32 = 0o600;

/// Where files are. One that is open is a file of the host's in any case.
pub trait Files: Send + Sync {
    /// Opens or makes a file.
    ///
    /// # Errors
    /// As [`OpenOptions::open`].
    fn open(&self, path: &Path, options: &OpenOptions) -> io::Result<File>;
    /// Gives a file another path.
    ///
    /// # Errors
    /// As [`std::fs::rename`].
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// As [`std::fs::remove_file`].
    fn remove(&self, path: &Path) -> io::Result<()>;
}

/// The host's.
pub struct HostFiles;

impl Files for HostFiles {
    fn open(&self, path: &Path, options: &OpenOptions) -> io::Result<File> {
        options.open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }
}

/// Opens or makes a file.
///
/// # Errors
/// As [`OpenOptions::open`].
pub fn open_with(path: &Path, options: &OpenOptions) -> io::Result<File> {
    ask(|machine| machine.files.open(path, options))
}

/// Opens a file to read it.
///
/// # Errors
/// As [`File::open`].
pub fn open(path: &Path) -> io::Result<File> {
    open_with(path, OpenOptions::new().read(true))
}

/// Makes a file that nobody else can read, or empties one that is there.
///
/// # Errors
/// As [`File::create`].
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(PRIVATE);
    open_with(path, &options)
}

/// Makes a file that is not there, and that nobody else can read.
///
/// # Errors
/// As [`File::create_new`].
pub fn create_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(PRIVATE);
    open_with(path, &options)
}

/// Reads a whole file.
///
/// # Errors
/// As [`std::fs::read`].
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a whole file that is text.
///
/// # Errors
/// As [`std::fs::read_to_string`].
pub fn read_to_string(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Gives a file another path.
///
/// # Errors
/// As [`std::fs::rename`].
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    ask(|machine| machine.files.rename(from, to))
}

/// Removes a file.
///
/// # Errors
/// As [`std::fs::remove_file`].
pub fn remove(path: &Path) -> io::Result<()> {
    ask(|machine| machine.files.remove(path))
}
