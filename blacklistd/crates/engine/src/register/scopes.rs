//! Scopes as the engine holds them: their indexes in the tables, who belongs to them, and which
//! lists are assigned to them.

use std::collections::HashMap;

use blacklist_common::number::Number;
use blacklist_common::scope::{GLOBAL_SCOPE, MAXIMUM_SCOPES, NumberEntry};
use blacklist_model::{ListId, Member, Refusal, ScopeId, ScopeName, ScopeRecord};

/// A scope, and what the engine knows of it.
#[derive(Clone, Debug)]
pub(crate) struct HeldScope {
    pub(crate) record: ScopeRecord,
    /// In the tables.
    pub(crate) index: u32,
    /// Counters of its blocking default; 0 if it never had one.
    pub(crate) slot: u32,
    /// Rules that name it.
    pub(crate) rules: u32,
    /// Members.
    pub(crate) members: u32,
    /// Lists that are assigned to it.
    pub(crate) lists: Vec<ListId>,
}

/// All scopes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scopes {
    scopes: HashMap<ScopeId, HeldScope>,
    names: HashMap<ScopeName, ScopeId>,
    own: HashMap<Number, ScopeId>,
    members: HashMap<Number, Vec<ScopeId>>,
    /// What is stored at each index in the tables; `None` for lists that scopes share.
    indexes: Vec<Option<ScopeId>>,
    /// Indexes that are free again; the last one first, so that taking changes back in reverse
    /// finds the same ones.
    free: Vec<u32>,
}

impl Scopes {
    pub(crate) fn new() -> Self {
        let mut scopes = Self::default();
        scopes.put(ScopeRecord::global());
        scopes
    }

    pub(crate) fn get(&self, id: ScopeId) -> Option<&HeldScope> {
        self.scopes.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: ScopeId) -> Option<&mut HeldScope> {
        self.scopes.get_mut(&id)
    }

    pub(crate) fn named(&self, name: &ScopeName) -> Option<&HeldScope> {
        self.get(*self.names.get(name)?)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &HeldScope> {
        self.scopes.values()
    }

    /// The scope at an index of the tables.
    pub(crate) fn at(&self, index: u32) -> Option<&HeldScope> {
        let id = *self.indexes.get(index as usize)?;
        self.get(id?)
    }

    /// The index of a scope in the tables.
    pub(crate) fn index(&self, id: ScopeId) -> Option<u32> {
        self.get(id).map(|scope| scope.index)
    }

    /// An index for a scope, or for a list that scopes share.
    pub(crate) fn take_index(&mut self, scope: Option<ScopeId>) -> u32 {
        let index = self.free.pop().unwrap_or_else(|| {
            self.indexes.push(None);
            self.indexes.len() as u32 - 1
        });
        if let Some(place) = self.indexes.get_mut(index as usize) {
            *place = scope;
        }
        index
    }

    pub(crate) fn free_index(&mut self, index: u32) {
        if index == GLOBAL_SCOPE {
            return;
        }
        if let Some(place) = self.indexes.get_mut(index as usize) {
            *place = None;
            self.free.push(index);
        }
    }

    /// Adds a scope, or changes the one with its id; its name is free by then. Returns it as it
    /// was.
    pub(crate) fn put(&mut self, record: ScopeRecord) -> Option<ScopeRecord> {
        let id = record.id;
        self.names.insert(record.name.clone(), id);
        if let ScopeName::Number { number, .. } = record.name {
            self.own.insert(number, id);
        }
        if let Some(held) = self.scopes.get_mut(&id) {
            let old = std::mem::replace(&mut held.record, record);
            if self
                .get(id)
                .is_some_and(|held| held.record.name != old.name)
            {
                self.forget_name(&old.name);
            }
            return Some(old);
        }
        let index = self.take_index(Some(id));
        let held = HeldScope {
            record,
            index,
            slot: 0,
            rules: 0,
            members: 0,
            lists: Vec::new(),
        };
        self.scopes.insert(id, held);
        None
    }

    fn forget_name(&mut self, name: &ScopeName) {
        self.names.remove(name);
        if let ScopeName::Number { number, .. } = name {
            self.own.remove(number);
        }
    }

    /// Removes a scope that nothing names.
    pub(crate) fn remove(&mut self, id: ScopeId) -> Option<HeldScope> {
        let held = self.scopes.remove(&id)?;
        self.forget_name(&held.record.name);
        self.free_index(held.index);
        Some(held)
    }

    /// The scopes of a number beside the global one, broadest first.
    pub(crate) fn of_number(&self, number: Number) -> Vec<ScopeId> {
        let mut scopes = self.members.get(&number).cloned().unwrap_or_default();
        scopes.extend(self.own.get(&number));
        scopes.sort_by_key(|id| {
            let rank = self.get(*id).map_or(0, |held| held.record.name.rank());
            (rank, *id)
        });
        scopes
    }

    /// What the tables say of a number's scopes.
    pub(crate) fn entry(&self, number: Number) -> NumberEntry {
        let mut entry = NumberEntry::default();
        let indexes = self
            .of_number(number)
            .into_iter()
            .filter_map(|id| self.index(id));
        for (place, index) in entry.scopes.iter_mut().zip(indexes) {
            *place = index;
            entry.scope_count += 1;
        }
        entry
    }

    /// Refuses a ninth scope of a number.
    pub(crate) fn judge_room(&self, number: Number) -> Result<(), Refusal> {
        let scopes = self.of_number(number);
        if scopes.len() < MAXIMUM_SCOPES {
            return Ok(());
        }
        let names: Vec<String> = scopes
            .iter()
            .filter_map(|id| Some(self.get(*id)?.record.name.to_string()))
            .collect();
        Err(Refusal::Conflict(format!(
            "{number} belongs to {MAXIMUM_SCOPES} scopes already, its own included, and more are not looked at: take it out of one of {}",
            names.join(", ")
        )))
    }

    /// Whether a number belongs to an account or group.
    pub(crate) fn is_member(&self, member: Member) -> bool {
        self.members
            .get(&member.number)
            .is_some_and(|scopes| scopes.contains(&member.scope))
    }

    pub(crate) fn add_member(&mut self, member: Member) {
        self.members
            .entry(member.number)
            .or_default()
            .push(member.scope);
        if let Some(scope) = self.get_mut(member.scope) {
            scope.members += 1;
        }
    }

    pub(crate) fn remove_member(&mut self, member: Member) {
        if let Some(scopes) = self.members.get_mut(&member.number) {
            scopes.retain(|scope| *scope != member.scope);
            if scopes.is_empty() {
                self.members.remove(&member.number);
            }
        }
        if let Some(scope) = self.get_mut(member.scope) {
            scope.members = scope.members.saturating_sub(1);
        }
    }

    /// Who belongs to accounts and groups.
    #[cfg(test)]
    pub(crate) fn members_list(&self) -> Vec<Member> {
        let all = self.members.iter();
        all.flat_map(|(number, scopes)| {
            scopes.iter().map(|scope| Member {
                scope: *scope,
                number: *number,
            })
        })
        .collect()
    }

    /// Local numbers that have scopes.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = Number> {
        let members = self
            .members
            .keys()
            .filter(|number| !self.own.contains_key(number));
        self.own.keys().chain(members).copied()
    }

    /// Whether a number is one of ours, as far as the scopes tell.
    pub(crate) fn has_number(&self, number: Number) -> bool {
        self.own.contains_key(&number) || self.members.contains_key(&number)
    }
}
