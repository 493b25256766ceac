//! Changes of PINs. Who set one when is in the history; neither it nor its hash is.

use super::{Author, Change, ChangeError, ChangeOptions, Changed, Changes};
use crate::daemon::pins::PinChecks;
use blacklist_engine::pinless;
use blacklist_engine::pinless::{Asking, Reach};
use blacklist_engine::{Finding, Mutation, RuleSet};
use blacklist_model::{Names as _, Refusal, ScopeId, ScopeName, read_number};
use blacklist_store::pin;
use blacklist_store::pin::Pin;
use blacklist_store::rules::{ChangeKind, PinRow, Reading as _, ScopeRow};

fn no_pin(scope: &str) -> Refusal {
    Refusal::Unknown(format!(
        "{scope} has no PIN: `blacklistd pin set {scope}` sets one"
    ))
}

impl Changes {
    /// Sets the PIN of a scope, or another one. The scope of a local number is made if there is
    /// none yet.
    ///
    /// # Errors
    /// There is no such scope.
    pub(crate) fn set_pin(
        &self,
        scope: &str,
        pin: &Pin,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<ScopeRow>, ChangeError> {
        // Before anything is locked: it takes its time.
        let hash = hashed(pin)?;
        self.make(ChangeKind::PinSet, author, options, |change| {
            let row = change.scope_to_have_a_pin(scope)?;
            change.put_pin(&row, &hash)?;
            let summary = format!("the PIN of {} was set", row.name);
            Ok((row, summary))
        })
    }

    /// Puts another PIN in the place of a scope's.
    ///
    /// # Errors
    /// There is no such scope, or it has no PIN.
    pub(crate) fn rotate_pin(
        &self,
        scope: &str,
        pin: &Pin,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<ScopeRow>, ChangeError> {
        let hash = hashed(pin)?;
        self.make(ChangeKind::PinRotate, author, options, |change| {
            let row = change.scope_row(scope)?;
            if change.store.pin_hash(row.id)?.is_none() {
                return Err(no_pin(&row.name).into());
            }
            change.put_pin(&row, &hash)?;
            let summary = format!("the PIN of {} was replaced", row.name);
            Ok((row, summary))
        })
    }

    /// Removes the PIN of a scope.
    ///
    /// # Errors
    /// There is no such scope, or it has no PIN.
    pub(crate) fn remove_pin(
        &self,
        scope: &str,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<ScopeRow>, ChangeError> {
        self.make(ChangeKind::PinRemove, author, options, |change| {
            let row = change.scope_row(scope)?;
            if !change.store.remove_pin(row.id)? {
                return Err(no_pin(&row.name).into());
            }
            change.is_noted = true;
            let left = scopes_of(change.store.pins()?);
            change.set_findings(self.left_without_pin(row.id, &left));
            let summary = format!("the PIN of {} was removed", row.name);
            Ok((row, summary))
        })
    }

    /// What there is to say of what asks for a PIN.
    pub(super) fn lint_pins(
        &self,
        rules: &RuleSet,
        mutations: &[Mutation],
        asking: &[Asking<'_>],
    ) -> Vec<Finding> {
        if asking.is_empty() {
            return Vec::new();
        }
        let pins = match self.rules.reader().and_then(|store| store.pins()) {
            Ok(rows) => scopes_of(rows),
            Err(error) => {
                tracing::warn!("which scopes have PINs cannot be read: {error}");
                return Vec::new();
            }
        };
        let reach = Reach::new(rules, mutations, &pins);
        pinless::lint(asking, None, &reach, |id| name_of(rules, mutations, id))
    }

    /// What asks for a PIN that nobody can have when that of a scope is gone.
    fn left_without_pin(&self, gone: ScopeId, left: &[ScopeId]) -> Vec<Finding> {
        let rules = self.rules.in_force.read();
        let before: Vec<ScopeId> = left.iter().copied().chain([gone]).collect();
        let before = Reach::new(&rules, &[], &before);
        let after = Reach::new(&rules, &[], left);
        let asking = pinless::all_asking(&rules);
        pinless::lint(&asking, Some(&before), &after, |id| {
            name_of(&rules, &[], id)
        })
    }

    /// Forgets the wrong tries for a local number, or with the PIN of a scope. Returns the scope.
    ///
    /// # Errors
    /// It is neither, or there were none.
    pub(crate) fn unlock_pin(
        &self,
        tries: &PinChecks,
        number_or_scope: &str,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<String>, ChangeError> {
        let changed = self.make(ChangeKind::PinUnlock, author, options, |change| {
            let subject = change.unlocked(number_or_scope)?;
            let is_stored = change.store.forget_limit(&subject)?;
            let known = !options.dry_run && tries.pins.forget(&subject);
            if !is_stored && !known {
                return Err(Refusal::Unknown(format!(
                    "no PIN was tried wrongly for {subject} in the last hour"
                ))
                .into());
            }
            change.is_noted = true;
            let summary = format!("wrong tries of PINs for {subject} were forgotten");
            Ok((subject, summary))
        })?;
        Ok(changed)
    }
}

fn scopes_of(pins: Vec<PinRow>) -> Vec<ScopeId> {
    pins.into_iter().map(|pin| pin.scope).collect()
}

/// A scope's name, that of one which a change makes included.
fn name_of(rules: &RuleSet, mutations: &[Mutation], id: ScopeId) -> String {
    let made = mutations.iter().find_map(|mutation| match mutation {
        Mutation::PutScope(record) if record.id == id => Some(record),
        _ => None,
    });
    let record = made.or_else(|| rules.scope(id));
    record.map_or_else(
        || format!("scope {}", id.0),
        |record| record.name.to_string(),
    )
}

fn hashed(pin: &Pin) -> Result<String, ChangeError> {
    pin::hash(pin).map_err(|error| ChangeError::Input(error.to_string()))
}

impl Change<'_> {
    fn put_pin(&mut self, scope: &ScopeRow, hash: &str) -> Result<(), ChangeError> {
        self.store.put_pin(scope.id, hash)?;
        self.is_noted = true;
        Ok(())
    }

    /// A scope by its name; that of a local number is made if there is none.
    fn scope_to_have_a_pin(&mut self, name: &str) -> Result<ScopeRow, ChangeError> {
        let configuration = self.configuration();
        let (_, plan) = configuration.dial_plans().find(None)?;
        let scope = ScopeName::parse(name, &plan)?;
        let found = self.scope(&scope);
        if let Some(error) = self.failure.take() {
            return Err(error.into());
        }
        match found {
            Some(_) => self.scope_row(&scope.to_string()),
            None => Err(blacklist_model::no_scope(&scope.to_string()).into()),
        }
    }

    /// What tries are counted by: a number without a word in front is a local number.
    fn unlocked(&self, number_or_scope: &str) -> Result<String, ChangeError> {
        let configuration = self.configuration();
        let (_, plan) = configuration.dial_plans().find(None)?;
        if let Ok(scope) = ScopeName::parse(number_or_scope, &plan) {
            return Ok(scope.to_string());
        }
        let (number, _) = read_number(number_or_scope, &plan, "local number")?;
        Ok(format!("number:{number}"))
    }
}
