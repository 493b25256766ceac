//! From nothing to judging: everything is read and checked first, tables are filled before the
//! program is attached, and a start that fails leaves nothing behind.

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;

use anyhow::{Context as _, bail};

use super::core::Core;
use crate::config::{Configuration, Mode};
use crate::journal::Journal;
use crate::kernel::{Kernel, Tables};
use crate::rules::{RuleSet, protected_numbers};
use crate::store::Store;

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

/// Reads the rules, fills the tables, attaches the program.
pub(super) fn start(path: &Path, configuration: Configuration) -> anyhow::Result<Core> {
    let store = Store::open(&configuration.state_directory)?;
    super::attach::require_interfaces(&configuration)?;
    let kernel = Kernel::open(&configuration.kernel)?;
    let fresh = kernel.attachments().is_empty();
    let mut core = Core {
        rules: RuleSet::default(),
        configuration_path: path.to_owned(),
        store,
        kernel,
        journal: Journal::default(),
        problems: BTreeMap::new(),
        detached: None,
        configuration,
    };
    if let Err(error) = core.put_in_force() {
        if fresh {
            // A first start that fails leaves the host as it was.
            let _ = Kernel::remove(&core.configuration.kernel.pin_directory);
        }
        return Err(error);
    }
    Ok(core)
}

impl Core {
    fn put_in_force(&mut self) -> anyhow::Result<()> {
        let slots = self.kernel.slots()?;
        let (rules, refused) = read_rules(&self.store, &self.configuration, &slots)?;
        self.rules = rules;
        self.note_refused(refused);
        self.kernel
            .set_monitor(self.configuration.mode == Mode::Monitor)?;
        let generation = self.kernel.generation() + 1;
        self.kernel
            .install(&tables(&self.rules, &self.configuration), generation)?;
        tracing::info!(
            "generation {generation} is in force: {} rules, {}",
            self.rules.iter().filter(|rule| rule.enabled).count(),
            self.configuration.mode.as_str()
        );
        self.attach_all()?;
        // Tables of another layout were in force until here.
        Ok(self.kernel.remove_other_states()?)
    }

    /// Notes rules that stand in the store and are not in force.
    pub(super) fn note_refused(&mut self, refused: Vec<(u32, String)>) {
        self.problems
            .retain(|subject, _| !subject.starts_with("rule "));
        for (id, sentence) in refused {
            self.note(
                &format!("rule {id}"),
                Some(format!("rule {id} is not in force: {sentence}")),
            );
        }
    }
}

/// The rules of the store; also those that say what another one says, with a sentence.
pub(super) fn read_rules(
    store: &Store,
    configuration: &Configuration,
    slots: &[(u32, u32)],
) -> anyhow::Result<(RuleSet, Vec<(u32, String)>)> {
    let stored = store.all()?;
    let enabled = stored.iter().filter(|stored| stored.rule().enabled).count();
    if enabled > configuration.kernel.maximum_rules as usize {
        // Some of them alone would be another set of rules: without its allow rules a list blocks
        // what it must not.
        bail!(
            "table full: {enabled} rules are enabled, maximum_rules in [kernel] of the configuration is {}: raise it; nothing was changed",
            configuration.kernel.maximum_rules
        );
    }
    let ids: std::collections::HashSet<_> = stored.iter().map(|rule| rule.rule().id).collect();
    let plans: Vec<_> = configuration.dial_plans.values().copied().collect();
    let emergency = configuration.emergency.iter().map(String::as_str);
    let mut rules = RuleSet::new(
        protected_numbers(emergency, &plans),
        configuration.kernel.maximum_rules,
        slots,
        |id| ids.contains(&id),
    );
    let mut refused = Vec::new();
    for stored in stored {
        let id = stored.rule().id.0;
        if let Err(refusal) = rules.put(stored.rule()) {
            refused.push((id, refusal.to_string()));
        }
    }
    Ok((rules, refused))
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
