//! The second half of every change: linted, put into the engine and the kernel, committed; taken
//! back wholly if one of them refuses.

use super::{Change, ChangeError, ChangeOptions, Changes, answer_lint};
use crate::daemon::names::{NameEdit, Tally};
use blacklist_engine::{Circumstances, Finding, Mutation, RuleSet, Severity, pinless};
use blacklist_model::RuleId;
use blacklist_store::rules::{GenerationRow, StoreChange};
use blacklist_system::{Moment, clock};
use blacklist_voice::media::prompts::Prompts;

/// Rules that are looked over at once when all are.
const LINTED_AT_ONCE: usize = 10_000;

/// A change that is written and not committed, apart from the names it was read with.
struct Written<'s> {
    store: StoreChange<'s>,
    mutations: Vec<Mutation>,
    name_edits: Vec<NameEdit>,
    added: Tally,
    removed: Tally,
}

impl Changes {
    /// Puts what was built in force and makes it last.
    pub(super) fn finish(
        &self,
        change: Change<'_>,
        summary: &str,
        options: ChangeOptions,
    ) -> Result<(Option<GenerationRow>, Vec<Finding>), ChangeError> {
        let Change {
            store,
            names,
            mutations,
            name_edits,
            added,
            removed,
            findings,
            is_noted,
            ..
        } = change;
        // With no other owner they are edited in place.
        drop(names);
        if mutations.is_empty() && !is_noted {
            return Ok((None, Vec::new()));
        }
        let findings = match findings {
            Some(findings) => findings,
            None => self.lint(&self.rules.in_force.read(), &mutations),
        };
        let findings = self.accepted(findings, options)?;
        if options.dry_run {
            return Ok((None, findings));
        }
        let written = Written {
            store,
            mutations,
            name_edits,
            added,
            removed,
        };
        let generation = self.put_in_force(written, summary)?;
        let GenerationRow {
            number,
            cause,
            added,
            changed,
            removed,
            ..
        } = &generation;
        // Numbers of callers are in the history, never in the log.
        tracing::info!(
            "generation {number}: {} by {} ({added} added, {changed} changed, {removed} removed)",
            cause.kind.as_str(),
            cause.author
        );
        Ok((Some(generation), findings))
    }

    /// The warnings of a change; an error if it must not be made.
    fn accepted(
        &self,
        findings: Vec<Finding>,
        options: ChangeOptions,
    ) -> Result<Vec<Finding>, ChangeError> {
        let strict = self.settings.active().rules.refuse_warnings;
        let (refusals, warnings): (Vec<Finding>, Vec<Finding>) = findings
            .into_iter()
            .partition(|finding| finding.severity == Severity::Refuse);
        if !refusals.is_empty() {
            return Err(ChangeError::Findings(refusals));
        }
        if strict && !options.force && !warnings.is_empty() {
            return Err(ChangeError::Warnings(warnings));
        }
        Ok(warnings)
    }

    /// What there is to say of changes.
    pub(in crate::daemon) fn lint(&self, rules: &RuleSet, mutations: &[Mutation]) -> Vec<Finding> {
        let mut findings = self.lint_rules(rules, mutations);
        let asking = pinless::asking(rules, mutations);
        findings.extend(self.lint_pins(rules, mutations, &asking));
        findings
    }

    /// What the engine says of changes, and what there is to say of answers.
    fn lint_rules(&self, rules: &RuleSet, mutations: &[Mutation]) -> Vec<Finding> {
        let seen = self.journal.seen().judged();
        let configuration = self.settings.active();
        let circumstances = Circumstances {
            seen: &seen,
            share: configuration.rules.warn_share,
            own: &configuration.rules.own_numbers,
        };
        let mut findings = rules.lint(mutations, &circumstances);
        let answering = &configuration.answering;
        let prompts = Prompts::new(answering.host.prompts.clone());
        findings.extend(answer_lint::lint(rules, mutations, answering, &prompts));
        findings
    }

    /// What there is to say of all stored rules; also how many there are.
    pub(crate) fn lint_all(&self) -> (u64, Vec<Finding>) {
        let rules = self.rules.in_force.read();
        let mut findings = Vec::new();
        let all: Vec<RuleId> = rules.iter().map(|rule| rule.id).collect();
        for ids in all.chunks(LINTED_AT_ONCE) {
            let mutations: Vec<Mutation> = ids
                .iter()
                .filter_map(|id| rules.get(*id).cloned().map(Mutation::PutRule))
                .collect();
            findings.extend(self.lint_rules(&rules, &mutations));
        }
        findings.extend(self.lint_pins(&rules, &[], &pinless::all_asking(&rules)));
        (all.len() as u64, findings)
    }

    fn put_in_force(
        &self,
        written: Written<'_>,
        summary: &str,
    ) -> Result<GenerationRow, ChangeError> {
        let Written {
            store,
            mutations,
            name_edits,
            added,
            removed,
        } = written;
        let now = clock::now();
        let number = store.number();
        let begun = Moment::now();
        let mut rules = self.rules.in_force.change();
        let waited = Moment::now();
        self.journal
            .note_departing(&rules, &self.rules.names(), &mutations);
        let (plan, undo) = rules.apply(now, &mutations)?;
        let before = self.enforcement.lock().kernel.generation();
        let applied = Moment::now();
        let result = self.enforcement.lock().apply(&rules, &plan, number);
        if let Err(error) = result {
            rules.undo(now, undo);
            self.enforcement.lock().put_back(&rules, before);
            return Err(ChangeError::Kernel(error));
        }
        let in_kernel = Moment::now();
        let generation = match store.commit(summary) {
            Ok(generation) => generation,
            Err(error) => {
                rules.undo(now, undo);
                self.enforcement.lock().put_back(&rules, before);
                return Err(error.into());
            }
        };
        tracing::debug!(
            "generation {number}: {:?} waited, {:?} in the engine, {:?} in the kernel, {:?} on the disk",
            waited.duration_since(begun),
            applied.duration_since(waited),
            in_kernel.duration_since(applied),
            in_kernel.elapsed()
        );
        self.rules.edit_names(&rules, |names| {
            for edit in name_edits {
                names.edit(edit);
            }
            names.tally.merge(&added, &removed);
        });
        self.problems.note_in_force(&mutations);
        drop(rules);
        self.rules.rescheduled.notify_one();
        Ok(generation)
    }
}
