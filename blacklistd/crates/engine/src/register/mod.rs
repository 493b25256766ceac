//! What there is: rules, lists and scopes, each found by id, by name, and by what names it. What of
//! it is in force is kept elsewhere.

pub(crate) mod index;
pub(crate) mod scopes;
mod twins;

use std::collections::{BTreeMap, HashMap, HashSet};

use blacklist_common::number::Number;
use blacklist_model::{
    Effective, List, ListId, Member, Rule, RuleId, RuleIdentity, ScopeId, ScopeName, ScopeRecord,
};
use jiff::Timestamp;

use self::index::{Held, Index, Place};
use self::scopes::Scopes;

/// The home in the index of rules whose list is assigned to no scope.
const NO_HOME: u32 = u32::MAX;

/// A list, and what the engine knows of it.
#[derive(Clone, Debug)]
pub(crate) struct HeldList {
    pub(crate) list: List,
    /// Where its rules begin in the index.
    pub(crate) first: Option<Place>,
    pub(crate) rules: usize,
    /// Index in the tables of its one scope, or its own if scopes share it; `None` if it is
    /// assigned to none.
    pub(crate) home: Option<u32>,
}

impl HeldList {
    /// Whether it has an index of its own.
    pub(crate) fn is_shared(&self) -> bool {
        self.list.scopes.len() > 1
    }
}

/// All rules, lists and scopes, in force or not.
#[derive(Clone, Debug, Default)]
pub struct Register {
    pub(crate) index: Index,
    pub(crate) lists: BTreeMap<ListId, HeldList>,
    pub(crate) list_names: HashMap<Box<str>, ListId>,
    pub(crate) scopes: Scopes,
    /// Rules that only user space can compare.
    pub(crate) globs: usize,
}

impl Register {
    pub(crate) fn held(&self, id: RuleId) -> Option<&Held> {
        self.index.at(self.index.find(id)?)
    }

    /// A rule by its id.
    pub fn get(&self, id: RuleId) -> Option<&Rule> {
        self.held(id).map(|held| &held.rule)
    }

    /// All rules, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.index.iter().map(|(_, held)| &held.rule)
    }

    /// The rules of a list, in no order.
    pub fn rules_of(&self, list: ListId) -> impl Iterator<Item = &Rule> {
        let first = self.lists.get(&list).and_then(|held| held.first);
        let places = self.index.list(first);
        places.filter_map(|place| self.index.at(place).map(|held| &held.rule))
    }

    /// How many rules there are, in force or not.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether a rule is in force: switched on, its list too, and now is its time.
    pub fn is_in_force(&self, id: RuleId) -> bool {
        self.held(id).is_some_and(|held| held.in_force)
    }

    /// All lists, by id.
    pub fn lists(&self) -> impl Iterator<Item = &List> {
        self.lists.values().map(|held| &held.list)
    }

    /// A list by its id.
    pub fn list(&self, id: ListId) -> Option<&List> {
        self.lists.get(&id).map(|held| &held.list)
    }

    /// A list by its name.
    pub fn list_named(&self, name: &str) -> Option<&List> {
        self.list(*self.list_names.get(name)?)
    }

    /// How many rules a list has.
    pub fn count_of(&self, list: ListId) -> usize {
        self.lists.get(&list).map_or(0, |held| held.rules)
    }

    /// All scopes, in no order.
    pub fn scopes(&self) -> impl Iterator<Item = &ScopeRecord> {
        self.scopes.iter().map(|held| &held.record)
    }

    /// A scope by its id.
    pub fn scope(&self, id: ScopeId) -> Option<&ScopeRecord> {
        self.scopes.get(id).map(|held| &held.record)
    }

    /// A scope by its name.
    pub fn scope_named(&self, name: &ScopeName) -> Option<&ScopeRecord> {
        self.scopes.named(name).map(|held| &held.record)
    }

    /// The scopes of a local number, broadest first, the global one not named.
    pub fn scopes_of(&self, number: Number) -> Vec<ScopeId> {
        self.scopes.of_number(number)
    }

    /// All scopes of the local numbers that belong to one of these.
    pub fn scopes_beside(&self, scopes: &[ScopeId]) -> HashSet<ScopeId> {
        let mut beside = HashSet::new();
        for number in self.scopes.numbers() {
            let of_number = self.scopes.of_number(number);
            if of_number.iter().any(|scope| scopes.contains(scope)) {
                beside.extend(of_number);
            }
        }
        beside
    }

    /// Whether a number belongs to an account or group.
    pub fn is_member(&self, member: Member) -> bool {
        self.scopes.is_member(member)
    }

    /// The slot of a rule's counters; `None` if it was never in force.
    pub fn slot(&self, rule: RuleId) -> Option<u32> {
        self.held(rule)
            .map(|held| held.slot)
            .filter(|slot| *slot != 0)
    }

    /// The slot of the counters of a scope's blocking default.
    pub fn slot_of_default(&self, scope: ScopeId) -> Option<u32> {
        self.scopes
            .get(scope)
            .map(|held| held.slot)
            .filter(|slot| *slot != 0)
    }

    /// A rule's settings, those that it has from its list included; `None` if there is no such list.
    pub fn effective(&self, rule: &Rule) -> Option<Effective> {
        let list = self.list(rule.list)?;
        Some(Effective::of(rule, list))
    }

    /// What a rule is the same by; `None` if there is no such list.
    pub(crate) fn identity<'r>(&'r self, rule: &'r Rule) -> Option<RuleIdentity<'r>> {
        let list = self.list(rule.list)?;
        Some(RuleIdentity::of(rule, list))
    }

    /// The scopes of a rule or, where it names none, of its list.
    pub fn scopes_for<'r>(&'r self, rule: &'r Rule) -> &'r [ScopeId] {
        let list = self.list(rule.list);
        list.map_or(&rule.scopes, |list| Effective::scopes(rule, list))
    }

    /// The indexes in the tables at which a rule is entered.
    pub(crate) fn homes(&self, rule: &Rule) -> Vec<u32> {
        if rule.scopes.is_empty() {
            let home = self.lists.get(&rule.list).and_then(|held| held.home);
            return home.into_iter().collect();
        }
        let index = |scope: &ScopeId| self.scopes.index(*scope);
        rule.scopes.iter().filter_map(index).collect()
    }

    /// Whether a rule shall be in force.
    pub(crate) fn is_due(&self, rule: &Rule, now: Timestamp) -> bool {
        let list = self.list(rule.list);
        list.is_some_and(|list| Effective::is_due(rule, list, now))
    }

    /// Homes under which a rule is found: those in the tables or, if it has none, a common one.
    pub(crate) fn index_homes(&self, rule: &Rule) -> Vec<u32> {
        let mut homes = self.homes(rule);
        if homes.is_empty() {
            homes.push(NO_HOME);
        }
        homes
    }

    /// A rule has its homes from now on.
    pub(crate) fn settle(&mut self, place: Place) {
        let homes = self
            .index
            .at(place)
            .map(|held| self.index_homes(&held.rule))
            .unwrap_or_default();
        for home in homes {
            self.index.settle(place, home);
        }
    }

    /// A rule leaves its homes.
    pub(crate) fn unsettle(&mut self, place: Place) {
        let homes = self
            .index
            .at(place)
            .map(|held| self.index_homes(&held.rule))
            .unwrap_or_default();
        for home in homes {
            self.index.leave(place, home);
        }
    }

    /// The first id that no scope of the set has.
    pub fn next_scope(&self) -> ScopeId {
        ScopeId(
            self.scopes
                .iter()
                .map(|held| held.record.id.0 + 1)
                .max()
                .unwrap_or(1),
        )
    }
}
