//! Lists and scopes by id and by name, and how many rules there are of which kind: what answers
//! need of the store without reading it each time.

use std::collections::{BTreeMap, HashMap};

use blacklist_model::{
    List, ListId, MatchKind, Refusal, RuleId, RuleKind, ScopeId, ScopeName, ScopeRecord, no_list,
    no_scope,
};
use blacklist_store::rules::{ListRow, RuleRow, ScopeRow};

/// A list as it is kept and as the engine has it.
#[derive(Clone, Debug)]
pub(crate) struct NamedList {
    pub(crate) row: ListRow,
    pub(crate) list: List,
}

impl From<ListRow> for NamedList {
    fn from(row: ListRow) -> Self {
        let list = super::rows::list(&row);
        Self { row, list }
    }
}

/// What rules are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct CountKey {
    pub(crate) list: ListId,
    /// The rule's own kind; none for the list's.
    pub(crate) kind: Option<RuleKind>,
    pub(crate) matching: MatchKind,
    pub(crate) enabled: bool,
    pub(crate) timed: bool,
    pub(crate) in_kernel: bool,
}

impl CountKey {
    pub(crate) fn of(row: &RuleRow, in_kernel: bool) -> Self {
        Self {
            list: row.list,
            kind: row.kind,
            matching: row.matching,
            enabled: row.enabled,
            timed: row.valid_from.is_some() || row.valid_until.is_some() || row.schedule.is_some(),
            in_kernel,
        }
    }
}

/// How many rules there are of each key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(HashMap<CountKey, u64>);

impl Tally {
    pub(crate) fn add(&mut self, key: CountKey) {
        *self.0.entry(key).or_default() += 1;
    }

    /// Takes over what a change added and removed.
    pub(crate) fn merge(&mut self, added: &Self, removed: &Self) {
        for (key, count) in &added.0 {
            *self.0.entry(*key).or_default() += count;
        }
        for (key, count) in &removed.0 {
            let entry = self.0.entry(*key).or_default();
            *entry = entry.saturating_sub(*count);
        }
        self.0.retain(|_, count| *count > 0);
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (CountKey, u64)> + '_ {
        self.0.iter().map(|(key, count)| (*key, *count))
    }

    /// How many rules a list has.
    pub(crate) fn of_list(&self, list: ListId) -> u64 {
        self.iter()
            .filter(|(key, _)| key.list == list)
            .map(|(_, count)| count)
            .sum()
    }

    /// How many rules there are.
    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Lists and scopes.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameTable {
    lists: BTreeMap<ListId, NamedList>,
    list_ids: HashMap<String, ListId>,
    scopes: BTreeMap<ScopeId, ScopeRow>,
    scope_ids: HashMap<String, ScopeId>,
    /// Rules by what they are counted by.
    pub(crate) tally: Tally,
}

impl NameTable {
    pub(crate) fn new(lists: Vec<ListRow>, scopes: Vec<ScopeRow>) -> Self {
        let mut names = Self::default();
        for row in lists {
            names.put_list(row);
        }
        for row in scopes {
            names.put_scope(row);
        }
        names
    }

    pub(crate) fn put_list(&mut self, row: ListRow) {
        self.remove_list(row.id);
        self.list_ids.insert(row.name.clone(), row.id);
        self.lists.insert(row.id, row.into());
    }

    pub(crate) fn remove_list(&mut self, id: ListId) {
        if let Some(old) = self.lists.remove(&id) {
            self.list_ids.remove(&old.row.name);
        }
    }

    pub(crate) fn put_scope(&mut self, row: ScopeRow) {
        self.remove_scope(row.id);
        self.scope_ids.insert(row.name.clone(), row.id);
        self.scopes.insert(row.id, row);
    }

    pub(crate) fn remove_scope(&mut self, id: ScopeId) {
        if let Some(old) = self.scopes.remove(&id) {
            self.scope_ids.remove(&old.name);
        }
    }

    /// A list by its name.
    pub(crate) fn list_named(&self, name: &str) -> Option<&NamedList> {
        self.list(*self.list_ids.get(name)?)
    }

    /// A list by its name.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn require_list(&self, name: &str) -> Result<&NamedList, Refusal> {
        self.list_named(name).ok_or_else(|| no_list(name))
    }

    /// A scope by its canonical name.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn require_scope(&self, name: &str) -> Result<&ScopeRow, Refusal> {
        self.scope_named(name).ok_or_else(|| no_scope(name))
    }

    /// A list by its id.
    pub(crate) fn list(&self, id: ListId) -> Option<&NamedList> {
        self.lists.get(&id)
    }

    /// All lists, by id.
    pub(crate) fn lists(&self) -> impl Iterator<Item = &NamedList> {
        self.lists.values()
    }

    /// A scope by its canonical name.
    pub(crate) fn scope_named(&self, name: &str) -> Option<&ScopeRow> {
        self.scope(*self.scope_ids.get(name)?)
    }

    /// A scope by its id.
    pub(crate) fn scope(&self, id: ScopeId) -> Option<&ScopeRow> {
        self.scopes.get(&id)
    }

    /// All scopes, by id.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &ScopeRow> {
        self.scopes.values()
    }

    /// The name of a list; its number if it is gone.
    pub(crate) fn list_name(&self, id: ListId) -> String {
        match self.list(id) {
            Some(list) => list.row.name.clone(),
            None => format!("list {id}, which is gone"),
        }
    }

    /// Names of scopes.
    pub(crate) fn scope_names(&self, ids: &[ScopeId]) -> Vec<String> {
        ids.iter()
            .map(|id| match self.scope(*id) {
                Some(scope) => scope.name.clone(),
                None => format!("scope {id}, which is gone"),
            })
            .collect()
    }

    /// Lists that are assigned to a scope.
    pub(crate) fn lists_of_scope(&self, scope: ScopeId) -> Vec<ListId> {
        self.lists()
            .filter(|list| list.row.scopes.contains(&scope))
            .map(|list| list.row.id)
            .collect()
    }
}

/// What a change does to the names.
#[derive(Clone, Debug)]
pub(crate) enum NameEdit {
    PutList(ListRow),
    RemoveList(ListId),
    PutScope(ScopeRow),
    RemoveScope(ScopeId),
}

impl NameTable {
    pub(crate) fn edit(&mut self, edit: NameEdit) {
        match edit {
            NameEdit::PutList(row) => self.put_list(row),
            NameEdit::RemoveList(id) => self.remove_list(id),
            NameEdit::PutScope(row) => self.put_scope(row),
            NameEdit::RemoveScope(id) => self.remove_scope(id),
        }
    }
}

/// A scope as the engine has it.
pub(crate) fn record(row: &ScopeRow) -> Result<ScopeRecord, Refusal> {
    Ok(ScopeRecord {
        id: row.id,
        name: ScopeName::from_canonical(&row.name)?,
        policy: row.policy,
    })
}

/// Ids of rules in a sentence, the first ones.
pub(crate) fn some_ids(ids: &[RuleId]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> = ids.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = if ids.len() > SHOWN { ", ..." } else { "" };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_change_takes_away_is_not_counted() {
        let key = |list: u32, enabled: bool| CountKey {
            list: ListId(list),
            kind: None,
            matching: MatchKind::Exact,
            enabled,
            timed: false,
            in_kernel: true,
        };
        let mut tally = Tally::default();
        for _ in 0..3 {
            tally.add(key(1, true));
        }
        let (mut added, mut removed) = (Tally::default(), Tally::default());
        // One is switched off, one is moved, and one is added and taken back.
        removed.add(key(1, true));
        added.add(key(1, false));
        removed.add(key(1, true));
        added.add(key(2, true));
        added.add(key(3, true));
        removed.add(key(3, true));
        tally.merge(&added, &removed);
        let of_list = |list: u32| tally.of_list(ListId(list));
        assert_eq!((of_list(1), of_list(2), of_list(3)), (2, 1, 0));
        assert_eq!(tally.total(), 3);
    }

    #[test]
    fn a_list_with_another_name_is_found_by_it_alone() {
        let row = |name: &str| ListRow {
            id: ListId(7),
            made: 1,
            name: name.to_owned(),
            kind: RuleKind::Block,
            direction: blacklist_model::RuleDirection::Inbound,
            action: None,
            mandatory: false,
            enabled: true,
            scopes: vec![ScopeId(0)],
            comment: String::new(),
        };
        let mut names = NameTable::default();
        names.edit(NameEdit::PutList(row("spam")));
        names.edit(NameEdit::PutList(row("ham")));
        assert!(names.list_named("spam").is_none());
        assert_eq!(names.list_named("ham").unwrap().row.id, ListId(7));
        assert_eq!(names.lists_of_scope(ScopeId(0)), [ListId(7)]);
        names.edit(NameEdit::RemoveList(ListId(7)));
        assert!(names.list_named("ham").is_none());
    }
}
