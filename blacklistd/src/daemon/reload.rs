//! SIGHUP: the configuration is read again and put in force whole, or refused and kept as it was.

use anyhow::bail;

use super::core::{Core, PlanTable, Shared};
use super::memory;
use super::start::{Loaded, load, tables};
use crate::config::{self, Configuration, Mode};
use crate::store::Reading as _;

/// What changes only with a restart.
fn fixed(old: &Configuration, new: &Configuration) -> Vec<&'static str> {
    let kernel = |configuration: &Configuration| {
        let kernel = &configuration.kernel;
        (
            kernel.maximum_rules,
            kernel.maximum_calls,
            kernel.event_bytes,
            kernel.tables,
        )
    };
    [
        (old.control_socket != new.control_socket, "control_socket"),
        (old.control_group != new.control_group, "control_group"),
        (
            old.state_directory != new.state_directory,
            "state_directory",
        ),
        (
            old.kernel.pin_directory != new.kernel.pin_directory,
            "pin_directory",
        ),
        (kernel(old) != kernel(new), "[kernel]"),
        (
            old.metrics.listen != new.metrics.listen,
            "listen of [metrics]",
        ),
        (
            (old.companion.listen, old.companion.http)
                != (new.companion.listen, new.companion.http),
            "enabled, listen and http of [companion]",
        ),
        (old.log_level != new.log_level, "[log]"),
    ]
    .into_iter()
    .filter_map(|(changed, key)| changed.then_some(key))
    .collect()
}

impl Shared {
    /// Reads the configuration again.
    pub(super) fn reload(&self) -> anyhow::Result<()> {
        // No change meets this one half-way.
        let store = self.store();
        let (path, slots) = {
            let core = self.lock();
            (core.configuration_path.clone(), core.kernel.slots()?)
        };
        let new = config::load(&path)?;
        self.lock().require_changeable(&new)?;
        super::attach::require_interfaces(&new)?;
        let loaded = load(&store, &new, slots)?;
        let generation = store.head()?;
        let mut rules = self.rules_to_change();
        let plans = PlanTable::of(&new);
        let sinks = new.ship.clone();
        let answers = new.clone();
        self.lock().take_over(new, &loaded, generation)?;
        self.ship(sinks);
        self.answering().set_configuration(&answers);
        self.set_plan_table(plans);
        *rules = loaded.rules;
        // Not before: whoever asks about a call may need a name.
        *self.names_to_change() = loaded.names;
        drop(rules);
        memory::give_back();
        self.rearm();
        tracing::info!("the configuration was read again; generation {generation} is in force");
        Ok(())
    }
}

impl Core {
    fn require_changeable(&self, new: &Configuration) -> anyhow::Result<()> {
        let fixed = fixed(&self.configuration, new);
        if !fixed.is_empty() {
            bail!(
                "{} cannot change while blacklistd runs: restart it",
                fixed.join(", ")
            );
        }
        for old in &self.configuration.interfaces {
            if !new.interfaces.contains(old) {
                bail!(
                    "interface {} was taken out or has another mode: run `blacklistd detach` and restart blacklistd",
                    old.name
                );
            }
        }
        Ok(())
    }

    fn take_over(
        &mut self,
        new: Configuration,
        loaded: &Loaded,
        generation: u64,
    ) -> anyhow::Result<()> {
        for interface in &new.interfaces {
            if !self.configuration.interfaces.contains(interface) {
                self.attach(interface)?;
            }
        }
        // Trunks may have other places from now on.
        self.journal.settle(None)?;
        // Towards monitoring before the new rules, towards enforcing behind them.
        if new.mode == Mode::Monitor {
            self.kernel.set_monitor(true)?;
        }
        if let Err(error) = self
            .kernel
            .install(&tables(&loaded.rules, &new), generation)
        {
            self.kernel.set_monitor(self.is_monitoring())?;
            return Err(error.into());
        }
        if new.mode == Mode::Enforce {
            self.kernel.set_monitor(false)?;
        }
        self.journal.set_configuration(&new)?;
        self.configuration = new;
        self.set_answers();
        self.count_in_force(&loaded.rules);
        self.note_refused(loaded.refused.clone());
        Ok(())
    }
}
