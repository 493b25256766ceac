//! The configuration in force, with what is derived from it once instead of for every call.

use std::net::SocketAddr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use blacklist_common::rule::Action;
use blacklist_common::tables::{SETTING_MONITOR, TrunkEntry, setting_answers};
use blacklist_model::DialPlans;
use blacklist_sip::answer::Responder;
use parking_lot::RwLock;

use crate::config::{Configuration, Mode};

/// Actions whose calls are answered.
pub(super) const ANSWERED: [Action; 5] = [
    Action::Reject,
    Action::Announce,
    Action::Torment,
    Action::Pin,
    Action::Redirect,
];

/// A configuration, and what is derived from it.
pub(crate) struct ActiveConfiguration {
    configuration: Configuration,
    /// Its trunks as the kernel's tables have them; the first is that of all other peers.
    pub(super) trunk_entries: Vec<TrunkEntry>,
    pub(super) responder: Responder,
    /// The settings by which the kernel decides.
    pub(super) flags: u32,
}

impl Deref for ActiveConfiguration {
    type Target = Configuration;

    fn deref(&self) -> &Configuration {
        &self.configuration
    }
}

impl ActiveConfiguration {
    pub(super) fn new(configuration: Configuration) -> Self {
        // The same until the host starts again, so that a repeated INVITE gets the same tag.
        let secret = std::fs::read("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let mut flags = 0;
        for action in ANSWERED {
            flags |= setting_answers(action);
        }
        if configuration.mode == Mode::Monitor {
            flags |= SETTING_MONITOR;
        }
        Self {
            trunk_entries: configuration.trunk_entries(),
            responder: Responder::new(&secret, configuration.answering.statuses.clone()),
            flags,
            configuration,
        }
    }

    /// The dial plans by which rules are read.
    pub(crate) fn dial_plans(&self) -> DialPlans<'_> {
        DialPlans {
            plans: &self.dial_plans,
            default: self.default_dial_plan.as_deref(),
        }
    }

    /// The names of its trunks.
    pub(crate) fn trunk_names(&self) -> impl Iterator<Item = &str> {
        self.trunks.iter().map(|trunk| trunk.name.as_str())
    }

    /// Index of the trunk of a call: that of its source, where that is known; else the one that the
    /// configuration names; else that of the peer which asks.
    pub(super) fn trunk_for(&self, source: Option<SocketAddr>, asker: SocketAddr) -> u16 {
        if let Some(source) = source {
            return self.trunk_of(source.ip().to_canonical()).0;
        }
        let named = self.companion.trunk.as_ref();
        match named.and_then(|name| self.trunk_named(name)) {
            Some((index, _)) => index,
            None => self.trunk_of(asker.ip().to_canonical()).0,
        }
    }

    /// Ports of judged calls, each with the one on which they are answered.
    pub(super) fn answer_ports(&self) -> Vec<(u16, u16)> {
        let answers = self.answering.port..;
        self.ports.iter().copied().zip(answers).collect()
    }
}

/// The configuration in force. Its lock is never held while another one is taken.
pub(crate) struct Settings {
    path: PathBuf,
    active: RwLock<Arc<ActiveConfiguration>>,
}

impl Settings {
    pub(super) fn new(path: &Path, configuration: Configuration) -> Self {
        Self {
            path: path.to_owned(),
            active: RwLock::new(Arc::new(ActiveConfiguration::new(configuration))),
        }
    }

    /// The file that the configuration is read from.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The configuration as it is at this moment.
    pub(crate) fn active(&self) -> Arc<ActiveConfiguration> {
        self.active.read().clone()
    }

    pub(super) fn replace(&self, configuration: Configuration) {
        *self.active.write() = Arc::new(ActiveConfiguration::new(configuration));
    }
}
