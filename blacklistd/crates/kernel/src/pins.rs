//! The pin directory: what is where on the bpf file system.
//!
//! `links/NAME` holds the link of each interface, `state-.../` the maps of one layout. The folder's
//! name carries the ABI version and the sizes, so that a state that does not fit stands beside
//! the new one until that is in force.

use std::fs;
use std::path::{Path, PathBuf};

use blacklist_common::tables::ABI_VERSION;

use super::{KernelError, KernelSettings};

const LINKS: &str = "links";
const STATE: &str = "state-";

/// Paths in a pin directory.
#[derive(Clone, Debug)]
pub(super) struct Pins {
    directory: PathBuf,
    state: PathBuf,
}

impl Pins {
    /// The paths that belong to these settings.
    pub(super) fn new(settings: &KernelSettings) -> Self {
        let name = format!(
            "{STATE}{ABI_VERSION}-{}-{}-{}-{}",
            settings.tables.as_str(),
            settings.maximum_rules,
            settings.maximum_calls,
            settings.event_bytes
        );
        Self {
            directory: settings.pin_directory.clone(),
            state: settings.pin_directory.join(name),
        }
    }

    /// Makes the folders.
    pub(super) fn create(&self) -> Result<(), KernelError> {
        for folder in [self.links(), self.state.clone()] {
            fs::create_dir_all(&folder).map_err(|error| {
                KernelError::failed(format!("making the folder {}", folder.display()), error)
            })?;
        }
        Ok(())
    }

    /// Where a map is pinned.
    pub(super) fn map(&self, name: &str) -> PathBuf {
        self.state.join(name)
    }

    /// Where an interface's link is pinned.
    pub(super) fn link(&self, interface: &str) -> PathBuf {
        self.links().join(escape(interface))
    }

    /// The pin directory.
    pub(super) fn directory(&self) -> &Path {
        &self.directory
    }

    fn links(&self) -> PathBuf {
        self.directory.join(LINKS)
    }

    /// Interfaces that have a link here.
    pub(super) fn linked_interfaces(&self) -> Vec<String> {
        linked_interfaces(&self.directory)
    }

    /// Folders with the maps of other layouts.
    pub(super) fn other_states(&self) -> Vec<PathBuf> {
        let mut folders = states(&self.directory);
        folders.retain(|folder| *folder != self.state);
        folders.sort();
        folders
    }

    /// Removes the maps of other layouts.
    pub(super) fn remove_other_states(&self) -> Result<(), KernelError> {
        for folder in self.other_states() {
            remove_folder(&folder)?;
        }
        Ok(())
    }

    /// Removes the maps of this layout; for a state that was never in force.
    pub(super) fn remove_state(&self) -> Result<(), KernelError> {
        remove_folder(&self.state)
    }
}

/// Interfaces that have a link in a pin directory.
pub(super) fn linked_interfaces(directory: &Path) -> Vec<String> {
    let mut names: Vec<String> = entries(&directory.join(LINKS))
        .filter_map(|path| Some(unescape(path.file_name()?.to_str()?)))
        .collect();
    names.sort();
    names
}

/// Removes all that is pinned, links first. Returns the interfaces that were set free.
pub(super) fn remove(directory: &Path) -> Result<Vec<String>, KernelError> {
    let interfaces = linked_interfaces(directory);
    remove_folder(&directory.join(LINKS))?;
    for folder in states(directory) {
        remove_folder(&folder)?;
    }
    // The folder itself may be a mount point or hold what is not ours.
    drop(fs::remove_dir(directory));
    Ok(interfaces)
}

fn states(directory: &Path) -> Vec<PathBuf> {
    entries(directory)
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with(STATE))
        })
        .collect()
}

fn entries(directory: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
}

fn remove_folder(folder: &Path) -> Result<(), KernelError> {
    if !folder.exists() {
        return Ok(());
    }
    let fail =
        |path: &Path, error| KernelError::failed(format!("removing {}", path.display()), error);
    for path in entries(folder) {
        fs::remove_file(&path).map_err(|error| fail(&path, error))?;
    }
    fs::remove_dir(folder).map_err(|error| fail(folder, error))
}

/// The bpf file system takes no dots in names (kernel/bpf/inode.c, bpf_lookup).
fn escape(interface: &str) -> String {
    interface.replace('%', "%25").replace('.', "%2E")
}

fn unescape(name: &str) -> String {
    name.replace("%2E", ".").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        for name in ["eth0", "eth0.100", "a%2Eb", "%25", "bond0.4000"] {
            assert!(!escape(name).contains('.'));
            assert_eq!(unescape(&escape(name)), name);
        }
    }
}
