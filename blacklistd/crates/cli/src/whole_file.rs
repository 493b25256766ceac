//! A file that gets its name when it is complete; a file of this name stays until then.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::error::CliError;

/// A file on its way.
pub(super) struct WholeFile {
    file: File,
    part: PathBuf,
    name: PathBuf,
    replace: bool,
    is_finished: bool,
}

impl WholeFile {
    /// Begins a file. One that is there is replaced only if that is wanted.
    pub(super) fn create(name: &Path, replace: bool) -> Result<Self, CliError> {
        if !replace && name.symlink_metadata().is_ok() {
            return Err(is_there(name));
        }
        let mut part = name.to_owned().into_os_string();
        part.push(format!(".{}.part", std::process::id()));
        let part = PathBuf::from(part);
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(&part)
            .map_err(|error| cannot(&part, &error))?;
        Ok(Self {
            file,
            part,
            name: name.to_owned(),
            replace,
            is_finished: false,
        })
    }

    /// Where it is until it is finished.
    pub(super) fn part(&self) -> &Path {
        &self.part
    }

    pub(super) fn write(&mut self, data: &[u8]) -> Result<(), CliError> {
        self.file
            .write_all(data)
            .map_err(|error| cannot(&self.part, &error))
    }

    /// Everything that was written is on the disk.
    pub(super) fn sync(&self) -> Result<(), CliError> {
        self.file
            .sync_all()
            .map_err(|error| cannot(&self.part, &error))
    }

    /// Gives it its name.
    pub(super) fn finish(mut self) -> Result<(), CliError> {
        self.sync()?;
        let (from, to) = (&self.part, &self.name);
        let named = if self.replace {
            std::fs::rename(from, to)
        } else {
            // A second name, so that a file that has appeared meanwhile is not replaced.
            match std::fs::hard_link(from, to) {
                Ok(()) => std::fs::remove_file(from),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    return Err(is_there(to));
                }
                // File systems without second names.
                Err(_) => std::fs::rename(from, to),
            }
        };
        named.map_err(|error| cannot(to, &error))?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for WholeFile {
    fn drop(&mut self) {
        if !self.is_finished {
            // A part must not be taken for the whole.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

fn cannot(path: &Path, error: &std::io::Error) -> CliError {
    CliError::Failed(format!("cannot write {}: {error}", path.display()))
}

fn is_there(path: &Path) -> CliError {
    CliError::Failed(format!(
        "{} already exists: name another file, or add --force",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_there_wholly_or_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("rules.csv");
        let mut file = WholeFile::create(&name, false).unwrap();
        file.write(b"one").unwrap();
        assert!(!name.exists());
        file.finish().unwrap();
        assert!(WholeFile::create(&name, false).is_err());
        let mut file = WholeFile::create(&name, true).unwrap();
        file.write(b"two").unwrap();
        drop(file);
        assert_eq!(std::fs::read(&name).unwrap(), b"one");
        let mut file = WholeFile::create(&name, true).unwrap();
        file.write(b"three").unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read(&name).unwrap(), b"three");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_appears_meanwhile_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let name = folder.path().join("copy.db");
        let mut file = WholeFile::create(&name, false).unwrap();
        file.write(b"ours").unwrap();
        std::fs::write(&name, "theirs").unwrap();
        assert!(file.finish().is_err());
        assert_eq!(std::fs::read(&name).unwrap(), b"theirs");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
