//! Scope ids: each local number that has rules of its own has one. A number without rules keeps
//! its id until another number needs it, so that a change that is taken back finds the same ids.

use std::collections::{BTreeSet, HashMap};

use blacklist_common::number::Number;
use blacklist_common::scope::GLOBAL_SCOPE;

use super::rule::Scope;

#[derive(Clone, Debug)]
struct Entry {
    id: u32,
    rules: usize,
    scope: Scope,
}

/// The scopes in use.
#[derive(Clone, Debug, Default)]
pub(super) struct Scopes {
    numbers: HashMap<Number, Entry>,
    of_id: HashMap<u32, Number>,
    /// Numbers that have an id and no rules.
    idle: BTreeSet<Number>,
}

impl Scopes {
    /// The id of a scope; none if it has no rules.
    pub(super) fn id(&self, scope: &Scope) -> Option<u32> {
        match scope.number() {
            None => Some(GLOBAL_SCOPE),
            Some(number) => self.of_number(number),
        }
    }

    /// The id of a local number's own scope.
    pub(super) fn of_number(&self, number: Number) -> Option<u32> {
        let entry = self.numbers.get(&number)?;
        (entry.rules > 0).then_some(entry.id)
    }

    /// The scope of an id.
    pub(super) fn scope(&self, id: u32) -> Scope {
        self.of_id
            .get(&id)
            .and_then(|number| self.numbers.get(number))
            .map_or(Scope::Global, |entry| entry.scope.clone())
    }

    /// A rule of this scope comes into force.
    pub(super) fn take(&mut self, scope: &Scope) {
        let Some(number) = scope.number() else {
            return;
        };
        if let Some(entry) = self.numbers.get_mut(&number) {
            entry.rules += 1;
            self.idle.remove(&number);
            return;
        }
        let reused = self
            .idle
            .pop_first()
            .and_then(|idle| self.numbers.remove(&idle));
        let id = reused.map_or(self.of_id.len() as u32 + 1, |entry| entry.id);
        self.of_id.insert(id, number);
        let entry = Entry {
            id,
            rules: 1,
            scope: scope.clone(),
        };
        self.numbers.insert(number, entry);
    }

    /// A rule of this scope goes out of force.
    pub(super) fn release(&mut self, scope: &Scope) {
        let Some(number) = scope.number() else {
            return;
        };
        if let Some(entry) = self.numbers.get_mut(&number) {
            entry.rules = entry.rules.saturating_sub(1);
            if entry.rules == 0 {
                self.idle.insert(number);
            }
        }
    }

    /// Local numbers with scopes of their own.
    pub(super) fn numbers(&self) -> impl Iterator<Item = Number> + '_ {
        self.numbers
            .iter()
            .filter(|(_, entry)| entry.rules > 0)
            .map(|(number, _)| *number)
    }
}
