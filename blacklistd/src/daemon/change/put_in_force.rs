//! The second half of every change: linted, put into the engine and the kernel, committed; taken
//! back wholly if one of them refuses.

use std::time::Instant;

use jiff::Timestamp;

use super::{Change, ChangeError, Manner};
use crate::daemon::answering;
use crate::daemon::core::{Core, Shared};
use crate::daemon::names::{NameEdit, Tally};
use crate::daemon::start::tables;
use crate::kernel::KernelError;
use crate::media::prompts::Prompts;
use crate::rules::{
    Circumstances, Finding, Mutation, Plan, Rule, RuleId, RuleSet, Severity, pinless,
};
use crate::store::{GenerationRow, StoreChange};

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

impl Shared {
    /// Puts what was built in force and makes it last.
    pub(super) fn finish(
        &self,
        change: Change<'_>,
        summary: &str,
        manner: Manner,
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
        // Whoever puts names in their place must not wait for us.
        drop(names);
        if mutations.is_empty() && !is_noted {
            return Ok((None, Vec::new()));
        }
        let findings = match findings {
            Some(findings) => findings,
            None => self.lint(&self.rules(), &mutations),
        };
        let findings = self.judge(findings, manner)?;
        if manner.dry_run {
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

    /// Refuses what must not be done.
    fn judge(&self, findings: Vec<Finding>, manner: Manner) -> Result<Vec<Finding>, ChangeError> {
        let strict = self.lock().configuration.rules.refuse_warnings;
        let (refusals, warnings): (Vec<Finding>, Vec<Finding>) = findings
            .into_iter()
            .partition(|finding| finding.severity == Severity::Refuse);
        if !refusals.is_empty() {
            return Err(ChangeError::Findings(refusals));
        }
        if strict && !manner.force && !warnings.is_empty() {
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
        let (seen, settings, answering) = {
            let core = self.lock();
            (
                self.journal().seen().judged(),
                core.configuration.rules.clone(),
                core.configuration.answering.clone(),
            )
        };
        let circumstances = Circumstances {
            seen: &seen,
            share: settings.warn_share,
            own: &settings.own_numbers,
        };
        let mut findings = rules.lint(mutations, &circumstances);
        let prompts = Prompts::new(answering.host.prompts.clone());
        findings.extend(answering::lint(rules, mutations, &answering, &prompts));
        findings
    }

    /// What there is to say of all rules as they stand; also how many there are.
    pub(crate) fn lint_all(&self) -> (u64, Vec<Finding>) {
        let rules = self.rules();
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
        let now = Timestamp::now();
        let number = store.number();
        let begun = Instant::now();
        let mut rules = self.rules_to_change();
        let waited = Instant::now();
        self.journal()
            .note_departing(&rules, &self.names(), &mutations);
        let (plan, undo) = rules.apply(now, &mutations)?;
        let before = self.lock().kernel.generation();
        let applied = Instant::now();
        if let Err(error) = self.lock().in_kernel(&rules, &plan, number) {
            rules.undo(now, undo);
            self.lock().put_back(&rules, before);
            return Err(ChangeError::Kernel(error));
        }
        let in_kernel = Instant::now();
        let generation = match store.commit(summary) {
            Ok(generation) => generation,
            Err(error) => {
                rules.undo(now, undo);
                self.lock().put_back(&rules, before);
                return Err(error.into());
            }
        };
        tracing::debug!(
            "generation {number}: {:?} waited, {:?} in the engine, {:?} in the kernel, {:?} on the disk",
            waited - begun,
            applied - waited,
            in_kernel - applied,
            in_kernel.elapsed()
        );
        {
            let mut names = self.names_to_change();
            for edit in name_edits {
                names.edit(edit);
            }
            names.tally.merge(&added, &removed);
        }
        self.lock().note_in_force(&rules, &mutations);
        drop(rules);
        self.rearm();
        Ok(generation)
    }
}

impl Core {
    /// Notes that changes are in force: what was wrong with their rules is no more.
    fn note_in_force(&mut self, rules: &RuleSet, mutations: &[Mutation]) {
        self.count_in_force(rules);
        for mutation in mutations {
            if let Mutation::PutRule(Rule { id, .. }) | Mutation::RemoveRule(id) = mutation
                && self.problem_of_rule(*id).is_some()
            {
                self.note(&format!("rule {id}"), None);
            }
        }
    }

    /// Makes a plan's changes. Where a table has no room for them, or one of them failed half-way,
    /// the whole set as it shall be becomes a generation of its own, with room for more.
    pub(in crate::daemon) fn in_kernel(
        &mut self,
        rules: &RuleSet,
        plan: &Plan,
        number: u64,
    ) -> Result<(), KernelError> {
        self.hand_over(rules, plan)?;
        if let Plan::Changes { changes } = plan {
            let Err(error) = self.kernel.apply(changes, number) else {
                return Ok(());
            };
            if !error.is_full() {
                tracing::warn!("{error}; filling a new generation");
            }
        }
        let tables = tables(rules, &self.configuration);
        self.kernel.install(&tables, number)
    }

    /// Puts the set as it was back in force, after a change that was not made.
    pub(in crate::daemon) fn put_back(&mut self, rules: &RuleSet, number: u64) {
        let tables = tables(rules, &self.configuration);
        let problem = self.kernel.install(&tables, number).err().map(|error| {
            format!("a change could not be taken back ({error}): restart blacklistd, which puts in force what is on the disk")
        });
        self.note("a change", problem);
    }
}
