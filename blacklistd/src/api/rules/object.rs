//! A rule as answers show it: what is its own, what comes of its list, whether it is in force.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use parking_lot::RwLockReadGuard;
use serde::{Deserialize, Serialize};

use super::super::error::ApiError;
use crate::daemon::{Changes, Journal, NameTable, rows};
use crate::rules::{
    Counted, Effective, List, MatchKind, RuleAction, RuleDirection, RuleId, RuleKind, RuleSet,
};
use crate::store::{Reading as _, RuleRow, Store};

/// What a rule says itself; what is absent is its list's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOverrides {
    /// Block or allow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<RuleKind>,
    /// For whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// For calls of which direction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<RuleDirection>,
    /// What it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<RuleAction>,
    /// Whether allow rules of narrower scopes leave it in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mandatory: Option<bool>,
}

/// A rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RuleObject {
    /// Its id.
    pub id: RuleId,
    /// The pattern as it was written.
    pub pattern: String,
    /// How it matches.
    #[serde(rename = "match")]
    pub matching: MatchKind,
    /// Canonical pattern; a prefix without its star.
    pub number: String,
    /// Name of its list.
    pub list: String,
    /// Block or allow.
    pub kind: RuleKind,
    /// For whom: names of scopes.
    pub scopes: Vec<String>,
    /// For calls of which direction.
    pub direction: RuleDirection,
    /// What it asks for.
    pub action: RuleAction,
    /// Whether allow rules of narrower scopes leave it in force.
    pub mandatory: bool,
    /// What of this it says itself.
    pub overrides: RuleOverrides,
    /// Dial plan it was read by; `none` for none.
    pub dial_plan: String,
    /// Why it is there.
    pub comment: String,
    /// Whether it is switched on.
    pub enabled: bool,
    /// Not before, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<String>,
    /// Not from then on, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<String>,
    /// Weekly schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Whether it is in force now.
    pub in_force: bool,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_not: Option<String>,
    /// `kernel` or `user-space`.
    pub decided_in: String,
    /// Why only user space decides it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_user_space: Option<String>,
    /// Where it comes from: `manual`, `apply`, `import:GENERATION`, `feed:NAME`.
    pub origin: String,
    /// Generation in which it was made.
    pub generation: u64,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// Who made it.
    pub created_by: String,
    /// Calls that it decided.
    pub calls: u64,
    /// Their packets.
    pub packets: u64,
    /// What the operator should know; only behind a change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

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
            now: Timestamp::now(),
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
