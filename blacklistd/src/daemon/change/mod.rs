//! Every change takes this one way: read and judged, written to the store's open transaction,
//! looked over by the linter, put into the engine, put into the kernel, committed. Whatever
//! refuses, nothing has changed; what is acknowledged is on disk and in force.

mod answer_lint;
mod error;
mod grants;
mod lists;
mod pins;
mod put_in_force;
mod request;
mod rollback;
mod rules;
mod scopes;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use parking_lot::Mutex;

use super::enforcement::Enforcement;
use super::journal::Journal;
use super::memory;
use super::names::{CountKey, NameEdit, NameTable, NamedList, Tally, record};
use super::problems::Problems;
use super::rows;
use super::rules_state::RulesState;
use super::settings::{ActiveConfiguration, Settings};
use blacklist_engine::{Finding, Mutation};
use blacklist_model::{
    DefaultPolicy, Draft, List, ListId, Names, Refusal, Repetition, Rule, RuleId, RuleIdentity,
    ScopeId, ScopeName, SeenRules,
};
use blacklist_store::rules::{
    Cause, ChangeKind, FeedRow, GenerationRow, ListRow, MemberRow, Reading as _, RuleFilter,
    RuleRow, ScopeRow, StoreChange, StoreError,
};

pub(crate) use error::ChangeError;
pub(crate) use grants::{GrantRequest, Lifetime};
pub(crate) use request::{Author, ChangeOptions, Changed};
pub(crate) use rollback::Undone;
pub(crate) use scopes::edited as edited_scope;

/// A change that is being built.
pub(crate) struct Change<'s> {
    store: StoreChange<'s>,
    names: Arc<NameTable>,
    configuration: Arc<ActiveConfiguration>,
    /// Lists as this change leaves them; none for those that it removes.
    lists: BTreeMap<ListId, Option<NamedList>>,
    scopes: HashMap<String, ScopeId>,
    name_edits: Vec<NameEdit>,
    mutations: Vec<Mutation>,
    added: Tally,
    removed: Tally,
    failure: Option<StoreError>,
    /// What there is to say of it, if that was asked already.
    findings: Option<Vec<Finding>>,
    /// Whether something was written that is no change of the rules.
    is_noted: bool,
}

/// What makes changes: all that one goes through.
pub(crate) struct Changes {
    pub(crate) rules: Arc<RulesState>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) problems: Arc<Problems>,
    pub(crate) journal: Arc<Journal>,
    pub(super) enforcement: Arc<Mutex<Enforcement>>,
}

impl Changes {
    /// Makes a change. `build` says what it is; its second value is the summary.
    ///
    /// # Errors
    /// Something refused; nothing is changed.
    pub(crate) fn make<T>(
        &self,
        kind: ChangeKind,
        author: &Author,
        options: ChangeOptions,
        build: impl FnOnce(&mut Change<'_>) -> Result<(T, String), ChangeError>,
    ) -> Result<Changed<T>, ChangeError> {
        let cause = Cause {
            at: rows::whole_second(),
            author: author.name.clone(),
            source: author.source.clone(),
            kind,
        };
        let mut store = self.rules.store.lock();
        let configuration = self.settings.active();
        let mut change = Change::begin(store.begin(cause)?, self.rules.names(), configuration);
        let (value, summary) = build(&mut change)?;
        let (generation, findings) = self.finish(change, &summary, options)?;
        if generation.as_ref().is_some_and(GenerationRow::is_large) {
            store.tidy()?;
            memory::give_back();
        }
        Ok(Changed {
            value,
            generation,
            findings,
        })
    }
}

impl Names for Change<'_> {
    fn list(&self, name: &str) -> Option<&List> {
        let changed = self.lists.values().flatten();
        changed
            .map(|list| &list.list)
            .find(|list| &*list.name == name)
            .or_else(|| {
                let list = self.names.list_named(name)?;
                (!self.lists.contains_key(&list.row.id)).then_some(&list.list)
            })
    }

    fn list_of(&self, id: ListId) -> Option<&List> {
        match self.lists.get(&id) {
            Some(changed) => changed.as_ref().map(|list| &list.list),
            None => self.names.list(id).map(|list| &list.list),
        }
    }

    fn scope(&mut self, name: &ScopeName) -> Option<ScopeId> {
        let text = name.to_string();
        if let Some(id) = self.scope_id(&text) {
            return Some(id);
        }
        if !matches!(name, ScopeName::Number { .. }) {
            return None;
        }
        let made = self.add_scope(text, DefaultPolicy::Unset, String::new());
        match made {
            Ok(row) => Some(row.id),
            Err(error) => {
                // Reported by whoever asked for the names: they can only say that there is none.
                self.failure = Some(error);
                None
            }
        }
    }
}

impl<'s> Change<'s> {
    fn begin(
        store: StoreChange<'s>,
        names: Arc<NameTable>,
        configuration: Arc<ActiveConfiguration>,
    ) -> Self {
        Self {
            store,
            names,
            configuration,
            lists: BTreeMap::new(),
            scopes: HashMap::new(),
            name_edits: Vec::new(),
            mutations: Vec::new(),
            added: Tally::default(),
            removed: Tally::default(),
            failure: None,
            findings: None,
            is_noted: false,
        }
    }
}

impl Change<'_> {
    /// The number that this change will have.
    pub(crate) const fn number(&self) -> u64 {
        self.store.number()
    }

    /// The store, this change included.
    pub(crate) const fn store(&self) -> &StoreChange<'_> {
        &self.store
    }

    /// Writes a subscription, or ends it.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn put_feed(&mut self, name: &str, row: Option<&FeedRow>) -> Result<(), StoreError> {
        self.is_noted = true;
        match row {
            Some(row) => self.store.put([row]),
            None => {
                self.store.remove::<FeedRow>([&name.to_owned()])?;
                self.store.forget_feed_state(name)
            }
        }
    }

    /// The configuration with the dial plans by which rules are read.
    pub(crate) fn configuration(&self) -> Arc<ActiveConfiguration> {
        self.configuration.clone()
    }

    /// What was read with this change as its names: the store's error comes before the refusal
    /// that it led to.
    pub(crate) fn read<T>(&mut self, result: Result<T, Refusal>) -> Result<T, ChangeError> {
        match self.failure.take() {
            Some(error) => Err(error.into()),
            None => Ok(result?),
        }
    }

    /// The id of a scope by its canonical name, those of this change included.
    pub(crate) fn scope_id(&self, name: &str) -> Option<ScopeId> {
        self.scopes
            .get(name)
            .copied()
            .or_else(|| self.names.scope_named(name).map(|scope| scope.id))
    }

    /// The present version of a rule.
    ///
    /// # Errors
    /// There is none, or the database refused.
    pub(crate) fn rule(&self, id: RuleId) -> Result<RuleRow, ChangeError> {
        Ok(self.store.get(&id)?.ok_or(Refusal::NotFound(id))?)
    }

    /// The rules of a filter, as they are stored.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn rules_of(&self, filter: &RuleFilter) -> Result<Vec<RuleRow>, ChangeError> {
        let mut rows = Vec::new();
        self.store.for_each_rule(filter, |row| {
            rows.push(row);
            Ok::<(), ChangeError>(())
        })?;
        Ok(rows)
    }

    /// A list by its id, as this change leaves it.
    ///
    /// # Errors
    /// It is gone.
    pub(crate) fn list_with(&self, id: ListId) -> Result<&List, ChangeError> {
        let list = self.list_of(id);
        Ok(list.ok_or_else(|| Refusal::Unknown(format!("list {id} is gone: try again")))?)
    }

    /// How a draft relates to those that were seen before it; `place` is where it is.
    ///
    /// # Errors
    /// Its list is gone.
    pub(crate) fn repetition(
        &self,
        seen: &mut SeenRules,
        draft: &Draft,
        place: u32,
    ) -> Result<Repetition, ChangeError> {
        let list = self.list_with(draft.rule.list)?;
        Ok(seen.add(&RuleIdentity::of(&draft.rule, list), place))
    }

    /// A rule that is kept without settings of its own that have no effect, unless this change
    /// makes its list one of the other kind.
    pub(crate) fn as_in_force(&self, row: RuleRow) -> RuleRow {
        let before = self.names.list(row.list).map(|list| &list.list);
        match before.zip(self.list_of(row.list)) {
            Some((before, list)) if before.kind == list.kind => {
                rows::without_contradictions(row, list)
            }
            _ => row,
        }
    }

    /// Takes settings away from a list's rules that contradict the kind of the list.
    ///
    /// # Errors
    /// The database refused.
    fn drop_contradictions(&mut self, list: &List) -> Result<(), ChangeError> {
        let filter = RuleFilter {
            list: Some(list.id),
            ..RuleFilter::default()
        };
        let mut found = Vec::new();
        self.store.for_each_rule(&filter, |before: RuleRow| {
            let after = rows::without_contradictions(before.clone(), list);
            if after != before {
                found.push((before, after));
            }
            Ok::<(), ChangeError>(())
        })?;
        for (before, after) in found {
            self.put_rule(Some(&before), &after)?;
        }
        Ok(())
    }

    /// Adds rules; they get their ids here.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn add_rules(
        &mut self,
        drafts: Vec<Draft>,
        origin: &str,
    ) -> Result<Vec<RuleRow>, StoreError> {
        let mut id = self.store.rule_ids(drafts.len() as u64)?;
        let mut added = Vec::with_capacity(drafts.len());
        for mut draft in drafts {
            draft.rule.id = id;
            id.0 += 1;
            let row = rows::row(&draft, self.number(), origin);
            self.added.add(key(&row, &draft.rule));
            self.mutations.push(Mutation::PutRule(draft.rule));
            added.push(row);
        }
        self.store.add(&added)?;
        Ok(added)
    }

    /// Takes back rules that this change has added.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn withdraw(&mut self, ids: &HashSet<RuleId>) -> Result<(), ChangeError> {
        for id in ids {
            let row = self.rule(*id)?;
            self.removed.add(key(&row, &rows::rule(&row)?));
        }
        self.store.withdraw::<RuleRow>(ids)?;
        self.mutations.retain(
            |mutation| !matches!(mutation, Mutation::PutRule(rule) if ids.contains(&rule.id)),
        );
        Ok(())
    }

    /// What it does to the rules.
    pub(crate) fn mutations(&self) -> &[Mutation] {
        &self.mutations
    }

    /// What there is to say of this change.
    pub(crate) fn lint(&self, changes: &Changes) -> Vec<Finding> {
        changes.lint(&changes.rules.in_force.read(), &self.mutations)
    }

    /// What there is to say of this change, so that it is not asked again.
    pub(crate) fn set_findings(&mut self, findings: Vec<Finding>) {
        self.findings = Some(findings);
    }

    /// Puts a rule in place of what it was; of nothing if it was removed before.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn put_rule(
        &mut self,
        before: Option<&RuleRow>,
        after: &RuleRow,
    ) -> Result<(), StoreError> {
        if before == Some(after) {
            return Ok(());
        }
        if let Some(before) = before {
            self.removed.add(key(before, &rows::rule(before)?));
        }
        let rule = rows::rule(after)?;
        self.added.add(key(after, &rule));
        self.store.put([after])?;
        self.mutations.push(Mutation::PutRule(rule));
        Ok(())
    }

    /// Removes rules.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn remove_rules(&mut self, before: &[RuleRow]) -> Result<(), StoreError> {
        for row in before {
            self.removed.add(key(row, &rows::rule(row)?));
            self.mutations.push(Mutation::RemoveRule(row.id));
        }
        self.store
            .remove::<RuleRow>(before.iter().map(|row| &row.id))
    }

    /// Adds a list, or puts it in place of the one with its id.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn put_list(&mut self, row: &ListRow) -> Result<(), StoreError> {
        self.store.put([row])?;
        let named = NamedList::from(row.clone());
        self.mutations.push(Mutation::PutList(named.list.clone()));
        self.lists.insert(row.id, Some(named));
        self.name_edits.push(NameEdit::PutList(row.clone()));
        Ok(())
    }

    fn remove_list_row(&mut self, id: ListId) -> Result<(), StoreError> {
        self.store.remove::<ListRow>([&id])?;
        self.mutations.push(Mutation::RemoveList(id));
        self.lists.insert(id, None);
        self.name_edits.push(NameEdit::RemoveList(id));
        Ok(())
    }

    /// Adds a scope.
    ///
    /// # Errors
    /// The database refused, or the name is not canonical.
    pub(crate) fn add_scope(
        &mut self,
        name: String,
        policy: DefaultPolicy,
        comment: String,
    ) -> Result<ScopeRow, StoreError> {
        let row = ScopeRow {
            id: self.store.scope_id()?,
            made: self.number(),
            name,
            policy,
            comment,
        };
        self.put_scope(&row)?;
        Ok(row)
    }

    /// Puts a scope in place of the one with its id.
    ///
    /// # Errors
    /// The database refused, or the name is not canonical.
    pub(crate) fn put_scope(&mut self, row: &ScopeRow) -> Result<(), StoreError> {
        let record = record(row).map_err(|refusal| StoreError::BadRecord {
            what: format!("scope {}", row.id),
            reason: refusal.to_string(),
        })?;
        self.store.put([row])?;
        self.scopes.insert(row.name.clone(), row.id);
        self.mutations.push(Mutation::PutScope(record));
        self.name_edits.push(NameEdit::PutScope(row.clone()));
        Ok(())
    }

    /// Removes a scope's row, and its PIN with it.
    fn remove_scope_row(&mut self, id: ScopeId) -> Result<(), StoreError> {
        self.store.remove_pin(id)?;
        self.store.remove::<ScopeRow>([&id])?;
        self.mutations.push(Mutation::RemoveScope(id));
        self.name_edits.push(NameEdit::RemoveScope(id));
        Ok(())
    }

    /// Adds a number to an account or group.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn add_member(&mut self, row: &MemberRow) -> Result<(), StoreError> {
        self.store.put([row])?;
        self.mutations.push(Mutation::AddMember(rows::member(row)?));
        Ok(())
    }

    /// Takes a number out of an account or group.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn remove_member(&mut self, row: &MemberRow) -> Result<(), StoreError> {
        self.store.remove::<MemberRow>([row])?;
        self.mutations
            .push(Mutation::RemoveMember(rows::member(row)?));
        Ok(())
    }
}

/// What a rule is counted by.
fn key(row: &RuleRow, rule: &Rule) -> CountKey {
    CountKey::of(row, rule.pattern.is_decided_in_kernel().is_ok())
}

#[cfg(test)]
mod tests;
