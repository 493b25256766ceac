//! Answers to calls that the program in the kernel sends here.

mod planning;
mod services;
mod silence;
mod sockets;
mod thread;

use std::sync::{Arc, OnceLock};

use parking_lot::{Mutex, MutexGuard};

use super::change::Changes;
use super::journal::Journal;
use super::pins::PinChecks;
use super::problems::Problems;
use super::rules_state::RulesState;
use super::settings::Settings;
use blacklist_figures::{AnswerFigures, HostFigures};
use blacklist_voice::host::Host;

use sockets::Open;

/// What the answering thread shares with the others, and what it needs of them.
pub(crate) struct Answering {
    settings: Arc<Settings>,
    problems: Arc<Problems>,
    rules: Arc<RulesState>,
    journal: Arc<Journal>,
    changes: Arc<Changes>,
    pins: Arc<PinChecks>,
    figures: Mutex<AnswerFigures>,
    open: Open,
    /// Once it was started.
    host: OnceLock<Host>,
}

impl Answering {
    pub(super) fn new(changes: Arc<Changes>, pins: Arc<PinChecks>) -> Self {
        Self {
            settings: changes.settings.clone(),
            problems: changes.problems.clone(),
            rules: changes.rules.clone(),
            journal: changes.journal.clone(),
            changes,
            pins,
            figures: Mutex::new(AnswerFigures::default()),
            open: Open::default(),
            host: OnceLock::new(),
        }
    }

    /// What the media host has done.
    pub(crate) fn media(&self) -> HostFigures {
        self.host.get().map(Host::figures).unwrap_or_default()
    }

    fn count(&self) -> MutexGuard<'_, AnswerFigures> {
        self.figures.lock()
    }

    /// What became of the packets that came here.
    pub(crate) fn figures(&self) -> AnswerFigures {
        self.count().clone()
    }
}
