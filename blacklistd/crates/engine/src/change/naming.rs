//! The names of a set, and those of local numbers that get a scope by being named.

use blacklist_model::{DefaultPolicy, List, ListId, Names, ScopeId, ScopeName, ScopeRecord};

use crate::set::RuleSet;

/// The names of a set, and those of local numbers that get a scope by being named.
#[derive(Debug)]
pub struct Naming<'a> {
    set: &'a RuleSet,
    next: u32,
    /// Scopes that were made; they go before the rule that names them.
    pub made: Vec<ScopeRecord>,
}

impl<'a> Naming<'a> {
    /// `next` is the first id that no scope ever had.
    pub const fn new(set: &'a RuleSet, next: ScopeId) -> Self {
        Self {
            set,
            next: next.0,
            made: Vec::new(),
        }
    }

    /// The name of a scope.
    pub fn scope_name(&self, id: ScopeId) -> String {
        let made = self.made.iter().find(|record| record.id == id);
        let record = self.set.scope(id).or(made);
        record.map_or_else(String::new, |record| record.name.to_string())
    }
}

impl Names for Naming<'_> {
    fn list(&self, name: &str) -> Option<&List> {
        self.set.list_named(name)
    }

    fn list_of(&self, id: ListId) -> Option<&List> {
        self.set.list(id)
    }

    fn scope(&mut self, name: &ScopeName) -> Option<ScopeId> {
        if let Some(record) = self.set.scope_named(name) {
            return Some(record.id);
        }
        if let Some(record) = self.made.iter().find(|record| record.name == *name) {
            return Some(record.id);
        }
        if !matches!(name, ScopeName::Number { .. }) {
            return None;
        }
        let id = ScopeId(self.next);
        self.next += 1;
        self.made.push(ScopeRecord {
            id,
            name: name.clone(),
            policy: DefaultPolicy::Unset,
        });
        Some(id)
    }
}
