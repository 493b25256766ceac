//! All rules, lists and scopes, and what can be asked of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::Number;
use blacklist_generation::Tables;
use blacklist_model::{
    Effective, List, ListId, Member, Refusal, Rule, RuleId, RuleIdentity, ScopeId, ScopeName,
    ScopeRecord,
};
use jiff::Timestamp;

use super::counted::Counted;
use super::grants::Grants;
use super::index::{Held, Index, Place};
use super::scopes::Scopes;
use super::slots::Slots;
use super::tables::EngineTables;

/// A list, and what the engine knows of it.
#[derive(Clone, Debug)]
pub(super) struct HeldList {
    pub(super) list: List,
    /// Where its rules begin in the index.
    pub(super) first: Option<Place>,
    pub(super) rules: usize,
    /// Index in the tables of its one scope, or its own if scopes share it; none if it is
    /// assigned to none.
    pub(super) home: Option<u32>,
}

impl HeldList {
    /// Whether it has an index of its own.
    pub(super) fn is_shared(&self) -> bool {
        self.list.scopes.len() > 1
    }
}

/// All rules, lists and scopes.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    pub(super) index: Index,
    pub(super) lists: BTreeMap<ListId, HeldList>,
    pub(super) list_names: HashMap<Box<str>, ListId>,
    pub(super) scopes: Scopes,
    pub(super) slots: Slots,
    pub(super) tables: EngineTables,
    pub(super) grants: Grants,
    /// Rules that time changes next, by second.
    pub(super) timers: BTreeSet<(i64, RuleId)>,
    pub(super) now: Timestamp,
    pub(super) in_force: usize,
    /// Rules that only user space can compare.
    pub(super) globs: usize,
    /// Rules whose time has come and for which there was no room.
    pub(super) late: HashMap<RuleId, Refusal>,
    /// How the trunks spell numbers.
    pub(super) plans: Vec<DialPlan>,
    /// The kernel's tables may differ in more than what is touched next.
    pub(super) stale: bool,
}

impl RuleSet {
    /// The rules' part of a whole generation. The patterns are shared, not copied: drop them when
    /// they are in force, or the next change copies them.
    pub fn generation(&self) -> Tables {
        Tables {
            buckets: self.tables.lookup.buckets.clone(),
            shapes: self.tables.lookup.shapes.list(),
            numbers: self.tables.numbers(),
            scopes: self.tables.lookup.scopes.iter().copied().collect(),
            slots: self.slots.in_use(),
            grants: self.grants.list(),
            ..Tables::default()
        }
    }

    /// Tells how all trunks spell numbers, so that rules which none of them can meet are warned of.
    pub fn set_trunk_plans(&mut self, plans: Vec<DialPlan>) {
        self.plans = plans;
    }

    /// Rules whose time has come, and which are not in force because there was no room.
    pub fn late(&self) -> impl Iterator<Item = (RuleId, &Refusal)> {
        self.late.iter().map(|(id, refusal)| (*id, refusal))
    }

    pub(super) fn held(&self, id: RuleId) -> Option<&Held> {
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

    /// How many rules are in force.
    pub const fn in_force(&self) -> usize {
        self.in_force
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

    /// What a counter slot counts.
    pub fn of_slot(&self, slot: u32) -> Option<Counted> {
        self.slots.counted(slot)
    }

    /// The slot of a rule's counters; none if it was never in force.
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

    /// Whether no rule blocks a number.
    pub fn is_protected(&self, number: Number) -> bool {
        self.tables.lookup.protected.contains(&number)
    }

    /// A rule's settings, those that it has from its list included; none if there is no such list.
    pub fn effective(&self, rule: &Rule) -> Option<Effective> {
        let list = self.list(rule.list)?;
        Some(Effective::of(rule, list))
    }

    /// What a rule is the same by; none if there is no such list.
    pub(super) fn identity<'r>(&'r self, rule: &'r Rule) -> Option<RuleIdentity<'r>> {
        let list = self.list(rule.list)?;
        Some(RuleIdentity::of(rule, list))
    }

    /// The scopes of a rule or, where it names none, of its list.
    pub fn scopes_for<'r>(&'r self, rule: &'r Rule) -> &'r [ScopeId] {
        let list = self.list(rule.list);
        list.map_or(&rule.scopes, |list| Effective::scopes(rule, list))
    }

    /// Indexes in the tables where a rule stands.
    pub(super) fn homes(&self, rule: &Rule) -> Vec<u32> {
        if rule.scopes.is_empty() {
            let home = self.lists.get(&rule.list).and_then(|held| held.home);
            return home.into_iter().collect();
        }
        let index = |scope: &ScopeId| self.scopes.index(*scope);
        rule.scopes.iter().filter_map(index).collect()
    }

    /// Whether the program in the kernel decides calls by a rule.
    ///
    /// # Errors
    /// It does not, and why.
    pub fn is_decided_in_kernel(&self, rule: RuleId) -> Result<(), &'static str> {
        let Some(held) = self.held(rule) else {
            return Ok(());
        };
        held.rule.pattern.is_decided_in_kernel()?;
        let Some(effective) = self.effective(&held.rule) else {
            return Ok(());
        };
        if held.rule.pattern.shape().is_some() {
            for home in self.homes(&held.rule) {
                for direction in effective.directions() {
                    let partition = blacklist_common::scope::partition(home, direction);
                    if self.tables.is_user_rule(partition, rule) {
                        return Err(
                            "its scope has wildcards of too many forms; this one is compared in user space alone",
                        );
                    }
                }
            }
        }
        Ok(())
    }
}
