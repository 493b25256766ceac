//! A rule as answers show it: what is its own, what comes of its list, whether it is in force.

use std::collections::HashMap;
use std::sync::Arc;

use blacklist_wire::{RuleObject, RuleOverrides};
use jiff::Timestamp;
use parking_lot::RwLockReadGuard;

use super::super::error::ApiError;
use crate::daemon::{Changes, Journal, NameTable, rows};
use blacklist_engine::{Counted, RuleSet};
use blacklist_model::{Effective, List, RuleId};
use blacklist_store::rules::{Reading as _, RuleRow, Store};
use blacklist_system::clock;

/// Makes objects of rows. Changes wait for it: it is made for a limited number of rows.
pub(crate) struct Describer<'s> {
    reader: Store,
    rules: RwLockReadGuard<'s, RuleSet>,
    names: Arc<NameTable>,
    journal: &'s Journal,
    /// Why rules that should be in force are not.
    problems: HashMap<RuleId, String>,
    generations: HashMap<u64, (String, String)>,
    now: Timestamp,
}

impl<'s> Describer<'s> {
    pub(crate) fn new(changes: &'s Changes) -> Result<Self, ApiError> {
        let state = &changes.rules;
        Ok(Self {
            reader: state.reader()?,
            rules: state.in_force.read(),
            names: state.names(),
            journal: &changes.journal,
            problems: changes.problems.of_rules(),
            generations: HashMap::new(),
            now: clock::now(),
        })
    }

    /// A rule by its id.
    pub(crate) fn rule(&mut self, id: RuleId) -> Result<Option<RuleObject>, ApiError> {
        match self.reader.get::<RuleRow>(&id)? {
            Some(row) => Ok(Some(self.describe(row)?)),
            None => Ok(None),
        }
    }

    /// A rule as answers show it.
    pub(crate) fn describe(&mut self, row: RuleRow) -> Result<RuleObject, ApiError> {
        let (created_at, created_by) = self.made(row.made)?;
        let standard = List::standard();
        let list = self
            .names
            .list(row.list)
            .map_or(&standard, |list| &list.list);
        let row = rows::without_contradictions(row, list);
        let counted = Counted::Rule(row.id);
        let slot = self.rules.slot(row.id);
        let counter = self.journal.counted(counted, slot);
        // One that cannot be read is not in force, and says so.
        let rule = rows::rule(&row).unwrap_or_else(|_| rows::settings(&row));
        let effective = Effective::of(&rule, list);
        let scopes = self.names.scope_names(Effective::scopes(&rule, list));
        let why_not = match self.problems.get(&row.id) {
            Some(problem) => Some(problem.clone()),
            None => Effective::why_not_in_force(&rule, list, self.now),
        };
        let user_space = self.rules.is_decided_in_kernel(row.id).err();
        Ok(RuleObject {
            id: row.id,
            matching: row.matching,
            list: self.names.list_name(row.list),
            kind: effective.kind,
            direction: effective.direction,
            action: effective.action,
            mandatory: effective.mandatory,
            overrides: RuleOverrides {
                kind: row.kind,
                scopes: (!row.scopes.is_empty()).then(|| scopes.clone()),
                direction: row.direction,
                action: row.action,
                mandatory: row.mandatory,
            },
            scopes,
            pattern: row.written,
            number: row.canonical,
            dial_plan: row.dial_plan,
            comment: row.comment,
            enabled: row.enabled,
            valid_from: row.valid_from.map(|time| time.to_string()),
            valid_until: row.valid_until.map(|time| time.to_string()),
            schedule: row.schedule,
            in_force: why_not.is_none(),
            why_not,
            decided_in: if user_space.is_some() {
                "user-space"
            } else {
                "kernel"
            }
            .to_owned(),
            why_user_space: user_space.map(str::to_owned),
            origin: row.origin,
            generation: row.made,
            created_at,
            created_by,
            calls: counter.calls,
            packets: counter.packets,
            warnings: Vec::new(),
        })
    }

    /// When and by whom something was made in a generation; empty for one that is only tried.
    fn made(&mut self, number: u64) -> Result<(String, String), ApiError> {
        if let Some(made) = self.generations.get(&number) {
            return Ok(made.clone());
        }
        let made = match self.reader.generation(number)? {
            Some(row) => (row.cause.at.to_string(), row.cause.author),
            None => (String::new(), String::new()),
        };
        self.generations.insert(number, made.clone());
        Ok(made)
    }
}
