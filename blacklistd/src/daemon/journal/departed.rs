//! What rules were that have just gone: calls that they blocked may still be on their way to the
//! log.

use std::collections::{HashMap, VecDeque};

use blacklist_common::rule::Action;

use crate::daemon::names::NameTable;
use blacklist_engine::{Counted, Mutation, RuleSet};
use blacklist_store::journal::{DecidedBy, Owner};

use super::Journal;

/// Rules that are remembered.
const MAXIMUM: usize = 10_000;

/// A rule or a scope's default as it was.
#[derive(Clone, Debug)]
pub(super) struct Former {
    pub(super) owner: Owner,
    pub(super) by: DecidedBy,
}

/// Rules that have just gone, by the slot of their counters and by id.
#[derive(Debug, Default)]
pub(super) struct Departed {
    by_slot: HashMap<u32, Former>,
    slots: HashMap<u32, u32>,
    order: VecDeque<u32>,
}

impl Departed {
    fn add(&mut self, slot: u32, former: Former) {
        if self.order.len() >= MAXIMUM
            && let Some(oldest) = self.order.pop_front()
            && let Some(gone) = self.by_slot.remove(&oldest)
        {
            self.slots.remove(&gone.owner.id);
        }
        self.slots.insert(former.owner.id, slot);
        if self.by_slot.insert(slot, former).is_none() {
            self.order.push_back(slot);
        }
    }

    /// Whose a slot was.
    pub(super) fn of_slot(&self, slot: u32) -> Option<&Former> {
        self.by_slot.get(&slot)
    }

    /// What had an id in the slot table.
    pub(super) fn of_id(&self, id: u32) -> Option<&Former> {
        self.of_slot(*self.slots.get(&id)?)
    }
}

/// Whom a slot counts for, with its names.
pub(super) fn former(rules: &RuleSet, names: &NameTable, counted: Counted) -> Option<Former> {
    Some(Former {
        owner: owner(rules, counted)?,
        by: decided_by(rules, names, counted),
    })
}

/// Whom a slot counts for.
pub(super) fn owner(rules: &RuleSet, counted: Counted) -> Option<Owner> {
    match counted {
        Counted::Rule(id) => {
            let rule = rules.get(id)?;
            Some(Owner {
                id: counted.id(),
                list: rule.list.0,
                action: rules.effective(rule)?.action.in_tables(),
            })
        }
        Counted::Default(_) => Some(Owner {
            id: counted.id(),
            list: 0,
            action: Action::Drop,
        }),
    }
}

/// The same as texts.
pub(super) fn decided_by(rules: &RuleSet, names: &NameTable, counted: Counted) -> DecidedBy {
    match counted {
        Counted::Rule(id) => match rules.get(id) {
            Some(rule) => DecidedBy {
                rule: id.0,
                pattern: rule.pattern.to_string(),
                list: names.list_name(rule.list),
                scope: names.scope_names(rules.scopes_for(rule)).join(" "),
            },
            None => DecidedBy {
                rule: id.0,
                ..DecidedBy::default()
            },
        },
        Counted::Default(scope) => {
            let scope = names.scope_names(&[scope]).join(" ");
            DecidedBy {
                pattern: format!("default of {scope}"),
                scope,
                ..DecidedBy::default()
            }
        }
    }
}

impl Journal {
    /// Notes what a change is about to take away or move, and settles what it has counted as what
    /// it is now.
    pub(in crate::daemon) fn note_departing(
        &self,
        rules: &RuleSet,
        names: &NameTable,
        mutations: &[Mutation],
    ) {
        let mut settled = false;
        let mut noted = 0;
        for mutation in mutations {
            let counted = match mutation {
                Mutation::RemoveRule(id) => Counted::Rule(*id),
                Mutation::PutRule(new) => match rules.get(new.id) {
                    Some(old) if old.list != new.list => Counted::Rule(new.id),
                    _ => continue,
                },
                Mutation::PutScope(record) => Counted::Default(record.id),
                Mutation::RemoveScope(id) => Counted::Default(*id),
                Mutation::PutList(_)
                | Mutation::RemoveList(_)
                | Mutation::AddMember(_)
                | Mutation::RemoveMember(_)
                | Mutation::PutGrant(..)
                | Mutation::RemoveGrant(_) => continue,
            };
            let slot = match counted {
                Counted::Rule(id) => rules.slot(id),
                Counted::Default(scope) => rules.slot_of_default(scope),
            };
            let Some(slot) = slot else {
                continue;
            };
            // Of very many only those that have counted anything are worth the time.
            if noted >= MAXIMUM && self.tally.counter(slot).packets == 0 {
                continue;
            }
            noted += 1;
            let Some(former) = former(rules, names, counted) else {
                continue;
            };
            settled |= self.settle_slot(slot, Some(former.owner));
            self.departed.lock().add(slot, former);
        }
        if settled && let Err(error) = self.log().save_ledger() {
            tracing::warn!("{error}");
        }
    }
}
