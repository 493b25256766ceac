//! SIGHUP: the configuration is read again and put in force whole, or refused and kept as it was.

use anyhow::bail;

use super::core::Core;
use super::start::{read_rules, tables};
use crate::config::{self, Configuration, Mode};

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
        (old.log_level != new.log_level, "[log]"),
    ]
    .into_iter()
    .filter_map(|(changed, key)| changed.then_some(key))
    .collect()
}

impl Core {
    /// Reads the configuration again.
    pub(super) fn reload(&mut self) -> anyhow::Result<()> {
        let new = config::load(&self.configuration_path)?;
        let fixed = fixed(&self.configuration, &new);
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
        super::attach::require_interfaces(&new)?;
        let slots = self.rules.generation().slots;
        let (rules, refused) = read_rules(&self.store, &new, &slots)?;
        for interface in &new.interfaces {
            if !self.configuration.interfaces.contains(interface) {
                self.attach(interface)?;
            }
        }
        // Towards monitoring before the new rules, towards enforcing behind them.
        if new.mode == Mode::Monitor {
            self.kernel.set_monitor(true)?;
        }
        let generation = self.kernel.generation() + 1;
        if let Err(error) = self.kernel.install(&tables(&rules, &new), generation) {
            self.kernel.set_monitor(self.is_monitoring())?;
            return Err(error.into());
        }
        if new.mode == Mode::Enforce {
            self.kernel.set_monitor(false)?;
        }
        self.configuration = new;
        self.rules = rules;
        self.note_refused(refused);
        tracing::info!("the configuration was read again; generation {generation} is in force");
        Ok(())
    }
}
