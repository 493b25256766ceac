//! What the running daemon holds, behind one lock: a change, an event and a question never meet
//! half-way.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::config::{Configuration, Mode};
use crate::journal::Journal;
use crate::kernel::{Kernel, KernelError};
use crate::rules::{DialPlans, RuleSet};
use crate::store::Store;

/// The daemon's state.
pub struct Core {
    /// The configuration in force.
    pub(crate) configuration: Configuration,
    /// The file it was read from.
    pub(super) configuration_path: PathBuf,
    /// All rules.
    pub(crate) rules: RuleSet,
    /// The rules on disk.
    pub(crate) store: Store,
    /// The kernel's side.
    pub(crate) kernel: Kernel,
    /// Recent blocked calls.
    pub(crate) journal: Journal,
    /// What is wrong, by what it concerns.
    pub(super) problems: BTreeMap<String, String>,
    /// Who took the program off, while it is off.
    pub(super) detached: Option<String>,
}

impl Core {
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

    /// The dial plans that rules are read by.
    pub(super) fn dial_plans(&self) -> DialPlans<'_> {
        DialPlans {
            plans: &self.configuration.dial_plans,
            default: self.configuration.default_dial_plan.as_deref(),
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
        let interfaces = Kernel::remove(&self.configuration.kernel.pin_directory)?;
        tracing::warn!("{author} detached the program: nothing is judged");
        self.detached = Some(author.to_owned());
        Ok(interfaces)
    }
}

/// The daemon's state, shared between its tasks.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Core>>);

impl Shared {
    pub(super) fn new(core: Core) -> Self {
        Self(Arc::new(Mutex::new(core)))
    }

    /// The state; a task that died with it does not take it away from the others.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Core> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
