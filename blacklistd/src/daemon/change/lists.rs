//! Changes of lists.

use super::{Author, Change, ChangeError, ChangeOptions, Changed, Changes};
use crate::daemon::rows;
use blacklist_model::{
    ListEdit, ListId, ListSpec, Names as _, Refusal, ScopeId, count, judge_comment,
    judge_kind_and_action, judge_name, no_list, read_scopes,
};
use blacklist_store::rules::{ChangeKind, ListRow, Reading as _, RuleFilter};

/// What a list is removed with.
#[derive(Clone, Debug)]
pub(crate) struct RemovedList {
    /// The list.
    pub(crate) list: ListRow,
    /// How many rules went with it.
    pub(crate) rules: u64,
}

impl Changes {
    /// Adds a list.
    ///
    /// # Errors
    /// It is refused; nothing is changed.
    pub(crate) fn add_list(
        &self,
        spec: &ListSpec,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<ListRow>, ChangeError> {
        self.make(ChangeKind::ListAdd, author, options, |change| {
            let row = change.add_list(spec)?;
            let summary = format!("list {} was added", row.name);
            Ok((row, summary))
        })
    }

    /// Changes a list.
    ///
    /// # Errors
    /// There is no such list, or the change is refused; nothing is changed.
    pub(crate) fn edit_list(
        &self,
        kind: ChangeKind,
        name: &str,
        edit: impl FnOnce(&ListRow, &mut Change<'_>) -> Result<ListEdit, ChangeError>,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<ListRow>, ChangeError> {
        self.make(kind, author, options, |change| {
            let before = change.list_row(name)?;
            let edit = edit(&before, change)?;
            let after = change.edited_list(&before, &edit)?;
            change.replace_list(&before, &after)?;
            let summary = format!("list {name} was changed");
            Ok((after, summary))
        })
    }

    /// Assigns a list to scopes, or takes it off them.
    ///
    /// # Errors
    /// There is no such list or scope, or it is refused.
    pub(crate) fn assign_list(
        &self,
        name: &str,
        scopes: &[String],
        assigned: bool,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<ListRow>, ChangeError> {
        let kind = if assigned {
            ChangeKind::ListAssign
        } else {
            ChangeKind::ListUnassign
        };
        self.make(kind, author, options, |change| {
            let before = change.list_row(name)?;
            let named = change.list_scopes(scopes)?;
            let mut after = before.clone();
            after.scopes.retain(|scope| !named.contains(scope));
            if assigned {
                after.scopes.extend(named);
                after.scopes.sort_unstable();
            } else if after.scopes.len() == before.scopes.len() {
                return Err(Refusal::Unknown(format!(
                    "list {name} is not assigned to {}: `blacklistd list show {name}` says to what it is",
                    scopes.join(", ")
                ))
                .into());
            }
            change.replace_list(&before, &after)?;
            let verb = if assigned { "assigned to" } else { "taken off" };
            Ok((after, format!("list {name} was {verb} {}", scopes.join(", "))))
        })
    }

    /// Removes a list.
    ///
    /// # Errors
    /// There is no such list, or it has rules and they were not asked to go with it.
    pub(crate) fn remove_list(
        &self,
        name: &str,
        with_rules: bool,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<RemovedList>, ChangeError> {
        self.make(ChangeKind::ListRemove, author, options, |change| {
            let list = change.list_row(name)?;
            let rules = change.remove_list(&list, with_rules)?;
            let summary = match rules {
                0 => format!("list {name} was removed"),
                rules => format!("list {name} was removed with {}", count(rules, "rule")),
            };
            Ok((RemovedList { list, rules }, summary))
        })
    }
}

impl Change<'_> {
    /// A list by its name.
    ///
    /// # Errors
    /// There is none.
    pub(crate) fn list_row(&self, name: &str) -> Result<ListRow, ChangeError> {
        let id = self.list(name).ok_or_else(|| no_list(name))?.id;
        Ok(self.store.get(&id)?.ok_or_else(|| no_list(name))?)
    }

    /// Adds a list.
    ///
    /// # Errors
    /// It is refused.
    pub(crate) fn add_list(&mut self, spec: &ListSpec) -> Result<ListRow, ChangeError> {
        judge_name(&spec.name, "a list")?;
        if self.list(&spec.name).is_some() {
            return Err(taken(&spec.name).into());
        }
        let row = ListRow {
            id: self.store.list_id()?,
            made: self.number(),
            name: spec.name.clone(),
            kind: spec.kind,
            direction: spec.direction,
            action: spec.action,
            mandatory: spec.mandatory,
            enabled: spec.enabled,
            scopes: self.list_scopes(&spec.scopes)?,
            comment: judge_comment(&spec.comment)?.into(),
        };
        judge(&row)?;
        self.put_list(&row)?;
        Ok(row)
    }

    /// A list with an operator's changes.
    ///
    /// # Errors
    /// They are refused.
    pub(crate) fn edited_list(
        &mut self,
        before: &ListRow,
        edit: &ListEdit,
    ) -> Result<ListRow, ChangeError> {
        let mut row = before.clone();
        if let Some(name) = &edit.name
            && *name != before.name
        {
            judge_name(name, "a list")?;
            if before.id == ListId::DEFAULT {
                return Err(Refusal::Invalid(
                    "the list default cannot have another name: add a list and move the rules there"
                        .to_owned(),
                )
                .into());
            }
            if self.list(name).is_some() {
                return Err(taken(name).into());
            }
            row.name.clone_from(name);
        }
        row.kind = edit.kind.unwrap_or(row.kind);
        row.direction = edit.direction.unwrap_or(row.direction);
        row.action = edit.action.over(row.action);
        if row.kind != before.kind && edit.action.is_keep() {
            // The other kind's action would contradict the new one.
            row.action = None;
        }
        row.mandatory = edit.mandatory.unwrap_or(row.mandatory);
        row.enabled = edit.enabled.unwrap_or(row.enabled);
        if let Some(scopes) = &edit.scopes {
            row.scopes = self.list_scopes(scopes)?;
        }
        if let Some(comment) = &edit.comment {
            row.comment = judge_comment(comment)?.into();
        }
        judge(&row)?;
        Ok(row)
    }

    /// Puts a list in place of what it was. Where its kind changes, settings of its rules that have
    /// had no effect with the old one do not come to have one with the new one.
    ///
    /// # Errors
    /// The database refused.
    pub(crate) fn replace_list(
        &mut self,
        before: &ListRow,
        after: &ListRow,
    ) -> Result<(), ChangeError> {
        if after == before {
            return Ok(());
        }
        if after.kind != before.kind {
            self.drop_contradictions(&rows::list(before))?;
        }
        Ok(self.put_list(after)?)
    }

    /// Removes a list and, if they are to go, its rules. Returns how many.
    ///
    /// # Errors
    /// It is the default one, or it has rules that are to stay.
    pub(crate) fn remove_list(
        &mut self,
        list: &ListRow,
        with_rules: bool,
    ) -> Result<u64, ChangeError> {
        let name = &list.name;
        if list.id == ListId::DEFAULT {
            return Err(Refusal::Invalid(
                "the list default cannot be removed: `blacklistd list disable default` switches it off"
                    .to_owned(),
            )
            .into());
        }
        let filter = RuleFilter {
            list: Some(list.id),
            ..RuleFilter::default()
        };
        let held = self.store.count(&filter)?;
        if held > 0 && !with_rules {
            return Err(Refusal::Conflict(format!(
                "list {name} has {}: move them to another list, or remove them with it (--with-rules)",
                count(held, "rule")
            ))
            .into());
        }
        let rules = self.rules_of(&filter)?;
        self.remove_rules(&rules)?;
        self.remove_list_row(list.id)?;
        Ok(held)
    }

    /// Scopes of a list, by name. Numbers are read without a dial plan unless there is a default
    /// one.
    pub(crate) fn list_scopes(&mut self, names: &[String]) -> Result<Vec<ScopeId>, ChangeError> {
        let configuration = self.configuration();
        let (_, plan) = configuration.dial_plans().find(None)?;
        let scopes = read_scopes(names, &plan, self);
        Ok(self.read(scopes)?.to_vec())
    }
}

fn taken(name: &str) -> Refusal {
    Refusal::Conflict(format!(
        "there is a list {name} already: change it with `blacklistd list edit {name}`"
    ))
}

fn judge(row: &ListRow) -> Result<(), Refusal> {
    judge_kind_and_action(row.kind, row.action)?;
    let list = rows::list(row);
    if list.kind == blacklist_model::RuleKind::Allow && list.mandatory {
        return Err(Refusal::Invalid(
            "an allow list cannot be mandatory: that is for block lists, whose rules no allow rule of a narrower scope lifts then".to_owned(),
        ));
    }
    Ok(())
}
