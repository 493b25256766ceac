//! Rules without effect: another one, of the same or a broader scope, matches all that they match.
//! A few lookups for each rule, however many there are.

use std::collections::HashMap;

use blacklist_common::number::Party;
use blacklist_common::pattern::Kind;
use blacklist_common::scope::partition;
use blacklist_common::shape::count_digits;
use blacklist_common::tables::Direction;
use blacklist_model::{
    Detail, Effective, MatchKind, Pattern, Rule, RuleId, ScopeId, ScopeName, ScopeRecord,
};

use crate::lint::covers::{covers, prefixes_of};
use crate::register::index::{Held, Place};
use crate::set::RuleSet;

/// Rules that only user space compares, in one scope, that are looked at.
const MAXIMUM_USER_RULES: usize = 1000;

impl RuleSet {
    /// The rule that makes another one without effect in all its scopes and directions, if it is
    /// one and the same. `made` are scopes that are put with it.
    pub(crate) fn shadow_of(
        &self,
        rule: &Rule,
        effective: Effective,
        made: &HashMap<ScopeId, &ScopeRecord>,
    ) -> Option<RuleId> {
        let mut shadow: Option<RuleId> = None;
        for scope in self.scopes_for(rule) {
            for direction in effective.directions() {
                let here = self.shadow_in(rule, effective, (*scope, direction), made)?;
                if shadow.is_some_and(|other| other != here) {
                    return None;
                }
                shadow = Some(here);
            }
        }
        shadow
    }

    fn shadow_in(
        &self,
        rule: &Rule,
        effective: Effective,
        (scope, direction): (ScopeId, Direction),
        made: &HashMap<ScopeId, &ScopeRecord>,
    ) -> Option<RuleId> {
        let mut found: Option<RuleId> = None;
        for broader in self.broader(scope, made) {
            for home in self.homes_in(broader) {
                for place in self.perhaps_covering(home, direction, &rule.pattern) {
                    let Some(held) = self.index.at(place) else {
                        continue;
                    };
                    let same = broader == scope;
                    if self.shadows(held, rule, effective, direction, same) {
                        let id = held.rule.id;
                        found = Some(found.map_or(id, |other| other.min(id)));
                    }
                }
            }
        }
        found
    }

    /// A scope and those that every number of it belongs to.
    fn broader(&self, scope: ScopeId, made: &HashMap<ScopeId, &ScopeRecord>) -> Vec<ScopeId> {
        let mut scopes = vec![ScopeId::GLOBAL];
        if scope != ScopeId::GLOBAL {
            scopes.push(scope);
        }
        let record = self.scope(scope).or(made.get(&scope).copied());
        if let Some(ScopeName::Number { number, .. }) = record.map(|record| &record.name) {
            scopes.extend(
                self.scopes
                    .of_number(*number)
                    .into_iter()
                    .filter(|id| *id != scope),
            );
        }
        scopes
    }

    /// Indexes of a scope in the tables: its own, and those of lists that it shares.
    fn homes_in(&self, scope: ScopeId) -> Vec<u32> {
        let Some(held) = self.scopes.get(scope) else {
            return Vec::new();
        };
        let lists = held.lists.iter().filter_map(|list| {
            let list = self.lists.get(list)?;
            list.home.filter(|_| list.is_shared())
        });
        std::iter::once(held.index).chain(lists).collect()
    }

    /// Rules at a home whose patterns may match all that a pattern does.
    fn perhaps_covering(&self, home: u32, direction: Direction, pattern: &Pattern) -> Vec<Place> {
        let mut places: Vec<Place> = self.index.alike(home, pattern).collect();
        places.extend(self.index.alike(home, &Pattern::EVERYTHING));
        for prefix in prefixes_of(pattern) {
            places.extend(self.index.alike(home, &prefix));
        }
        let partition = partition(home, direction);
        if let (MatchKind::Exact, Some(number)) = (pattern.kind(), pattern.number())
            && let Some(entry) = self.enforcement.tables.lookup.scope(partition)
        {
            let party = Party::of(number);
            for number in entry.shapes.iter().take(usize::from(entry.shape_count)) {
                let Some(shape) = self.enforcement.tables.lookup.shapes.get(*number) else {
                    continue;
                };
                if let Some(key) = shape.key(&party, count_digits(party.leading)) {
                    let wildcard = Detail::Shape(*shape);
                    let wildcard = Pattern::with_detail(MatchKind::Wildcard, key, wildcard);
                    places.extend(self.index.alike(home, &wildcard));
                }
            }
        }
        let users = self
            .enforcement
            .tables
            .lookup
            .user_rules(partition)
            .iter()
            .take(MAXIMUM_USER_RULES);
        places.extend(users.filter_map(|user| self.index.find(user.id)));
        places
    }

    /// Whether a rule that is always in force makes another one without effect.
    fn shadows(
        &self,
        held: &Held,
        rule: &Rule,
        effective: Effective,
        direction: Direction,
        same_scope: bool,
    ) -> bool {
        let other = &held.rule;
        if other.id == rule.id || !held.in_force || other.timing.is_some() {
            return false;
        }
        // The kernel does not know what only user space compares.
        if rule.pattern.is_decided_in_kernel().is_ok()
            && self.is_decided_in_kernel(other.id).is_err()
        {
            return false;
        }
        let Some(others) = self.effective(other) else {
            return false;
        };
        let kinds = match (others.kind_in_tables(), effective.kind_in_tables()) {
            (Kind::Allow, _)
            | (Kind::Mandatory, Kind::Block | Kind::Mandatory)
            | (Kind::Block, Kind::Block) => true,
            // An allow rule of its own scope lifts a mandatory one.
            (Kind::Mandatory, Kind::Allow) => !same_scope,
            (Kind::Block, Kind::Mandatory | Kind::Allow) => false,
        };
        let same_kind = others.kind == effective.kind;
        // In one scope the narrower pattern decides: only if it asks for the same, it is without
        // effect. Of block rules in several scopes the broadest scope's decides.
        let acts = !same_scope || !same_kind || others.action == effective.action;
        // The older of two that say the same decides; a rule without a number is not older yet.
        let equal = same_kind
            && other.pattern == rule.pattern
            && same_scope
            && rule.id != RuleId(0)
            && other.id > rule.id;
        kinds
            && acts
            && !equal
            && others.direction.covers(direction)
            && covers(&other.pattern, &rule.pattern)
    }
}
