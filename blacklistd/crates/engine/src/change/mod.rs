//! Changes of a set: all of a batch or none, with what takes them back and what the kernel has to do.

mod grants;
mod lists;
pub(crate) mod load;
pub(crate) mod mutation;
mod naming;
mod rules_in_force;
mod scopes;
mod time;

use blacklist_model::{Refusal, Rule, RuleId};
use jiff::Timestamp;

pub use self::load::Contents;
pub use self::mutation::{Mutation, Undo};
pub use self::naming::Naming;
use crate::counted::Counted;
use crate::enforcement::Enforcement;
use crate::plan::Plan;
use crate::register::Register;
use crate::register::index::{Held, Place};
use crate::set::RuleSet;

/// Whether a rule is new to the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// It is, or says something new.
    Judged,
    /// It was there before, or is in the store: what it says was judged then.
    WasThere,
}

/// Changes what there is and what is in force together, at one moment.
struct Editor<'a> {
    register: &'a mut Register,
    enforcement: &'a mut Enforcement,
    now: Timestamp,
}

impl RuleSet {
    const fn editor(&mut self, now: Timestamp) -> Editor<'_> {
        Editor {
            register: &mut self.register,
            enforcement: &mut self.enforcement,
            now,
        }
    }

    /// Makes changes, all of them or none. The plan makes the kernel the same.
    ///
    /// # Errors
    /// One of them is refused; nothing is changed.
    pub fn apply(
        &mut self,
        now: Timestamp,
        mutations: &[Mutation],
    ) -> Result<(Plan, Undo), Refusal> {
        self.enforcement.tables.touched.begin();
        self.now = self.now.max(now);
        let mut editor = self.editor(now);
        let mut inverse = Vec::with_capacity(mutations.len());
        for mutation in mutations {
            if let Err(refusal) = editor.mutate(mutation, Trust::Judged, &mut inverse) {
                editor.revert(inverse);
                editor.forget_touched();
                return Err(refusal);
            }
        }
        let undo = Undo { mutations: inverse };
        Ok((self.enforcement.plan(), undo))
    }

    /// Takes a change back, with the plan that makes the kernel the same again.
    pub fn undo(&mut self, now: Timestamp, undo: Undo) -> Plan {
        self.enforcement.tables.touched.begin();
        self.editor(now).revert(undo.mutations);
        self.enforcement.plan()
    }
}

impl Editor<'_> {
    fn revert(&mut self, inverse: Vec<Mutation>) {
        for mutation in inverse.into_iter().rev() {
            if self
                .mutate(&mutation, Trust::WasThere, &mut Vec::new())
                .is_err()
            {
                // Cannot be: what was there before finds its place again.
                self.enforcement.stale = true;
            }
        }
    }

    /// After a change that was refused and taken back: the kernel gets nothing of it.
    fn forget_touched(&mut self) {
        let touched = std::mem::take(&mut self.enforcement.tables.touched);
        self.enforcement.stale |= self.enforcement.tables.lookup.shapes.reused || touched.whole;
        for (slot, before) in touched.slots() {
            match (before, self.enforcement.slots.counted(slot)) {
                (0, None) => {}
                (0, Some(Counted::Rule(id))) => {
                    self.enforcement.slots.free(slot);
                    if let Some(place) = self.register.index.find(id)
                        && let Some(held) = self.register.index.at_mut(place)
                    {
                        held.slot = 0;
                    }
                }
                (0, Some(Counted::Default(id))) => {
                    self.enforcement.slots.free(slot);
                    if let Some(scope) = self.register.scopes.get_mut(id) {
                        scope.slot = 0;
                    }
                }
                (before, counted) => {
                    self.enforcement.stale |= counted.map(Counted::id) != Some(before);
                }
            }
        }
    }

    fn mutate(
        &mut self,
        mutation: &Mutation,
        trust: Trust,
        inverse: &mut Vec<Mutation>,
    ) -> Result<(), Refusal> {
        match mutation {
            Mutation::PutRule(rule) => {
                inverse.push(match self.put_rule(rule.clone(), trust)? {
                    Some(old) => Mutation::PutRule(old),
                    None => Mutation::RemoveRule(rule.id),
                });
            }
            Mutation::RemoveRule(id) => inverse.push(Mutation::PutRule(self.remove_rule(*id)?)),
            Mutation::PutList(list) => {
                inverse.push(match self.put_list(list.clone())? {
                    Some(old) => Mutation::PutList(old),
                    None => Mutation::RemoveList(list.id),
                });
            }
            Mutation::RemoveList(id) => inverse.push(Mutation::PutList(self.remove_list(*id)?)),
            Mutation::PutScope(record) => {
                inverse.push(match self.put_scope(record.clone())? {
                    Some(old) => Mutation::PutScope(old),
                    None => Mutation::RemoveScope(record.id),
                });
            }
            Mutation::RemoveScope(id) => inverse.push(Mutation::PutScope(self.remove_scope(*id)?)),
            Mutation::AddMember(member) => {
                self.add_member(*member)?;
                inverse.push(Mutation::RemoveMember(*member));
            }
            Mutation::RemoveMember(member) => {
                self.remove_member(*member)?;
                inverse.push(Mutation::AddMember(*member));
            }
            Mutation::PutGrant(pair, end) => inverse.push(self.put_grant(*pair, *end)?),
            Mutation::RemoveGrant(pair) => inverse.push(self.remove_grant(*pair)),
        }
        Ok(())
    }

    /// Adds a rule, or puts it in the place of the one with its id, which is returned.
    pub(crate) fn put_rule(&mut self, rule: Rule, trust: Trust) -> Result<Option<Rule>, Refusal> {
        self.judge_rule(&rule, trust)?;
        let (old, slot) = match self.register.index.find(rule.id) {
            Some(place) => {
                self.leave(place);
                let held = self.detach(place);
                let slot = held.as_ref().map_or(0, |held| held.slot);
                (held.map(|held| held.rule), slot)
            }
            None => (None, 0),
        };
        self.attach(rule, slot);
        Ok(old)
    }

    /// Refuses a rule that cannot be put; nothing is changed.
    fn judge_rule(&mut self, rule: &Rule, trust: Trust) -> Result<(), Refusal> {
        let id = rule.id;
        if self.register.list(rule.list).is_none() {
            return Err(Refusal::Unknown(format!(
                "rule {id} is of list {}, which is not there",
                rule.list
            )));
        }
        if let Some(scope) = rule
            .scopes
            .iter()
            .find(|scope| self.register.scopes.get(**scope).is_none())
        {
            return Err(Refusal::Unknown(format!(
                "rule {id} is for scope {scope}, which is not there"
            )));
        }
        if trust == Trust::Judged
            && let Some(other) = self.register.twin(rule)
            && self.register.is_made_twin(rule)
        {
            return Err(Refusal::Conflict(self.register.twin_sentence(other)));
        }
        let (had_slot, had_glob) = self.register.held(id).map_or((false, false), |held| {
            (held.slot != 0, held.rule.pattern.glob().is_some())
        });
        if rule.pattern.glob().is_some()
            && !had_glob
            && self.register.globs >= rules_in_force::MAXIMUM_GLOBS
        {
            return Err(Refusal::Conflict(format!(
                "rule {id} ({}): there are {} wildcards that only user space compares, and there can be no more: write it with one * and digits",
                rule.pattern, self.register.globs
            )));
        }
        if !had_slot && self.register.is_due(rule, self.now) {
            self.ensure_slots(1, &format!("rule {id} ({})", rule.pattern))?;
        }
        Ok(())
    }

    fn detach(&mut self, place: Place) -> Option<Held> {
        self.register.unsettle(place);
        let list = self.register.index.at(place)?.rule.list;
        let mut first = self.register.lists.get(&list).and_then(|held| held.first);
        let held = self.register.index.remove(place, &mut first)?;
        if let Some(list) = self.register.lists.get_mut(&list) {
            list.first = first;
            list.rules = list.rules.saturating_sub(1);
        }
        for scope in &held.rule.scopes {
            if let Some(scope) = self.register.scopes.get_mut(*scope) {
                scope.rules = scope.rules.saturating_sub(1);
            }
        }
        if held.rule.pattern.glob().is_some() {
            self.register.globs -= 1;
        }
        Some(held)
    }

    fn attach(&mut self, rule: Rule, slot: u32) {
        for scope in &rule.scopes {
            if let Some(scope) = self.register.scopes.get_mut(*scope) {
                scope.rules += 1;
            }
        }
        if rule.pattern.glob().is_some() {
            self.register.globs += 1;
        }
        let slot = if slot == 0 {
            self.enforcement.slot_again(Counted::Rule(rule.id))
        } else {
            slot
        };
        let list = rule.list;
        let mut first = self.register.lists.get(&list).and_then(|held| held.first);
        let place = self.register.index.add(rule, &mut first);
        if let Some(list) = self.register.lists.get_mut(&list) {
            list.first = first;
            list.rules += 1;
        }
        if let Some(held) = self.register.index.at_mut(place) {
            held.slot = slot;
        }
        self.register.settle(place);
        self.enter(place);
    }

    /// Removes a rule.
    fn remove_rule(&mut self, id: RuleId) -> Result<Rule, Refusal> {
        let place = self.register.index.find(id).ok_or(Refusal::NotFound(id))?;
        self.leave(place);
        let held = self.detach(place).ok_or(Refusal::NotFound(id))?;
        if held.slot != 0 {
            self.enforcement.free_slot(held.slot);
        }
        Ok(held.rule)
    }
}
