//! A change of one rule: judged, written to disk, put in force. If the kernel refuses, the disk
//! has it back as it was, and nothing has changed.

use jiff::Timestamp;

use super::core::Core;
use super::start::tables;
use crate::kernel::KernelError;
use crate::rules::{Draft, Plan, Refusal, Rule, RuleEdit, RuleId, RuleSpec};
use crate::store::{StoreError, StoredRule};

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The rule itself is refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The kernel refused.
    #[error("rule {id} ({pattern}) cannot be put in force: {source}; nothing was changed")]
    Kernel {
        /// The rule.
        id: RuleId,
        /// Its pattern.
        pattern: String,
        /// What the kernel's side said.
        source: KernelError,
    },
    /// The kernel refused, and then the store did.
    #[error(
        "{first}; taking it back from the disk failed too ({second}): restart blacklistd, which puts in force what is on the disk"
    )]
    NotTakenBack {
        /// What happened first.
        first: Box<ChangeError>,
        /// What happened then.
        second: StoreError,
    },
}

/// A change that was made.
#[derive(Debug)]
pub struct Changed {
    /// The rule as it stands.
    pub stored: StoredRule,
    /// What the operator should know.
    pub warnings: Vec<String>,
}

impl Core {
    /// Adds a rule.
    ///
    /// # Errors
    /// It is refused; nothing is changed.
    pub(crate) fn add_rule(
        &mut self,
        spec: &RuleSpec,
        author: &str,
    ) -> Result<Changed, ChangeError> {
        let draft = Draft::from_spec(spec, self.dial_plans())?;
        let warnings = self.rules.lint(&draft, RuleId(0))?;
        let stored = self.store.insert(draft, whole_second(), author)?;
        let id = stored.rule().id;
        if let Err(first) = self.put(stored.rule()) {
            let undone = self.store.delete(id);
            return Err(self.taken_back(first, undone));
        }
        tracing::info!("rule {id} was added by {author}");
        Ok(Changed { stored, warnings })
    }

    /// Changes a rule.
    ///
    /// # Errors
    /// There is no such rule, or the change is refused; nothing is changed.
    pub(crate) fn edit_rule(
        &mut self,
        id: RuleId,
        edit: &RuleEdit,
        author: &str,
    ) -> Result<Changed, ChangeError> {
        let old = self.store.get(id)?.ok_or(Refusal::NotFound(id))?;
        let draft = old.draft.edited(edit, self.dial_plans())?;
        let warnings = self.rules.lint(&draft, id)?;
        let stored = StoredRule {
            draft,
            ..old.clone()
        };
        self.store.update(&stored)?;
        if let Err(first) = self.put(stored.rule()) {
            let undone = self.store.update(&old);
            return Err(self.taken_back(first, undone));
        }
        self.note(&format!("rule {id}"), None);
        tracing::info!("rule {id} was changed by {author}");
        Ok(Changed { stored, warnings })
    }

    /// Removes a rule.
    ///
    /// # Errors
    /// There is no such rule, or the kernel or the store refused; nothing is changed.
    pub(crate) fn remove_rule(
        &mut self,
        id: RuleId,
        author: &str,
    ) -> Result<StoredRule, ChangeError> {
        let stored = self.store.get(id)?.ok_or(Refusal::NotFound(id))?;
        self.store.delete(id)?;
        let was = self.rules.get(id).cloned();
        let plan = self.rules.retire(id);
        if let Err(source) = self.apply(&plan) {
            if let Some(rule) = was {
                let _ = self.rules.put(&rule);
            }
            self.put_back();
            let undone = self.store.restore(&stored);
            return Err(self.taken_back(refused(stored.rule(), source), undone));
        }
        self.rules.forget(id);
        self.note(&format!("rule {id}"), None);
        tracing::info!("rule {id} was removed by {author}");
        Ok(stored)
    }

    /// Puts a rule in force, in the kernel and in the set, or in neither.
    fn put(&mut self, rule: &Rule) -> Result<(), ChangeError> {
        let id = rule.id;
        let old = self.rules.get(id).cloned();
        let plan = self.rules.put(rule)?;
        let Err(source) = self.apply(&plan) else {
            return Ok(());
        };
        match old {
            Some(old) => {
                let _ = self.rules.put(&old);
            }
            None => self.rules.forget(id),
        }
        self.put_back();
        Err(refused(rule, source))
    }

    /// Makes a plan's changes. Where a table has no room for them, or one of them failed half-way,
    /// the whole set as it shall be becomes a generation of its own, with room for more.
    fn apply(&mut self, plan: &Plan) -> Result<(), KernelError> {
        if let Some(slot) = plan.reset {
            self.kernel.reset_counter(slot)?;
        }
        let number = self.kernel.generation() + 1;
        let Err(error) = self.kernel.apply(&plan.changes, number) else {
            return Ok(());
        };
        if !error.is_full() {
            tracing::warn!("{error}; filling a new generation");
        }
        let tables = tables(&self.rules, &self.configuration);
        self.kernel.install(&tables, number)
    }

    /// Puts the set as it was back in force, after a change that was not made.
    fn put_back(&mut self) {
        let tables = tables(&self.rules, &self.configuration);
        let number = self.kernel.generation() + 1;
        let problem = self.kernel.install(&tables, number).err().map(|error| {
            format!("a change could not be taken back ({error}): restart blacklistd, which puts in force what is on the disk")
        });
        self.note("a change", problem);
    }

    fn taken_back(&mut self, first: ChangeError, undone: Result<(), StoreError>) -> ChangeError {
        match undone {
            Ok(()) => first,
            Err(second) => {
                let error = ChangeError::NotTakenBack {
                    first: Box::new(first),
                    second,
                };
                self.note("store", Some(error.to_string()));
                error
            }
        }
    }
}

/// The time, as exact as the store keeps it.
fn whole_second() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

fn refused(rule: &Rule, source: KernelError) -> ChangeError {
    ChangeError::Kernel {
        id: rule.id,
        pattern: rule.written.to_string(),
        source,
    }
}
