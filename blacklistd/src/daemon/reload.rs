//! SIGHUP: the configuration is read again and put in force whole, or refused and kept as it was.

use anyhow::bail;

use super::attach::require_interfaces;
use super::change::Changes;
use super::enforcement::Enforcement;
use super::load::{Loaded, load, tables};
use super::memory;
use super::shipping::LogShipping;
use crate::config::{self, Configuration, Mode};
use blacklist_store::rules::Reading as _;
use blacklist_system::clock;

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

/// What is wrong while a configuration is not in force that was to be.
const SUBJECT: &str = "configuration";

/// Reads the configuration again; the generation of the rules that are in force with it. A failure is a
/// problem of the daemon until a configuration is read.
pub(crate) fn reload(changes: &Changes, shipping: &LogShipping) -> anyhow::Result<u64> {
    let reloaded = read_again(changes, shipping);
    let problem = reloaded.as_ref().err().map(|error| {
        format!(
            "the configuration {} was not read again at {}, the one before stays in force: {error:#}",
            changes.settings.path().display(),
            clock::shown(clock::now())
        )
    });
    changes.problems.note(SUBJECT, problem);
    reloaded
}

fn read_again(changes: &Changes, shipping: &LogShipping) -> anyhow::Result<u64> {
    let Changes {
        rules: state,
        settings,
        ..
    } = changes;
    // No change is made meanwhile.
    let store = state.store.lock();
    let slots = changes.enforcement.lock().kernel.slots()?;
    let new = config::load(settings.path())?;
    require_changeable(&settings.active(), &new)?;
    require_interfaces(&new)?;
    let mut loaded = load(&store, &new, slots)?;
    let generation = store.head()?;
    let mut rules = state.in_force.change();
    let sinks = new.ship.clone();
    changes
        .enforcement
        .lock()
        .take_over(new, &mut loaded, generation)?;
    shipping.ship_to(sinks);
    *rules = loaded.rules;
    // Not before: whoever asks about a call may need a name.
    state.edit_names(&rules, |names| *names = loaded.names);
    drop(rules);
    memory::give_back();
    state.rescheduled.notify_one();
    tracing::info!("the configuration was read again; generation {generation} is in force");
    Ok(generation)
}

fn require_changeable(old: &Configuration, new: &Configuration) -> anyhow::Result<()> {
    let fixed = fixed(old, new);
    if !fixed.is_empty() {
        bail!(
            "{} cannot change while blacklistd runs: restart it",
            fixed.join(", ")
        );
    }
    for old in &old.interfaces {
        if !new.interfaces.contains(old) {
            bail!(
                "interface {} was taken out or has another mode: run `blacklistd detach` and restart blacklistd",
                old.name
            );
        }
    }
    Ok(())
}

impl Enforcement {
    fn take_over(
        &mut self,
        new: Configuration,
        loaded: &mut Loaded,
        generation: u64,
    ) -> anyhow::Result<()> {
        let old = self.settings.active();
        for interface in &new.interfaces {
            if !old.interfaces.contains(interface) {
                self.attach(interface)?;
            }
        }
        // Trunks may have other indexes from here on.
        self.journal.settle(None)?;
        // Towards monitoring before the new rules, towards enforcing after them.
        if new.mode == Mode::Monitor {
            self.kernel.set_monitor(true)?;
        }
        if let Err(error) = self
            .kernel
            .install(&tables(&loaded.rules, &new), generation)
        {
            self.kernel.set_monitor(old.mode == Mode::Monitor)?;
            return Err(error.into());
        }
        if new.mode == Mode::Enforce {
            self.kernel.set_monitor(false)?;
        }
        self.journal.set_configuration(&new)?;
        self.settings.replace(new);
        self.set_answers();
        self.problems
            .note_refused(std::mem::take(&mut loaded.refused));
        Ok(())
    }
}
