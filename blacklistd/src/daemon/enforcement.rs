//! The kernel's side: the program on its interfaces and the tables that it judges by.

use std::sync::Arc;

use super::journal::Journal;
use super::load::tables;
use super::problems::Problems;
use super::settings::Settings;
use blacklist_engine::{Plan, RuleSet};
use blacklist_kernel::{Kernel, KernelError};

/// The kernel's side, and what it is driven by.
pub(crate) struct Enforcement {
    pub(crate) kernel: Kernel,
    /// Whether somebody has taken the program off.
    pub(super) is_detached: bool,
    pub(super) settings: Arc<Settings>,
    pub(super) problems: Arc<Problems>,
    pub(super) journal: Arc<Journal>,
}

impl Enforcement {
    /// Makes a plan's changes. Where a table has no room for them, or one of them failed half-way,
    /// the whole set as it shall be becomes a generation of its own, with room for more.
    pub(super) fn apply(
        &mut self,
        rules: &RuleSet,
        plan: &Plan,
        number: u64,
    ) -> Result<(), KernelError> {
        self.journal.settle_moved_slots(&self.kernel, rules, plan)?;
        if let Plan::Changes { changes } = plan {
            let Err(error) = self.kernel.apply(changes, number) else {
                return Ok(());
            };
            if !error.is_full() {
                tracing::warn!("{error}; filling a new generation");
            }
        }
        self.install(rules, number)
    }

    /// Fills a generation with all rules and switches to it.
    pub(super) fn install(&mut self, rules: &RuleSet, number: u64) -> Result<(), KernelError> {
        let tables = tables(rules, &self.settings.active());
        self.kernel.install(&tables, number)
    }

    /// Puts the set as it was back in force, after a change that was not made.
    pub(super) fn put_back(&mut self, rules: &RuleSet, number: u64) {
        let problem = self.install(rules, number).err().map(|error| {
            format!("a change could not be taken back ({error}): restart blacklistd, which puts in force what is on the disk")
        });
        self.problems.note("a change", problem);
    }

    /// Takes the program off all interfaces and forgets its pinned tables.
    ///
    /// # Errors
    /// The kernel refused.
    pub(crate) fn detach(&mut self, author: &str) -> Result<Vec<String>, KernelError> {
        let interfaces = self.kernel.remove_all()?;
        self.problems.note_detached(author);
        self.is_detached = true;
        Ok(interfaces)
    }
}
