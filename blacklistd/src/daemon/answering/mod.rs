//! Answers to calls that the program in the kernel sends here.

mod desk;
mod lint;
mod planning;
mod silence;
mod socket;
mod sockets;
mod thread;

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use blacklist_common::rule::Action;
use blacklist_common::tables::{SETTING_MONITOR, TrunkEntry, setting_answers};

use crate::answer::Responder;
use crate::config::{Configuration, Mode};
use crate::figures::{AnswerFigures, HostFigures};
use crate::host::Host;

use sockets::Open;

pub(super) use lint::lint;
pub(super) use thread::start;

/// Actions whose calls are answered.
pub(super) const ANSWERED: [Action; 5] = [
    Action::Reject,
    Action::Announce,
    Action::Torment,
    Action::Pin,
    Action::Redirect,
];

/// How calls are answered.
pub(super) struct Table {
    pub(super) configuration: Configuration,
    pub(super) trunks: Vec<TrunkEntry>,
    pub(super) responder: Responder,
    /// The settings by which the kernel decides.
    pub(super) flags: u32,
}

impl Table {
    pub(super) fn new(configuration: &Configuration) -> Self {
        // The same until the host begins anew, so that a repeated INVITE gets the same tag.
        let secret = std::fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let mut flags = 0;
        for action in ANSWERED {
            flags |= setting_answers(action);
        }
        if configuration.mode == Mode::Monitor {
            flags |= SETTING_MONITOR;
        }
        Self {
            trunks: configuration.trunk_entries(),
            responder: Responder::new(&secret, configuration.answering.statuses.clone()),
            flags,
            configuration: configuration.clone(),
        }
    }
}

/// Ports of judged calls, each with the one on which they are answered.
pub(super) fn ports(configuration: &Configuration) -> Vec<(u16, u16)> {
    let answers = configuration.answering.port..;
    configuration.ports.iter().copied().zip(answers).collect()
}

/// What the answering thread shares with the others.
pub(crate) struct Answering {
    table: Mutex<Arc<Table>>,
    figures: Mutex<AnswerFigures>,
    open: Open,
    /// Once it was begun.
    host: OnceLock<Host>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Answering {
    pub(super) fn new(configuration: &Configuration) -> Self {
        Self {
            table: Mutex::new(Arc::new(Table::new(configuration))),
            figures: Mutex::new(AnswerFigures::default()),
            open: Open::default(),
            host: OnceLock::new(),
        }
    }

    fn set_host(&self, host: Host) {
        // There is one thread that does.
        let _ = self.host.set(host);
    }

    /// What the media host has done.
    pub(crate) fn media(&self) -> HostFigures {
        self.host.get().map(Host::figures).unwrap_or_default()
    }

    /// Answers as another configuration says from now on.
    pub(super) fn set_configuration(&self, configuration: &Configuration) {
        *lock(&self.table) = Arc::new(Table::new(configuration));
    }

    pub(super) fn table(&self) -> Arc<Table> {
        lock(&self.table).clone()
    }

    fn count(&self) -> MutexGuard<'_, AnswerFigures> {
        lock(&self.figures)
    }

    /// What became of the packets that came here.
    pub(crate) fn figures(&self) -> AnswerFigures {
        self.count().clone()
    }
}
