//! From nothing to judging: everything is read and checked first, tables are filled before the
//! program is attached, and a start that fails leaves nothing behind.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;

use super::attach::require_interfaces;
use super::enforcement::Enforcement;
use super::journal::Journal;
use super::load::{Loaded, load};
use super::memory;
use super::names::NameTable;
use super::parts::Daemon;
use super::problems::Problems;
use super::settings::Settings;
use crate::config::{Configuration, Mode};
use blacklist_engine::RuleSet;
use blacklist_kernel::{Kernel, KernelError, KernelSettings};
use blacklist_model::count;
use blacklist_store::pin::Pins;
use blacklist_store::rules::{Reading as _, Store};
use blacklist_system::files;

/// Makes the state directory if it does not exist.
pub(crate) fn make_state_directory(directory: &Path) -> anyhow::Result<()> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .with_context(|| {
            format!(
                "cannot make state_directory {} (run blacklistd as root, or make the folder for it)",
                directory.display()
            )
        })
}

/// Removes what uploads and copies of a daemon that was killed have left.
pub(crate) fn remove_leftovers(directory: &Path) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path
            .extension()
            .is_some_and(|extension| extension == "part")
            && let Err(error) = files::remove(&path)
        {
            tracing::warn!("cannot remove {}: {error}", path.display());
        }
    }
}

/// Reads the rules, fills the tables, attaches the program.
pub(crate) fn start(path: &Path, configuration: Configuration) -> anyhow::Result<Daemon> {
    start_over(path, configuration, Kernel::open)
}

/// As [`start`], with a kernel's side that is opened otherwise.
pub(crate) fn start_over(
    path: &Path,
    configuration: Configuration,
    open: impl FnOnce(&KernelSettings) -> Result<Kernel, KernelError>,
) -> anyhow::Result<Daemon> {
    let store = Store::open(&configuration.state_directory)?;
    let pins = Pins::new(store.pin_limits()?);
    require_interfaces(&configuration)?;
    let kernel = open(&configuration.kernel)?;
    let is_first_start = kernel.attachments().is_empty();
    let problems = Problems::default();
    let journal = Journal::open(&configuration, &kernel, &problems)?;
    let mut enforcement = Enforcement {
        kernel,
        is_detached: false,
        settings: Arc::new(Settings::new(path, configuration)),
        problems: Arc::new(problems),
        journal: Arc::new(journal),
    };
    match put_in_force(&mut enforcement, &store) {
        Ok((rules, names)) => {
            memory::give_back();
            Ok(Daemon::new(enforcement, store, pins, rules, names))
        }
        Err(error) => {
            if is_first_start {
                // A first start that fails leaves the host as it was.
                let _ = enforcement.kernel.remove_all();
            }
            Err(error)
        }
    }
}

fn put_in_force(
    enforcement: &mut Enforcement,
    store: &Store,
) -> anyhow::Result<(RuleSet, NameTable)> {
    let configuration = enforcement.settings.active();
    let slots = enforcement.kernel.slots()?;
    let Loaded {
        rules,
        refused,
        names,
    } = load(store, &configuration, slots)?;
    enforcement.problems.note_refused(refused);
    let is_monitoring = configuration.mode == Mode::Monitor;
    enforcement.kernel.set_monitor(is_monitoring)?;
    enforcement.set_answers();
    let generation = store.head()?;
    enforcement.install(&rules, generation)?;
    tracing::info!(
        "generation {generation} is in force: {}, {}",
        count(rules.in_force(), "rule"),
        configuration.mode.as_str()
    );
    enforcement.attach_all()?;
    // Tables of another layout were in force until here.
    for other in enforcement.kernel.other_tallies() {
        enforcement.journal.take_over(&other, &rules)?;
    }
    enforcement.journal.settle(Some(&rules))?;
    enforcement.kernel.remove_other_states()?;
    Ok((rules, names))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::daemon::testing::TestDaemon;

    #[test]
    fn tables_are_filled_before_the_program_is_attached() {
        let first = TestDaemon::start();
        assert_eq!(first.memory.attachments()[0].interface, "lo");
        let TestDaemon {
            daemon,
            memory,
            folder,
        } = first;
        drop(daemon);
        memory.detach("lo").unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (noted, asked) = (seen.clone(), memory.clone());
        memory.watch(move |table| {
            let attached = !asked.attachments().is_empty();
            noted.lock().unwrap().push((table.to_owned(), attached));
            Ok(())
        });
        let again = TestDaemon::start_over(memory, folder);
        again.memory.unwatch();
        assert_eq!(again.memory.attachments().len(), 1);
        let seen = seen.lock().unwrap();
        for table in ["NUMBERS", "SCOPES", "PEERS", "SETTINGS"] {
            assert!(seen.iter().any(|(name, _)| name == table), "{table}");
        }
        let late: Vec<_> = seen.iter().filter(|(_, attached)| *attached).collect();
        assert!(
            late.is_empty(),
            "written after the program was attached: {late:?}"
        );
    }

    #[test]
    fn leftovers_go_and_the_database_stays() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["import-7-0.part", "blacklist.db", "blacklist.db-wal"] {
            std::fs::write(folder.path().join(name), "x").unwrap();
        }
        remove_leftovers(folder.path());
        let mut names: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["blacklist.db", "blacklist.db-wal"]);
    }
}
