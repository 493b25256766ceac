//! Changes of scopes and of who belongs to them.

use std::collections::BTreeSet;

use super::{Author, Change, ChangeError, ChangeOptions, Changed, Changes};
use blacklist_model::{
    Refusal, ScopeEdit, ScopeId, ScopeName, ScopeSpec, count, judge_comment, no_scope, read_number,
};
use blacklist_store::rules::{
    ChangeKind, ListRow, MemberRow, Reading as _, RuleFilter, ScopeFilter, ScopeRow,
};

impl Changes {
    /// Adds a scope with its members.
    ///
    /// # Errors
    /// It is refused; nothing is changed.
    pub(crate) fn add_scope(
        &self,
        spec: &ScopeSpec,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<ScopeRow>, ChangeError> {
        self.make(ChangeKind::ScopeAdd, author, options, |change| {
            let row = change.add_scope_of(spec)?;
            let summary = format!("scope {} was added", row.name);
            Ok((row, summary))
        })
    }

    /// Changes a scope.
    ///
    /// # Errors
    /// There is no such scope, or the change is refused; nothing is changed.
    pub(crate) fn edit_scope(
        &self,
        name: &str,
        edit: &ScopeEdit,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<ScopeRow>, ChangeError> {
        self.make(ChangeKind::ScopeEdit, author, options, |change| {
            let before = change.scope_row(name)?;
            let after = edited(&before, edit)?;
            if after != before {
                change.put_scope(&after)?;
            }
            let summary = format!("scope {} was changed", after.name);
            Ok((after, summary))
        })
    }

    /// Removes a scope, and its members with it.
    ///
    /// # Errors
    /// There is no such scope, or rules or lists name it.
    pub(crate) fn remove_scope(
        &self,
        name: &str,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<ScopeRow>, ChangeError> {
        self.make(ChangeKind::ScopeRemove, author, options, |change| {
            let row = change.scope_row(name)?;
            change.remove_scope(&row)?;
            let summary = format!("scope {} was removed", row.name);
            Ok((row, summary))
        })
    }

    /// Adds numbers to an account or group, or takes them out. Returns the scope and the numbers
    /// that were not, or were, in it before.
    ///
    /// # Errors
    /// There is no such scope, it has no members, or a number is refused.
    pub(crate) fn change_members(
        &self,
        name: &str,
        numbers: &[String],
        dial_plan: Option<&str>,
        belong: bool,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<(ScopeRow, Vec<String>)>, ChangeError> {
        let kind = if belong {
            ChangeKind::ScopeMemberAdd
        } else {
            ChangeKind::ScopeMemberRemove
        };
        self.make(kind, author, options, |change| {
            let scope = change.scope_row(name)?;
            let numbers = change.numbers(numbers, dial_plan)?;
            let changed = change.set_members(&scope, &numbers, belong)?;
            let verb = if belong { "added to" } else { "removed from" };
            let summary = format!("{} {verb} {}", count(changed.len(), "number"), scope.name);
            Ok(((scope, changed), summary))
        })
    }
}

/// A scope with an operator's changes.
///
/// # Errors
/// They are refused.
pub(crate) fn edited(before: &ScopeRow, edit: &ScopeEdit) -> Result<ScopeRow, Refusal> {
    let mut row = before.clone();
    row.policy = edit.policy.unwrap_or(row.policy);
    if let Some(comment) = &edit.comment {
        row.comment = judge_comment(comment)?.into();
    }
    Ok(row)
}

impl Change<'_> {
    /// A scope by its name; a number in any spelling of the default dial plan.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn scope_row(&self, name: &str) -> Result<ScopeRow, ChangeError> {
        let configuration = self.configuration();
        let (_, plan) = configuration.dial_plans().find(None)?;
        let text = ScopeName::parse(name, &plan)?.to_string();
        let id = self.scope_id(&text).ok_or_else(|| no_scope(&text))?;
        Ok(self.store.get(&id)?.ok_or_else(|| no_scope(&text))?)
    }

    /// Adds a scope with its members.
    ///
    /// # Errors
    /// It is there already, or a number is refused.
    pub(crate) fn add_scope_of(&mut self, spec: &ScopeSpec) -> Result<ScopeRow, ChangeError> {
        let configuration = self.configuration();
        let (_, plan) = configuration.dial_plans().find(spec.dial_plan.as_deref())?;
        let name = ScopeName::parse(&spec.name, &plan)?;
        let text = name.to_string();
        if self.scope_id(&text).is_some() {
            return Err(Refusal::Conflict(format!(
                "there is a scope {text} already: change it with `blacklistd scope edit {text}`"
            ))
            .into());
        }
        let comment = judge_comment(&spec.comment)?.into();
        let row = self.add_scope(text, spec.policy, comment)?;
        let members = self.numbers(&spec.members, spec.dial_plan.as_deref())?;
        self.set_members(&row, &members, true)?;
        Ok(row)
    }

    /// Numbers in their canonical spelling, without repetitions.
    ///
    /// # Errors
    /// One is none.
    pub(crate) fn numbers(
        &self,
        written: &[String],
        dial_plan: Option<&str>,
    ) -> Result<BTreeSet<String>, ChangeError> {
        let configuration = self.configuration();
        let (_, plan) = configuration.dial_plans().find(dial_plan)?;
        let mut numbers = BTreeSet::new();
        for text in written {
            let (number, _) = read_number(text, &plan, "member")?;
            numbers.insert(number.into());
        }
        Ok(numbers)
    }

    /// Makes numbers belong to a scope, or not. Returns those of which that was not so before.
    ///
    /// # Errors
    /// The scope has no members, or a number belongs to too many.
    pub(crate) fn set_members(
        &mut self,
        scope: &ScopeRow,
        numbers: &BTreeSet<String>,
        belong: bool,
    ) -> Result<Vec<String>, ChangeError> {
        let takes = scope.name.starts_with("account:") || scope.name.starts_with("group:");
        if !takes && !numbers.is_empty() {
            return Err(Refusal::Invalid(format!(
                "{} has no members: numbers belong to accounts and groups",
                scope.name
            ))
            .into());
        }
        let mut changed = Vec::new();
        for number in numbers {
            let row = MemberRow {
                scope: scope.id,
                number: number.clone(),
            };
            let is_there = self.store.get::<MemberRow>(&row)?.is_some();
            if is_there == belong {
                continue;
            }
            if belong {
                self.add_member(&row)?;
            } else {
                self.remove_member(&row)?;
            }
            changed.push(number.clone());
        }
        Ok(changed)
    }

    /// Removes a scope, and its members with it.
    ///
    /// # Errors
    /// It is the global one, or rules or lists name it.
    pub(crate) fn remove_scope(&mut self, scope: &ScopeRow) -> Result<(), ChangeError> {
        let name = &scope.name;
        if scope.id == ScopeId::GLOBAL {
            return Err(Refusal::Invalid(
                "the global scope cannot be removed: every call is in it".to_owned(),
            )
            .into());
        }
        let lists: Vec<String> = self
            .store
            .all::<ListRow>()?
            .into_iter()
            .filter(|list| list.scopes.contains(&scope.id))
            .map(|list| list.name)
            .collect();
        if !lists.is_empty() {
            return Err(Refusal::Conflict(format!(
                "scope {name} has lists assigned to it ({}): `blacklistd list unassign LIST {name}` takes one off",
                lists.join(", ")
            ))
            .into());
        }
        let rules = self.store.count(&RuleFilter {
            scope: Some(ScopeFilter {
                scope: scope.id,
                lists: Vec::new(),
            }),
            ..RuleFilter::default()
        })?;
        if rules > 0 {
            return Err(Refusal::Conflict(format!(
                "scope {name} has {} of its own: remove or move them first (`blacklistd rule list --scope {name}`)",
                count(rules, "rule")
            ))
            .into());
        }
        for member in self.store.members(scope.id)? {
            self.remove_member(&member)?;
        }
        self.remove_scope_row(scope.id)?;
        Ok(())
    }
}
