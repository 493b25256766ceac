//! The declarative file: what differs between it and what is there becomes one generation.
//!
//! A file owns each list that it names, in `[[list]]` or in a rule: rules of these lists that it
//! does not have are removed, whoever made them. Of lists that it does not name it touches only
//! rules that an earlier file made. Lists, accounts and groups that an earlier file made and this
//! one does not name go once nothing is left of them.

use std::collections::{BTreeSet, HashMap};

use super::change::{Author, Change, ChangeError, ChangeOptions, Changed, Changes};
use super::rows;
use blacklist_engine::Severity;
use blacklist_lists::exchange::{Placed, RulesFile};
use blacklist_model::{
    Draft, ListEdit, ListId, ListSpec, Names as _, Override, Repetition, RuleId, RuleIdentity,
    ScopeEdit, ScopeName, ScopeSpec, SeenRules,
};
use blacklist_store::rules::{
    ChangeKind, ListRow, Reading as _, RuleFilter, RuleRow, ScopeRow, StoreChange,
};

/// The origin of rules that a file has made.
const ORIGIN: &str = "apply";

/// Rules that differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) added: u64,
    pub(crate) changed: u64,
    pub(crate) removed: u64,
    pub(crate) unchanged: u64,
}

/// Makes the rules what a file says, by its name and text. `observe` looks at the change before it is
/// made.
///
/// # Errors
/// The file has mistakes, or the change is refused; nothing is changed.
pub(crate) fn apply<T>(
    changes: &Changes,
    file: (&str, &str),
    author: &Author,
    options: ChangeOptions,
    observe: impl FnOnce(&StoreChange<'_>, u64, u64) -> Result<T, ChangeError>,
) -> Result<Changed<(Applied, T)>, ChangeError> {
    apply_and_look(changes, file, author, options, |change| {
        observe(change.store(), change.number() - 1, change.number())
    })
}

/// As [`apply`], with a look at the whole change.
pub(super) fn apply_and_look<T>(
    changes: &Changes,
    (name, text): (&str, &str),
    author: &Author,
    options: ChangeOptions,
    look: impl FnOnce(&Change<'_>) -> Result<T, ChangeError>,
) -> Result<Changed<(Applied, T)>, ChangeError> {
    let file = RulesFile::read(text).map_err(|problems| {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| format!("{name}:{}: {}", problem.line, problem.text))
            .collect();
        ChangeError::Input(lines.join("\n"))
    })?;
    changes.make(ChangeKind::Apply, author, options, |change| {
        let application = Application { name, file: &file };
        let mut lines = HashMap::new();
        let applied = application.make(change, &mut lines)?;
        application.lint(change, &lines, changes)?;
        let seen = look(change)?;
        Ok(((applied, seen), format!("{name} was applied")))
    })
}

/// A rule of the file with its line, until it is found.
type Wanted = Option<(usize, Draft)>;

pub(super) struct Application<'f> {
    pub(super) name: &'f str,
    pub(super) file: &'f RulesFile,
}

/// An error with the line of the file that led to it.
fn at(name: &str, line: usize, error: ChangeError) -> ChangeError {
    match error {
        ChangeError::Refused(refusal) => ChangeError::Input(format!("{name}:{line}: {refusal}")),
        other => other,
    }
}

impl Application<'_> {
    /// Makes the change; `lines` are those of the rules that it puts.
    pub(super) fn make(
        &self,
        change: &mut Change<'_>,
        lines: &mut HashMap<RuleId, usize>,
    ) -> Result<Applied, ChangeError> {
        for Placed { line, value } in &self.file.scopes {
            scope(change, value).map_err(|error| at(self.name, *line, error))?;
        }
        for Placed { line, value } in &self.file.lists {
            list(change, value).map_err(|error| at(self.name, *line, error))?;
        }
        let applied = self.rules(change, lines)?;
        self.remove_unnamed(change)?;
        Ok(applied)
    }

    /// Judges the change, so that a rule that is refused is named by its line.
    fn lint(
        &self,
        change: &mut Change<'_>,
        lines: &HashMap<RuleId, usize>,
        changes: &Changes,
    ) -> Result<(), ChangeError> {
        let findings = change.lint(changes);
        let refusals = findings
            .iter()
            .filter(|finding| finding.severity == Severity::Refuse);
        // One without a line is reported as those of every other change are.
        let refused: Option<Vec<(usize, &str)>> = refusals
            .map(|finding| {
                let line = lines.get(&finding.rule?)?;
                Some((*line, finding.sentence.as_str()))
            })
            .collect();
        let mut refused = refused.unwrap_or_default();
        if refused.is_empty() {
            change.set_findings(findings);
            return Ok(());
        }
        refused.sort_unstable();
        let sentences: Vec<String> = refused
            .iter()
            .map(|(line, sentence)| format!("{}:{line}: {sentence}", self.name))
            .collect();
        Err(ChangeError::Input(sentences.join("\n")))
    }

    /// Names of the lists that the file owns.
    fn owned(&self) -> BTreeSet<&str> {
        let lists = self.file.lists.iter().map(|list| list.value.name.as_str());
        let rules = self.file.rules.iter().map(|rule| rule.value.list.as_str());
        lists.chain(rules).collect()
    }

    fn rules(
        &self,
        change: &mut Change<'_>,
        lines: &mut HashMap<RuleId, usize>,
    ) -> Result<Applied, ChangeError> {
        let (seen, mut wanted) = self.wanted(change)?;
        let mut applied = Applied::default();
        let mut kept = Vec::new();
        let mut gone = Vec::new();
        for row in self.present(change)? {
            let rule = rows::rule(&row)?;
            let place = seen.find(&RuleIdentity::of(&rule, change.list_with(row.list)?));
            let place = place.and_then(|place| wanted.get_mut(place as usize));
            match place.and_then(Option::take) {
                Some((line, draft)) => {
                    lines.insert(row.id, line);
                    kept.push((row, draft));
                }
                None => gone.push(row),
            }
        }
        // What goes makes room for what comes.
        change.remove_rules(&gone)?;
        applied.removed = gone.len() as u64;
        for (row, mut draft) in kept {
            draft.rule.id = row.id;
            let after = rows::row(&draft, row.made, &row.origin);
            if after == change.as_in_force(row.clone()) {
                applied.unchanged += 1;
            } else {
                change.put_rule(Some(&row), &after)?;
                applied.changed += 1;
            }
        }
        let (places, drafts): (Vec<usize>, Vec<Draft>) = wanted.into_iter().flatten().unzip();
        applied.added = drafts.len() as u64;
        let rows = change.add_rules(drafts, ORIGIN)?;
        lines.extend(rows.iter().map(|row| row.id).zip(places));
        Ok(applied)
    }

    /// The rules of the file with their lines, and where among them each is.
    fn wanted(&self, change: &mut Change<'_>) -> Result<(SeenRules, Vec<Wanted>), ChangeError> {
        let mut seen = SeenRules::default();
        let mut wanted: Vec<Wanted> = Vec::with_capacity(self.file.rules.len());
        for (place, Placed { line, value }) in (0..).zip(&self.file.rules) {
            let draft = change
                .draft(value)
                .map_err(|error| at(self.name, *line, error))?;
            let (first, what) = match change.repetition(&mut seen, &draft, place)? {
                Repetition::New => {
                    wanted.push(Some((*line, draft)));
                    continue;
                }
                Repetition::Covered(first) => (first, "; write it once"),
                Repetition::Overlaps(first) => (
                    first,
                    " for calls of one direction; write one rule for both",
                ),
            };
            let first = wanted.get(first as usize).and_then(Option::as_ref);
            let first = first.map_or(0, |(line, _)| *line);
            return Err(ChangeError::Input(format!(
                "{}:{line}: the rule {} is already on line {first}{what}",
                self.name, value.pattern
            )));
        }
        Ok((seen, wanted))
    }

    /// The rules that the file decides about.
    fn present(&self, change: &Change<'_>) -> Result<Vec<RuleRow>, ChangeError> {
        let mut rows = Vec::new();
        let mut owned = BTreeSet::new();
        for name in self.owned() {
            // One that is not there has been added above, or is refused with its rule.
            let Some(id) = change.list(name).map(|list| list.id) else {
                continue;
            };
            owned.insert(id);
            rows.extend(change.rules_of(&RuleFilter {
                list: Some(id),
                ..RuleFilter::default()
            })?);
        }
        let made = change.rules_of(&RuleFilter {
            origin: Some(ORIGIN.to_owned()),
            ..RuleFilter::default()
        })?;
        rows.extend(made.into_iter().filter(|row| !owned.contains(&row.list)));
        Ok(rows)
    }

    /// Lists, accounts and groups that an earlier file made, this one does not name, and nothing
    /// is left of.
    fn remove_unnamed(&self, change: &mut Change<'_>) -> Result<(), ChangeError> {
        let owned = self.owned();
        for row in change.store().all::<ListRow>()? {
            let named = row.id == ListId::DEFAULT || owned.contains(row.name.as_str());
            if !named && change.was_applied(row.made)? && change.is_empty(row.id)? {
                change.remove_list(&row, false)?;
            }
        }
        for row in change.store().all::<ScopeRow>()? {
            let named = self
                .file
                .scopes
                .iter()
                .any(|scope| scope.value.name == row.name);
            let has_table = row.name.starts_with("account:") || row.name.starts_with("group:");
            if !named && has_table && change.was_applied(row.made)? {
                match change.remove_scope(&row) {
                    // Something of somebody else names it.
                    Ok(()) | Err(ChangeError::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}

/// Makes a scope what the file says, its members included.
fn scope(change: &mut Change<'_>, spec: &ScopeSpec) -> Result<(), ChangeError> {
    let configuration = change.configuration();
    let (_, plan) = configuration.dial_plans().find(spec.dial_plan.as_deref())?;
    let name = ScopeName::parse(&spec.name, &plan)?.to_string();
    if change.scope_id(&name).is_none() {
        change.add_scope_of(spec)?;
        return Ok(());
    }
    let before = change.scope_row(&name)?;
    let edit = ScopeEdit {
        policy: Some(spec.policy),
        comment: Some(spec.comment.clone()),
    };
    let after = super::change::edited_scope(&before, &edit)?;
    if after != before {
        change.put_scope(&after)?;
    }
    let wanted = change.numbers(&spec.members, spec.dial_plan.as_deref())?;
    let members = change.store().members(before.id)?;
    let present: BTreeSet<String> = members.into_iter().map(|member| member.number).collect();
    let gone = present.difference(&wanted).cloned().collect();
    change.set_members(&before, &gone, false)?;
    change.set_members(&before, &wanted, true)?;
    Ok(())
}

/// Makes a list what the file says.
fn list(change: &mut Change<'_>, spec: &ListSpec) -> Result<(), ChangeError> {
    if change.list(&spec.name).is_none() {
        change.add_list(spec)?;
        return Ok(());
    }
    let before = change.list_row(&spec.name)?;
    let edit = ListEdit {
        name: None,
        kind: Some(spec.kind),
        direction: Some(spec.direction),
        action: match spec.action {
            Some(action) => Override::Set(action),
            None => Override::Inherit,
        },
        mandatory: Some(spec.mandatory),
        enabled: Some(spec.enabled),
        scopes: Some(spec.scopes.clone()),
        comment: Some(spec.comment.clone()),
    };
    let after = change.edited_list(&before, &edit)?;
    change.replace_list(&before, &after)
}

impl Change<'_> {
    /// Whether something was made by `apply`.
    fn was_applied(&self, made: u64) -> Result<bool, ChangeError> {
        let generation = self.store().generation(made)?;
        Ok(generation.is_some_and(|generation| generation.cause.kind == ChangeKind::Apply))
    }

    fn is_empty(&self, list: ListId) -> Result<bool, ChangeError> {
        let count = self.store().count(&RuleFilter {
            list: Some(list),
            ..RuleFilter::default()
        })?;
        Ok(count == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use blacklist_model::DEFAULT_LIST;

    #[test]
    fn a_file_owns_what_it_names() {
        let file = RulesFile::read(
            "[[list]]\nname = \"spam\"\n[[rule]]\npattern = \"+1415*\"\n[[rule]]\npattern = \"+1416*\"\nlist = \"spam\"\n",
        )
        .unwrap();
        let application = Application {
            name: "rules.toml",
            file: &file,
        };
        let owned: Vec<&str> = application.owned().into_iter().collect();
        assert_eq!(owned, [DEFAULT_LIST, "spam"]);
    }
}
