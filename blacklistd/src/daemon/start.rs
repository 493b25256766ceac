//! From nothing to judging: everything is read and checked first, tables are filled before the
//! program is attached, and a start that fails leaves nothing behind.

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use blacklist_common::tables::GrantKey;
use jiff::Timestamp;

use super::core::{Core, Shared};
use super::journal::Journal;
use super::memory;
use super::names::{NameTable, Sort, record};
use super::rows;
use crate::config::{Configuration, Mode};
use crate::kernel::{GrantEnd, Kernel, KernelError, KernelSettings, Tables};
use crate::pin::Pins;
use crate::rules::{
    Contents, Member, Refusal, Rule, RuleId, RuleSet, ScopeRecord, protected_numbers,
};
use crate::store::{MemberRow, ReadError, Reading as _, RuleRow, Store, StoreError};

/// Makes the state directory if it is not there.
pub(super) fn make_state_directory(directory: &Path) -> anyhow::Result<()> {
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
pub(super) fn remove_leftovers(directory: &Path) {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        if path
            .extension()
            .is_some_and(|extension| extension == "part")
            && let Err(error) = std::fs::remove_file(&path)
        {
            tracing::warn!("cannot remove {}: {error}", path.display());
        }
    }
}

/// Reads the rules, fills the tables, attaches the program.
pub(super) fn start(path: &Path, configuration: Configuration) -> anyhow::Result<Shared> {
    start_over(path, configuration, Kernel::open)
}

/// As [`start`], with a kernel's side that is opened otherwise.
pub(crate) fn start_over(
    path: &Path,
    configuration: Configuration,
    open: impl FnOnce(&KernelSettings) -> Result<Kernel, KernelError>,
) -> anyhow::Result<Shared> {
    let store = Store::open(&configuration.state_directory)?;
    let pins = Pins::new(store.pin_limits()?);
    super::attach::require_interfaces(&configuration)?;
    let kernel = open(&configuration.kernel)?;
    let fresh = kernel.attachments().is_empty();
    let mut problems = BTreeMap::new();
    let journal = Journal::open(&configuration, &kernel, &mut problems)?;
    let mut core = Core {
        configuration_path: path.to_owned(),
        kernel,
        journal: Arc::new(journal),
        problems,
        detached: None,
        in_force: 0,
        grants: 0,
        configuration,
    };
    match core.put_in_force(&store) {
        Ok((rules, names)) => {
            memory::give_back();
            Ok(Shared::new(core, store, pins, rules, names))
        }
        Err(error) => {
            if fresh {
                // A first start that fails leaves the host as it was.
                let _ = core.kernel.remove_all();
            }
            Err(error)
        }
    }
}

impl Core {
    fn put_in_force(&mut self, store: &Store) -> anyhow::Result<(RuleSet, NameTable)> {
        let slots = self.kernel.slots()?;
        let Loaded {
            rules,
            refused,
            names,
        } = load(store, &self.configuration, slots)?;
        self.note_refused(refused);
        self.count_in_force(&rules);
        self.kernel
            .set_monitor(self.configuration.mode == Mode::Monitor)?;
        self.set_answers();
        let generation = store.head()?;
        self.kernel
            .install(&tables(&rules, &self.configuration), generation)?;
        tracing::info!(
            "generation {generation} is in force: {} rules, {}",
            self.in_force,
            self.configuration.mode.as_str()
        );
        self.attach_all()?;
        // Tables of another layout were in force until here.
        for other in self.kernel.other_tallies() {
            self.journal.take_over(&other, &rules)?;
        }
        self.journal.settle(Some(&rules))?;
        self.kernel.remove_other_states()?;
        Ok((rules, names))
    }

    /// Notes rules that stand in the store and are not in force.
    pub(super) fn note_refused(&mut self, refused: Vec<(RuleId, Refusal)>) {
        self.problems
            .retain(|subject, _| !subject.starts_with("rule "));
        let more = refused.len().saturating_sub(NOTED);
        for (id, refusal) in refused.into_iter().take(NOTED) {
            self.note(
                &format!("rule {id}"),
                Some(format!("rule {id} is not in force: {refusal}")),
            );
        }
        self.note(
            "more rules",
            (more > 0).then(|| {
                format!("{more} more rules are not in force: `blacklistd rule show` says why")
            }),
        );
    }
}

/// Rules that are noted one by one if they cannot be put in force.
const NOTED: usize = 20;

/// What the store holds, as the engine has it.
pub(super) struct Loaded {
    pub(super) rules: RuleSet,
    /// Rules that stand in the store and cannot be in force.
    pub(super) refused: Vec<(RuleId, Refusal)>,
    pub(super) names: NameTable,
}

/// The rules of the store; also those that say what another one says, with a sentence.
pub(super) fn load(
    store: &Store,
    configuration: &Configuration,
    slots: Vec<(u32, u32)>,
) -> anyhow::Result<Loaded> {
    let mut names = NameTable::new(store.all()?, store.all()?);
    let mut rules: Vec<Rule> = Vec::new();
    let mut unreadable = Vec::new();
    let mut enabled = 0;
    let maximum = configuration.kernel.maximum_rules;
    store
        .for_each::<RuleRow, std::convert::Infallible>(|row| {
            match rows::rule(&row) {
                Ok(rule) => {
                    enabled += u64::from(rule.enabled);
                    let in_kernel = rule.pattern.is_decided_in_kernel().is_ok();
                    names.tally.add(Sort::of(&row, in_kernel));
                    rules.push(rule);
                }
                Err(error) => unreadable.push((row.id, Refusal::Invalid(error.to_string()))),
            }
            Ok(())
        })
        .map_err(|error| match error {
            ReadError::Store(error) => error,
            ReadError::Reader(never) => match never {},
        })?;
    if enabled > u64::from(maximum) {
        // Some of them alone would be another set of rules: without its allow rules a list blocks
        // what it must not.
        bail!(
            "table full: {enabled} rules are enabled, maximum_rules in [kernel] of the configuration is {maximum}: raise it; nothing was changed"
        );
    }
    let members: Vec<MemberRow> = store.all()?;
    let members: Result<Vec<Member>, StoreError> = members.iter().map(rows::member).collect();
    let grants = store.grants(Timestamp::now())?;
    let grants: Result<Vec<(GrantKey, GrantEnd)>, StoreError> =
        grants.iter().map(rows::grant).collect();
    let scopes: Result<Vec<ScopeRecord>, Refusal> = names.scopes().map(record).collect();
    let plans: Vec<_> = configuration.dial_plans.values().copied().collect();
    let emergency = configuration.emergency.iter().map(String::as_str);
    let contents = Contents {
        protected: protected_numbers(emergency, &plans),
        maximum_rules: maximum,
        slots,
        lists: names.lists().map(|list| list.list.clone()).collect(),
        scopes: scopes?,
        members: members?,
        grants: grants?,
        rules,
    };
    let (mut rules, mut refused) = RuleSet::load(Timestamp::now(), contents);
    let trunks = configuration.trunk_entries();
    rules.set_trunk_plans(trunks.iter().map(|trunk| trunk.dial_plan).collect());
    refused.extend(unreadable);
    Ok(Loaded {
        rules,
        refused,
        names,
    })
}

/// A whole generation: rules, trunks, ports.
pub(super) fn tables(rules: &RuleSet, configuration: &Configuration) -> Tables {
    Tables {
        trunks: configuration.trunk_entries(),
        peers: configuration.peers(),
        ports: configuration.ports.clone(),
        ..rules.generation()
    }
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
            shared,
            memory,
            folder,
        } = first;
        drop(shared);
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
