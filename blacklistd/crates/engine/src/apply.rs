//! Changes of the set: all of a batch or none, with what takes them back and what the kernel has
//! to do.

use blacklist_model::{Refusal, Rule, RuleId};
use jiff::Timestamp;

use super::counted::Counted;
use super::mutation::{Mutation, Plan, Undo};
use super::set::RuleSet;
use super::touched::{Key, Value};

/// Whether a rule is new to the set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// It is, or says something new.
    Judged,
    /// It was there before, or stands in the store: what it says was judged then.
    WasThere,
}

impl RuleSet {
    /// Makes changes, all of them or none. The plan makes the kernel the same.
    ///
    /// # Errors
    /// One of them is refused; nothing is changed.
    pub fn apply(
        &mut self,
        now: Timestamp,
        mutations: &[Mutation],
    ) -> Result<(Plan, Undo), Refusal> {
        self.tables.touched.begin();
        self.now = self.now.max(now);
        let mut inverse = Vec::with_capacity(mutations.len());
        for mutation in mutations {
            if let Err(refusal) = self.mutate(now, mutation, Trust::Judged, &mut inverse) {
                self.revert(now, inverse);
                self.forget_touched();
                return Err(refusal);
            }
        }
        let undo = Undo { mutations: inverse };
        Ok((self.plan(), undo))
    }

    /// Takes a change back, with the plan that makes the kernel the same again.
    pub fn undo(&mut self, now: Timestamp, undo: Undo) -> Plan {
        self.tables.touched.begin();
        self.revert(now, undo.mutations);
        self.plan()
    }

    fn revert(&mut self, now: Timestamp, inverse: Vec<Mutation>) {
        for mutation in inverse.into_iter().rev() {
            if self
                .mutate(now, &mutation, Trust::WasThere, &mut Vec::new())
                .is_err()
            {
                // Cannot be: what was there before finds its place again.
                self.stale = true;
            }
        }
    }

    /// Behind a change that was refused and taken back: the kernel hears nothing of it.
    fn forget_touched(&mut self) {
        let touched = std::mem::take(&mut self.tables.touched);
        self.stale |= self.tables.lookup.shapes.reused || touched.whole;
        for (slot, before) in touched.slots() {
            match (before, self.slots.counted(slot)) {
                (0, None) => {}
                (0, Some(Counted::Rule(id))) => {
                    self.slots.free(slot);
                    if let Some(place) = self.index.find(id)
                        && let Some(held) = self.index.at_mut(place)
                    {
                        held.slot = 0;
                    }
                }
                (0, Some(Counted::Default(id))) => {
                    self.slots.free(slot);
                    if let Some(scope) = self.scopes.get_mut(id) {
                        scope.slot = 0;
                    }
                }
                (before, counted) => {
                    self.stale |= counted.map(Counted::id) != Some(before);
                }
            }
        }
    }

    fn mutate(
        &mut self,
        now: Timestamp,
        mutation: &Mutation,
        trust: Trust,
        inverse: &mut Vec<Mutation>,
    ) -> Result<(), Refusal> {
        match mutation {
            Mutation::PutRule(rule) => {
                inverse.push(match self.put_rule(now, rule.clone(), trust)? {
                    Some(old) => Mutation::PutRule(old),
                    None => Mutation::RemoveRule(rule.id),
                });
            }
            Mutation::RemoveRule(id) => inverse.push(Mutation::PutRule(self.remove_rule(*id)?)),
            Mutation::PutList(list) => {
                inverse.push(match self.put_list(now, list.clone())? {
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
            Mutation::PutGrant(pair, end) => inverse.push(self.put_grant(now, *pair, *end)?),
            Mutation::RemoveGrant(pair) => inverse.push(self.remove_grant(*pair)),
        }
        Ok(())
    }

    /// What the kernel has to do for all that was touched.
    pub(super) fn plan(&mut self) -> Plan {
        let mut touched = std::mem::take(&mut self.tables.touched);
        let changes = touched.end(|key| match key {
            Key::Slot(slot) => Value::Slot(self.slots.id(slot)),
            Key::Grant(pair) => Value::Grant(self.grants.end(&pair)),
            Key::Entry(..) | Key::Number(_) | Key::Scope(_) | Key::Shape(_) => {
                self.tables.value(key)
            }
        });
        let reused = self.tables.take_reused();
        let stale = std::mem::take(&mut self.stale) || reused;
        match changes {
            Some(changes) if !stale => Plan::Changes { changes },
            _ => Plan::Whole,
        }
    }

    /// Adds a rule, or puts it in the place of the one with its id, which is returned.
    pub(super) fn put_rule(
        &mut self,
        now: Timestamp,
        rule: Rule,
        trust: Trust,
    ) -> Result<Option<Rule>, Refusal> {
        self.judge_rule(now, &rule, trust)?;
        let (old, slot) = match self.index.find(rule.id) {
            Some(place) => {
                self.leave(place);
                let held = self.detach(place);
                let slot = held.as_ref().map_or(0, |held| held.slot);
                (held.map(|held| held.rule), slot)
            }
            None => (None, 0),
        };
        self.attach(now, rule, slot);
        Ok(old)
    }

    /// Refuses a rule that cannot be put; nothing is changed.
    fn judge_rule(&mut self, now: Timestamp, rule: &Rule, trust: Trust) -> Result<(), Refusal> {
        let id = rule.id;
        if self.list(rule.list).is_none() {
            return Err(Refusal::Unknown(format!(
                "rule {id} is of list {}, which is not there",
                rule.list
            )));
        }
        if let Some(scope) = rule
            .scopes
            .iter()
            .find(|scope| self.scopes.get(**scope).is_none())
        {
            return Err(Refusal::Unknown(format!(
                "rule {id} is for scope {scope}, which is not there"
            )));
        }
        if trust == Trust::Judged
            && let Some(other) = self.twin(rule)
            && self.is_made_twin(rule)
        {
            return Err(Refusal::Conflict(self.twin_sentence(other)));
        }
        let (had_slot, had_glob) = self.held(id).map_or((false, false), |held| {
            (held.slot != 0, held.rule.pattern.glob().is_some())
        });
        if rule.pattern.glob().is_some() && !had_glob && self.globs >= super::force::MAXIMUM_GLOBS {
            return Err(Refusal::Conflict(format!(
                "rule {id} ({}): there are {} wildcards that only user space compares, and there can be no more: write it with one * and digits",
                rule.pattern, self.globs
            )));
        }
        if !had_slot && self.is_due(rule, now) {
            self.ensure_slots(1, &format!("rule {id} ({})", rule.pattern))?;
        }
        Ok(())
    }

    fn detach(&mut self, place: super::index::Place) -> Option<super::index::Held> {
        self.unsettle(place);
        let list = self.index.at(place)?.rule.list;
        let mut first = self.lists.get(&list).and_then(|held| held.first);
        let held = self.index.remove(place, &mut first)?;
        if let Some(list) = self.lists.get_mut(&list) {
            list.first = first;
            list.rules = list.rules.saturating_sub(1);
        }
        for scope in &held.rule.scopes {
            if let Some(scope) = self.scopes.get_mut(*scope) {
                scope.rules = scope.rules.saturating_sub(1);
            }
        }
        if held.rule.pattern.glob().is_some() {
            self.globs -= 1;
        }
        Some(held)
    }

    fn attach(&mut self, now: Timestamp, rule: Rule, slot: u32) {
        for scope in &rule.scopes {
            if let Some(scope) = self.scopes.get_mut(*scope) {
                scope.rules += 1;
            }
        }
        if rule.pattern.glob().is_some() {
            self.globs += 1;
        }
        let slot = if slot == 0 {
            self.slot_again(Counted::Rule(rule.id))
        } else {
            slot
        };
        let list = rule.list;
        let mut first = self.lists.get(&list).and_then(|held| held.first);
        let place = self.index.add(rule, &mut first);
        if let Some(list) = self.lists.get_mut(&list) {
            list.first = first;
            list.rules += 1;
        }
        if let Some(held) = self.index.at_mut(place) {
            held.slot = slot;
        }
        self.settle(place);
        self.enter(place, now);
    }

    /// Removes a rule.
    fn remove_rule(&mut self, id: RuleId) -> Result<Rule, Refusal> {
        let place = self.index.find(id).ok_or(Refusal::NotFound(id))?;
        self.leave(place);
        let held = self.detach(place).ok_or(Refusal::NotFound(id))?;
        if held.slot != 0 {
            self.free_slot(held.slot);
        }
        Ok(held.rule)
    }

    /// Other rules, in force or not, that are the same as one for calls of some direction.
    pub fn overlapping<'r>(&'r self, rule: &'r Rule) -> impl Iterator<Item = &'r Rule> {
        let identity = self.identity(rule);
        let home = self.index_homes(rule).first().copied();
        let places = home.map(|home| self.index.alike(home, &rule.pattern));
        let others = places.into_iter().flatten();
        others
            .filter_map(|place| self.index.at(place))
            .map(|held| &held.rule)
            .filter(move |other| {
                let overlaps = |other| identity.is_some_and(|own| own.overlaps(&other));
                other.id != rule.id && self.identity(other).is_some_and(overlaps)
            })
    }

    /// The first of [`Self::overlapping`].
    pub(super) fn twin<'r>(&'r self, rule: &'r Rule) -> Option<&'r Rule> {
        self.overlapping(rule).next()
    }

    /// The first of [`Self::overlapping`], and whether they are the same as the rule for calls of
    /// all its directions.
    pub fn repeated<'r>(&'r self, rule: &'r Rule) -> Option<(&'r Rule, bool)> {
        let first = self.twin(rule)?;
        let covers = |direction| {
            self.overlapping(rule).any(|other| {
                let other = self.effective(other);
                other.is_some_and(|other| other.direction.covers(direction))
            })
        };
        let is_covered = self.effective(rule)?.directions().all(covers);
        Some((first, is_covered))
    }

    /// Whether a rule that has a twin has none as it is now: lists that were changed by earlier
    /// versions can hold twins.
    pub(super) fn is_made_twin(&self, rule: &Rule) -> bool {
        let now = self.get(rule.id);
        now.is_none_or(|now| self.twin(now).is_none())
    }

    /// That a rule is the same as another one, and what to do.
    pub fn twin_sentence(&self, other: &Rule) -> String {
        let id = other.id;
        let state = if other.enabled {
            ""
        } else {
            ", which is disabled"
        };
        let (kind, direction) = self
            .effective(other)
            .map_or(("block", "inbound"), |effective| {
                (effective.kind.as_str(), effective.direction.as_str())
            });
        let scopes = self.scope_names(self.scopes_for(other));
        format!(
            "duplicate: rule {id}{state} says the same: {kind} {} ({scopes}, {direction}); change it with `blacklistd rule edit {id}`",
            other.pattern
        )
    }

    /// Names of scopes for people; of many the first ones.
    pub(super) fn scope_names(&self, scopes: &[blacklist_model::ScopeId]) -> String {
        const NAMED: usize = 3;
        let names: Vec<String> = scopes
            .iter()
            .take(NAMED)
            .filter_map(|scope| Some(self.scope(*scope)?.name.to_string()))
            .collect();
        let mut text = names.join(", ");
        if scopes.is_empty() {
            "no scope".clone_into(&mut text);
        }
        if scopes.len() > NAMED {
            text.push_str(&format!(" and {} more", scopes.len() - NAMED));
        }
        text
    }
}
