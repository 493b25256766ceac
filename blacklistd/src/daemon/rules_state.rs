//! The rules: on disk, in force, and the names that lists and scopes have.
//!
//! # Order of locks
//!
//! Whoever takes several takes them in this order:
//!
//! 1. the store ([`RulesState::store`]): one change at a time, from its first read to its commit;
//! 2. the rules in force ([`RulesState::in_force`]), held only while something is put in force, so
//!    that questions do not wait for the reading of a long list;
//! 3. the kernel's side ([`Enforcement`](super::enforcement::Enforcement)), whose methods that write
//!    tables take the rules as an argument;
//! 4. the journal's own.
//!
//! Names, configuration and problems are handed out as snapshots, and names change only by
//! whoever holds the rules for a change: [`RulesState::edit_names`] asks for that guard. Whoever judges
//! a call takes [`InForce::snapshot`] alone, which nobody holds for longer than a decision takes.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;

use super::in_force::{Changing, InForce};
use super::names::NameTable;
use blacklist_engine::RuleSet;
use blacklist_store::rules::{Store, StoreError};

/// The rules, on disk and in force.
pub(crate) struct RulesState {
    state_directory: PathBuf,
    /// The database, for changes.
    pub(super) store: Mutex<Store>,
    /// The rules in force.
    pub(crate) in_force: InForce,
    names: RwLock<Arc<NameTable>>,
    /// Notified when a rule may begin or end at another time than before.
    pub(super) rescheduled: Notify,
}

impl RulesState {
    pub(super) fn new(
        state_directory: PathBuf,
        store: Store,
        rules: RuleSet,
        names: NameTable,
    ) -> Self {
        Self {
            state_directory,
            store: Mutex::new(store),
            in_force: InForce::new(rules),
            names: RwLock::new(Arc::new(names)),
            rescheduled: Notify::new(),
        }
    }

    /// The folder of the database, where uploads and copies have their place too.
    pub(crate) fn directory(&self) -> &Path {
        &self.state_directory
    }

    /// The database, for reading beside a change.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn reader(&self) -> Result<Store, StoreError> {
        Store::reader(&self.state_directory)
    }

    /// Lists and scopes by name, and how many rules there are of which kind.
    pub(crate) fn names(&self) -> Arc<NameTable> {
        self.names.read().clone()
    }

    /// Edits the names, as part of the change that holds the rules.
    pub(super) fn edit_names(&self, _: &Changing<'_>, edit: impl FnOnce(&mut NameTable)) {
        edit(Arc::make_mut(&mut *self.names.write()));
    }
}
