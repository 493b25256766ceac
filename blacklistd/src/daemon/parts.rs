//! The parts of a running daemon. Each has its own state, and is handed to whoever needs it; only
//! start and end of the daemon, and reports of the whole, know all of them.

use std::sync::Arc;

use axum::extract::FromRef;
use parking_lot::Mutex;

use super::answering::Answering;
use super::change::Changes;
use super::companion::Companion;
use super::enforcement::Enforcement;
use super::feeds::Subscriptions;
use super::heartbeats::Heartbeats;
use super::journal::Journal;
use super::names::NameTable;
use super::pins::PinChecks;
use super::problems::Problems;
use super::rules_state::RulesState;
use super::settings::Settings;
use super::shipping::LogShipping;
use super::timer::Timer;
use blacklist_engine::RuleSet;
use blacklist_store::pin::Pins;
use blacklist_store::rules::Store;

/// A running daemon.
#[derive(Clone)]
pub(crate) struct Daemon {
    pub(crate) settings: Arc<Settings>,
    pub(crate) problems: Arc<Problems>,
    pub(crate) rules: Arc<RulesState>,
    pub(crate) enforcement: Arc<Mutex<Enforcement>>,
    pub(crate) journal: Arc<Journal>,
    pub(crate) changes: Arc<Changes>,
    pub(crate) pins: Arc<PinChecks>,
    pub(crate) answering: Arc<Answering>,
    pub(crate) companion: Arc<Companion>,
    pub(crate) subscriptions: Arc<Subscriptions>,
    pub(crate) shipping: Arc<LogShipping>,
    pub(crate) timer: Arc<Timer>,
    pub(crate) heartbeats: Arc<Heartbeats>,
}

impl Daemon {
    /// Puts the parts together.
    pub(super) fn new(
        enforcement: Enforcement,
        store: Store,
        pins: Pins,
        rules: RuleSet,
        names: NameTable,
    ) -> Self {
        let settings = enforcement.settings.clone();
        let problems = enforcement.problems.clone();
        let journal = enforcement.journal.clone();
        let directory = settings.active().state_directory.clone();
        let rules = Arc::new(RulesState::new(directory, store, rules, names));
        let enforcement = Arc::new(Mutex::new(enforcement));
        let heartbeats = Arc::new(Heartbeats::start());
        let changes = Arc::new(Changes {
            rules: rules.clone(),
            settings: settings.clone(),
            problems: problems.clone(),
            journal: journal.clone(),
            enforcement: enforcement.clone(),
        });
        let pins = Arc::new(PinChecks {
            pins,
            rules: rules.clone(),
            journal: journal.clone(),
        });
        Self {
            answering: Arc::new(Answering::new(changes.clone(), pins.clone())),
            companion: Arc::new(Companion::new(
                settings.clone(),
                rules.clone(),
                enforcement.clone(),
                journal.clone(),
            )),
            subscriptions: Arc::new(Subscriptions::new(changes.clone())),
            shipping: Arc::new(LogShipping::new(journal.clone())),
            timer: Arc::new(Timer {
                rules: rules.clone(),
                enforcement: enforcement.clone(),
                problems: problems.clone(),
                heartbeats: heartbeats.clone(),
            }),
            settings,
            problems,
            rules,
            enforcement,
            journal,
            changes,
            pins,
            heartbeats,
        }
    }
}

/// Lets handlers of the API ask for the part that they need.
macro_rules! handed_out {
    ($($field:ident: $part:ty),* $(,)?) => {$(
        impl FromRef<Daemon> for Arc<$part> {
            fn from_ref(daemon: &Daemon) -> Self {
                daemon.$field.clone()
            }
        }
    )*};
}

handed_out! {
    settings: Settings,
    rules: RulesState,
    enforcement: Mutex<Enforcement>,
    journal: Journal,
    changes: Changes,
    pins: PinChecks,
    companion: Companion,
    subscriptions: Subscriptions,
}
