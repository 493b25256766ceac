//! Back to what a generation was, and the undoing of one generation alone: changes like any other,
//! with a generation of their own.

use super::{Author, Change, ChangeError, ChangeOptions, Changed, Changes};
use crate::daemon::rows;
use blacklist_model::Refusal;
use blacklist_store::rules::{
    ChangeKind, Difference, FeedRow, GenerationRow, ListRow, MemberRow, Reading as _, RuleRow,
    ScopeRow,
};

/// What a step back did.
#[derive(Clone, Debug)]
pub(crate) struct Undone {
    /// The generation it leads back to, or that was undone.
    pub(crate) generation: GenerationRow,
    /// Rules that are back.
    pub(crate) added: u64,
    /// Rules that are as they were.
    pub(crate) changed: u64,
    /// Rules that are gone.
    pub(crate) removed: u64,
}

fn no_generation(number: u64) -> Refusal {
    Refusal::Unknown(format!(
        "there is no generation {number}: see `blacklistd history`"
    ))
}

impl Changes {
    /// Makes everything as it was in a generation.
    ///
    /// # Errors
    /// There is no such generation, or what it was is refused; nothing is changed.
    pub(crate) fn roll_back(
        &self,
        number: u64,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<Undone>, ChangeError> {
        self.make(ChangeKind::Rollback, author, options, |change| {
            let generation = change.generation(number)?;
            let head = change.store.head()?;
            let mut undone = Undone::of(generation);
            change.step(head, number, &mut undone)?;
            Ok((undone, format!("back to generation {number}")))
        })
    }

    /// Takes back what an import did: the rules that it added go, also those that were changed since.
    ///
    /// # Errors
    /// There is no such import.
    pub(crate) fn undo_import(
        &self,
        number: u64,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<Undone>, ChangeError> {
        self.make(ChangeKind::ImportUndo, author, options, |change| {
            let generation = change.generation(number)?;
            if generation.cause.kind != ChangeKind::Import {
                return Err(Refusal::Invalid(format!(
                    "generation {number} is no import but \"{}\": `blacklistd rollback` leads back to a whole generation",
                    generation.cause.kind.as_str()
                ))
                .into());
            }
            let rules = change.store.made_in(number)?;
            change.remove_rules(&rules)?;
            let undone = Undone {
                removed: rules.len() as u64,
                ..Undone::of(generation)
            };
            let summary = format!("the import of generation {number} was undone");
            Ok((undone, summary))
        })
    }
}

impl Undone {
    pub(super) const fn of(generation: GenerationRow) -> Self {
        Self {
            generation,
            added: 0,
            changed: 0,
            removed: 0,
        }
    }
}

impl Change<'_> {
    pub(super) fn generation(&self, number: u64) -> Result<GenerationRow, ChangeError> {
        Ok(self
            .store
            .generation(number)?
            .ok_or_else(|| no_generation(number))?)
    }

    /// Makes the differences from the present generation to another. What goes comes first, so that
    /// nothing conflicts with what comes back.
    pub(super) fn step(
        &mut self,
        from: u64,
        to: u64,
        undone: &mut Undone,
    ) -> Result<(), ChangeError> {
        let rules = self.store.differences::<RuleRow>(from, to)?;
        self.step_names(from, to)?;
        let is_gone = |difference: &Difference<RuleRow>| difference.after.is_none();
        let (gone, others): (Vec<_>, Vec<_>) = rules.into_iter().partition(is_gone);
        let gone: Vec<RuleRow> = gone
            .into_iter()
            .filter_map(|difference| difference.before)
            .collect();
        undone.removed += gone.len() as u64;
        self.remove_rules(&gone)?;
        for Difference { before, after } in others {
            let Some(after) = after else { continue };
            if before.is_some() {
                undone.changed += 1;
            } else {
                undone.added += 1;
            }
            let after = rows::without_contradictions(after.clone(), self.list_with(after.list)?);
            self.put_rule(before.as_ref(), &after)?;
        }
        self.step_gone(from, to)?;
        self.step_kinds(from, to)
    }

    /// Lists, scopes, members and subscriptions that come back or are as they were.
    fn step_names(&mut self, from: u64, to: u64) -> Result<(), ChangeError> {
        for difference in self.store.differences::<FeedRow>(from, to)? {
            if let Some(row) = difference.before.as_ref().or(difference.after.as_ref()) {
                self.put_feed(&row.name, difference.after.as_ref())?;
            }
        }
        for difference in self.store.differences::<ScopeRow>(from, to)? {
            if let Some(after) = difference.after {
                self.put_scope(&after)?;
            }
        }
        for difference in self.store.differences::<MemberRow>(from, to)? {
            match (difference.before, difference.after) {
                (Some(before), None) => self.remove_member(&before)?,
                (_, Some(after)) => self.add_member(&after)?,
                (None, None) => {}
            }
        }
        for difference in self.store.differences::<ListRow>(from, to)? {
            if let Some(after) = difference.after {
                self.put_list(&after)?;
            }
        }
        Ok(())
    }

    /// Takes settings away that contradict the kind that a list has again: an earlier version left
    /// them where they had no effect.
    fn step_kinds(&mut self, from: u64, to: u64) -> Result<(), ChangeError> {
        for difference in self.store.differences::<ListRow>(from, to)? {
            if let (Some(before), Some(after)) = (difference.before, difference.after)
                && before.kind != after.kind
            {
                self.drop_contradictions(&rows::list(&after))?;
            }
        }
        Ok(())
    }

    /// Lists and scopes that go, once no rule names them.
    fn step_gone(&mut self, from: u64, to: u64) -> Result<(), ChangeError> {
        for difference in self.store.differences::<ListRow>(from, to)? {
            if let (Some(before), None) = (difference.before, difference.after) {
                self.remove_list_row(before.id)?;
            }
        }
        for difference in self.store.differences::<ScopeRow>(from, to)? {
            if let (Some(before), None) = (difference.before, difference.after) {
                self.remove_scope_row(before.id)?;
            }
        }
        Ok(())
    }
}
