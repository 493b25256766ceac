//! One daemon for a state directory, and one for a pin directory.

use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use nix::fcntl::{Flock, FlockArg};

const FILE_NAME: &str = "blacklistd.lock";

/// Takes the state directory; it is free again when the result is dropped or the process ends.
pub(crate) fn take(directory: &Path) -> anyhow::Result<Flock<File>> {
    let path = directory.join(FILE_NAME);
    let file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .with_context(|| {
            format!(
                "cannot open {} (run blacklistd as root, or make state_directory writable for it)",
                path.display()
            )
        })?;
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(mut lock) => {
            lock.set_len(0)?;
            lock.rewind()?;
            write!(lock, "{}", std::process::id())?;
            Ok(lock)
        }
        Err((mut file, _)) => {
            let mut owner = String::new();
            // The sentence does without its number.
            let _ = file.read_to_string(&mut owner);
            bail!(
                "another blacklistd{} uses {}: stop it first, or give this one a state_directory and control_socket of its own",
                if owner.is_empty() {
                    String::new()
                } else {
                    format!(" (process {owner})")
                },
                directory.display()
            );
        }
    }
}

/// Takes the pin directory, whose tables another daemon with a state of its own would replace; none if it is
/// not there yet. It is free again when the result is dropped or the process ends.
pub(crate) fn take_pins(directory: &Path) -> anyhow::Result<Option<Flock<File>>> {
    // A file system of BPF objects has no files that could be locked, but its folders can be.
    let Ok(folder) = File::open(directory) else {
        return Ok(None);
    };
    match Flock::lock(folder, FlockArg::LockExclusiveNonblock) {
        Ok(lock) => Ok(Some(lock)),
        Err(_) => bail!(
            "another blacklistd uses pin_directory {}, and its rules would be replaced: stop it first, or give this one a pin_directory of its own",
            directory.display()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_daemon_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let first = take(folder.path()).unwrap();
        let error = take(folder.path()).unwrap_err().to_string();
        assert!(
            error.contains(&format!("process {}", std::process::id())),
            "{error}"
        );
        drop(first);
        take(folder.path()).unwrap();
    }

    #[test]
    fn a_second_owner_of_a_pin_directory_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let pins = folder.path().join("pins");
        assert!(take_pins(&pins).unwrap().is_none(), "not there yet");
        std::fs::create_dir(&pins).unwrap();
        let first = take_pins(&pins).unwrap();
        assert!(first.is_some());
        let error = take_pins(&pins).unwrap_err().to_string();
        assert!(error.contains("pin_directory"), "{error}");
        drop(first);
        assert!(take_pins(&pins).unwrap().is_some());
    }
}
