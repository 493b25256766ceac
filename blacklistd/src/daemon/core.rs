//! What the running daemon holds, behind its locks. One change at a time holds the store; the
//! rules and the rest of the state are held for as long as something is put in force, so that
//! questions do not wait for the reading of a long list. Who judges a call waits for neither.
//!
//! Whoever takes several takes them in this order: store, rules, names, core.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
    TryLockError,
};

use tokio::sync::Notify;

use super::answering::Answering;
use super::beats::Beats;
use super::companion::Companion;
use super::in_force::{Changing, InForce};
use super::journal::{Journal, ShippedLog};
use super::names::NameTable;
use crate::config::{Configuration, Mode};
use crate::feed::Feeds;
use crate::figures::SinkStatus;
use crate::kernel::{Kernel, KernelError};
use crate::pin::Pins;
use crate::rules::{DialPlans, RuleId, RuleSet, Standing};
use crate::ship::{Shipping, SinkSettings};
use crate::store::{Store, StoreError};

/// The daemon's state beside rules and store.
pub struct Core {
    /// The configuration in force.
    pub(crate) configuration: Configuration,
    /// The file it was read from.
    pub(super) configuration_path: PathBuf,
    /// The kernel's side.
    pub(crate) kernel: Kernel,
    /// The log of calls, and what was counted.
    pub(crate) journal: Arc<Journal>,
    /// What is wrong, by what it concerns.
    pub(super) problems: BTreeMap<String, String>,
    /// Who took the program off, while it is off.
    pub(super) detached: Option<String>,
    /// Rules in force, as of the last change.
    pub(crate) in_force: u64,
    /// Grants in force, as of the last change.
    pub(crate) grants: u64,
}

impl Core {
    /// Notes how much is in force.
    pub(super) fn count_in_force(&mut self, rules: &RuleSet) {
        self.in_force = rules.in_force() as u64;
        self.grants = rules.grants() as u64;
    }

    /// What is wrong, as sentences.
    pub(crate) fn problems(&self) -> Vec<String> {
        let detached = self.detached.as_ref().map(|author| {
            format!("nothing is judged: {author} detached the program; restart blacklistd to attach it again")
        });
        detached
            .into_iter()
            .chain(self.problems.values().cloned())
            .collect()
    }

    /// The trunks of the configuration.
    pub(crate) fn trunk_names(&self) -> impl Iterator<Item = &str> {
        let trunks = self.configuration.trunks.iter();
        trunks.map(|trunk| trunk.name.as_str())
    }

    /// Why rules that should be in force are not.
    pub(crate) fn rule_problems(&self) -> HashMap<RuleId, String> {
        let of_rule = |(subject, problem): (&String, &String)| {
            let id = subject.strip_prefix("rule ")?.parse().ok()?;
            Some((RuleId(id), problem.clone()))
        };
        self.problems.iter().filter_map(of_rule).collect()
    }

    /// Why a rule that should be in force is not, if it was refused.
    pub(super) fn problem_of_rule(&self, id: RuleId) -> Option<&str> {
        if self.problems.is_empty() {
            return None;
        }
        self.problems.get(&format!("rule {id}")).map(String::as_str)
    }

    /// Notes what is wrong with something, or that it is well again; logs the difference.
    pub(super) fn note(&mut self, subject: &str, problem: Option<String>) {
        match problem {
            Some(problem) => {
                if self.problems.get(subject) != Some(&problem) {
                    tracing::warn!("{problem}");
                }
                self.problems.insert(subject.to_owned(), problem);
            }
            None => {
                if self.problems.remove(subject).is_some() {
                    tracing::info!("{subject}: well again");
                }
            }
        }
    }

    /// Whether the whole is only watched.
    pub(crate) fn is_monitoring(&self) -> bool {
        self.configuration.mode == Mode::Monitor
    }

    /// Takes the program off all interfaces and forgets its pinned tables.
    ///
    /// # Errors
    /// The kernel refused.
    pub(crate) fn detach(&mut self, author: &str) -> Result<Vec<String>, KernelError> {
        let interfaces = self.kernel.remove_all()?;
        tracing::warn!("{author} detached the program: nothing is judged");
        self.detached = Some(author.to_owned());
        Ok(interfaces)
    }
}

/// The dial plans of a moment, for changes that take longer than the lock is held.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlanTable {
    plans: BTreeMap<String, blacklist_common::dial_plan::DialPlan>,
    default: Option<String>,
}

impl PlanTable {
    pub(super) fn of(configuration: &Configuration) -> Arc<Self> {
        Arc::new(Self {
            plans: configuration.dial_plans.clone(),
            default: configuration.default_dial_plan.clone(),
        })
    }

    /// The dial plans that rules are read by.
    pub(crate) fn plans(&self) -> DialPlans<'_> {
        DialPlans {
            plans: &self.plans,
            default: self.default.as_deref(),
        }
    }
}

struct Inner {
    state_directory: PathBuf,
    store: Mutex<Store>,
    pins: Pins,
    rules: InForce,
    names: RwLock<NameTable>,
    core: Mutex<Core>,
    journal: Arc<Journal>,
    beats: Beats,
    answering: Answering,
    companion: Companion,
    /// When this daemon began, in seconds since 1970.
    begun: f64,
    plans: RwLock<Arc<PlanTable>>,
    feeds: OnceLock<Arc<Feeds>>,
    feeds_changed: Arc<Notify>,
    /// Once it was begun.
    shipping: OnceLock<Shipping>,
    /// Told when time changes something at another time than before.
    rearmed: Notify,
}

/// The daemon's state, shared between its tasks.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

impl Shared {
    pub(super) fn new(
        core: Core,
        store: Store,
        pins: Pins,
        rules: RuleSet,
        names: NameTable,
    ) -> Self {
        Self(Arc::new(Inner {
            state_directory: core.configuration.state_directory.clone(),
            store: Mutex::new(store),
            pins,
            rules: InForce::new(rules),
            names: RwLock::new(names),
            plans: RwLock::new(PlanTable::of(&core.configuration)),
            journal: core.journal.clone(),
            beats: Beats::begin(),
            answering: Answering::new(&core.configuration),
            companion: Companion::default(),
            begun: jiff::Timestamp::now().as_duration().as_secs_f64(),
            core: Mutex::new(core),
            feeds: OnceLock::new(),
            feeds_changed: Arc::new(Notify::new()),
            shipping: OnceLock::new(),
            rearmed: Notify::new(),
        }))
    }

    /// The state; a task that died with it does not take it away from the others.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Core> {
        self.0.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state; none while somebody else has it.
    pub(super) fn try_lock(&self) -> Option<MutexGuard<'_, Core>> {
        match self.0.core.try_lock() {
            Ok(core) => Some(core),
            Err(TryLockError::Poisoned(error)) => Some(error.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// The database, for a change: one at a time.
    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        self.0.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The database, for reading beside a change.
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn reader(&self) -> Result<Store, StoreError> {
        Store::reader(&self.0.state_directory)
    }

    /// The rules in force; waits while others are put in force.
    pub(crate) fn rules(&self) -> RwLockReadGuard<'_, RuleSet> {
        self.0.rules.read()
    }

    /// The rules in force; none while others are put in force.
    pub(crate) fn try_rules(&self) -> Option<RwLockReadGuard<'_, RuleSet>> {
        self.0.rules.try_read()
    }

    /// The rules as they stand, for judging a call; as before while others are put in force. Nothing
    /// is waited for while this is held.
    pub(super) fn standing(&self) -> RwLockReadGuard<'_, Standing> {
        self.0.rules.standing()
    }

    /// Whether others are put in force.
    pub(super) fn is_changing(&self) -> bool {
        self.0.rules.is_changing()
    }

    pub(super) fn rules_to_change(&self) -> Changing<'_> {
        self.0.rules.change()
    }

    /// Lists and scopes by name, and how many rules there are of which kind.
    pub(crate) fn names(&self) -> RwLockReadGuard<'_, NameTable> {
        self.0.names.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn names_to_change(&self) -> RwLockWriteGuard<'_, NameTable> {
        self.0.names.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The log of calls, and what was counted. Its own locks come behind all others.
    pub(crate) fn journal(&self) -> &Arc<Journal> {
        &self.0.journal
    }

    /// The dial plans that rules are read by.
    pub(crate) fn plan_table(&self) -> Arc<PlanTable> {
        let plans = self.0.plans.read().unwrap_or_else(PoisonError::into_inner);
        plans.clone()
    }

    pub(super) fn set_plan_table(&self, table: Arc<PlanTable>) {
        *self.0.plans.write().unwrap_or_else(PoisonError::into_inner) = table;
    }

    /// The subscriptions.
    pub(crate) fn feeds(&self) -> Arc<Feeds> {
        self.0.feeds.get_or_init(|| super::feeds::all(self)).clone()
    }

    /// Told when a subscription is another.
    pub(super) fn feeds_changed(&self) -> Arc<Notify> {
        self.0.feeds_changed.clone()
    }

    /// Tells the timer that there is another next time.
    pub(super) fn rearm(&self) {
        self.0.rearmed.notify_one();
    }

    pub(super) async fn rearmed(&self) {
        self.0.rearmed.notified().await;
    }

    /// The answers to calls.
    pub(crate) fn answering(&self) -> &Answering {
        &self.0.answering
    }

    /// How often PINs were tried. Its own locks are held beside no other.
    pub(crate) fn pins(&self) -> &Pins {
        &self.0.pins
    }

    /// Those who ask.
    pub(crate) fn companion(&self) -> &Companion {
        &self.0.companion
    }

    /// When the parts of the daemon were alive last.
    pub(crate) fn beats(&self) -> &Beats {
        &self.0.beats
    }

    /// When this daemon began, in seconds since 1970.
    pub(crate) fn begun(&self) -> f64 {
        self.0.begun
    }

    /// The sinks of the log.
    pub(crate) fn sinks(&self) -> Vec<SinkStatus> {
        let shipping = self.0.shipping.get();
        shipping.map(Shipping::statuses).unwrap_or_default()
    }

    /// Begins to ship the log, or ships it to others from now on.
    pub(super) fn ship(&self, sinks: Vec<SinkSettings>) {
        if let Some(shipping) = self.0.shipping.get() {
            shipping.replace(sinks);
            return;
        }
        let source = Arc::new(ShippedLog(self.journal().clone()));
        self.0
            .shipping
            .get_or_init(|| Shipping::start(sinks, source));
    }

    /// Ends shipping; waits a moment for what is on its way.
    pub(super) fn end_shipping(&self) {
        if let Some(shipping) = self.0.shipping.get() {
            shipping.stop();
        }
    }

    /// Rows came into the log.
    pub(super) fn rows_came(&self) {
        if let Some(shipping) = self.0.shipping.get() {
            shipping.wake();
        }
    }

    pub(crate) fn state_directory(&self) -> &std::path::Path {
        &self.0.state_directory
    }
}
