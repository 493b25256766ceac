//! Changes of rules.

use super::{Author, Change, ChangeError, ChangeOptions, Changed, Changes};
use crate::daemon::names::some_ids;
use crate::daemon::rows;
use blacklist_model::{Draft, Refusal, Repetition, RuleEdit, RuleId, RuleSpec, SeenRules, count};
use blacklist_store::rules::{ChangeKind, ORIGIN_MANUAL, RuleRow};

impl Changes {
    /// Adds rules, as one generation.
    ///
    /// # Errors
    /// One is refused; nothing is changed.
    pub(crate) fn add_rules(
        &self,
        specs: &[RuleSpec],
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<Vec<RuleRow>>, ChangeError> {
        self.make(ChangeKind::RuleAdd, author, options, |change| {
            let mut drafts = Vec::with_capacity(specs.len());
            let mut seen = SeenRules::default();
            for spec in specs {
                let draft = change.draft(spec)?;
                if change.repetition(&mut seen, &draft, 0)? != Repetition::New {
                    return Err(Refusal::Conflict(format!(
                        "duplicate: {} is asked for twice; name it once",
                        draft.rule.pattern
                    ))
                    .into());
                }
                drafts.push(draft);
            }
            let rows = change.add_rules(drafts, ORIGIN_MANUAL)?;
            let summary = match rows.as_slice() {
                [row] => format!("rule {} was added: {}", row.id, row.written),
                rows => format!("{} were added", rules_text(rows)),
            };
            Ok((rows, summary))
        })
    }

    /// Changes rules in the same way, as one generation.
    ///
    /// # Errors
    /// There is no such rule, or the change is refused; nothing is changed.
    pub(crate) fn edit_rules(
        &self,
        kind: ChangeKind,
        ids: &[RuleId],
        edit: &RuleEdit,
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<Vec<RuleRow>>, ChangeError> {
        self.make(kind, author, options, |change| {
            let configuration = change.configuration();
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                let before = change.rule(*id)?;
                let edited = rows::draft(&before)?.edited(edit, configuration.dial_plans(), change);
                let draft = change.read(edited)?;
                let after = rows::row(&draft, before.made, &before.origin);
                change.put_rule(Some(&before), &after)?;
                rows.push(after);
            }
            let verb = match kind {
                ChangeKind::RuleEnable => "enabled",
                ChangeKind::RuleDisable => "disabled",
                _ => "changed",
            };
            let summary = match rows.as_slice() {
                [row] => format!("rule {} was {verb}: {}", row.id, row.written),
                rows => format!("{} were {verb}", rules_text(rows)),
            };
            Ok((rows, summary))
        })
    }

    /// Removes rules, as one generation.
    ///
    /// # Errors
    /// There is no such rule, or the kernel or the store refused; nothing is changed.
    pub(crate) fn remove_rules(
        &self,
        ids: &[RuleId],
        author: &Author,
        options: ChangeOptions,
    ) -> Result<Changed<Vec<RuleRow>>, ChangeError> {
        self.make(ChangeKind::RuleRemove, author, options, |change| {
            let mut rows = Vec::with_capacity(ids.len());
            for id in ids {
                rows.push(change.rule(*id)?);
            }
            change.remove_rules(&rows)?;
            let summary = match rows.as_slice() {
                [row] => format!("rule {} was removed: {}", row.id, row.written),
                rows => format!("{} were removed", rules_text(rows)),
            };
            Ok((rows, summary))
        })
    }
}

impl Change<'_> {
    /// Reads a rule as it is asked for.
    ///
    /// # Errors
    /// It could never match, or names what is not there.
    pub(crate) fn draft(&mut self, spec: &RuleSpec) -> Result<Draft, ChangeError> {
        let configuration = self.configuration();
        let draft = Draft::from_spec(spec, configuration.dial_plans(), self);
        self.read(draft)
    }
}

fn rules_text(rows: &[RuleRow]) -> String {
    let ids: Vec<RuleId> = rows.iter().map(|row| row.id).collect();
    format!("{} ({})", count(rows.len(), "rule"), some_ids(&ids))
}
