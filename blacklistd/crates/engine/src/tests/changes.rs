//! Changes of the set: the same tables as a rebuild, nothing changed by what is refused, and no
//! call judged by half a change.

use std::collections::HashMap;

use blacklist_common::decide::{Tables as _, Unobserved, Walk, decide};
use blacklist_common::number::Number;
use blacklist_common::pattern::{EntryKey, Found, Kind};
use blacklist_common::repeat::PlainLoop;
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_common::shape::Shape;
use blacklist_common::tables::{GrantKey, PrefixValue};
use blacklist_generation::{Change, GrantEnd, Tables};
use blacklist_model::{List, ListId, Member, Rule, ScopeId, ScopeRecord};
use fastrand::Rng;

use super::engine::{Asked, load, time};
use crate::reference::{RefCall, RefWorld};
use crate::worlds::any_time;
use crate::{Mutation, Plan, RuleSet};

/// The kernel's tables as changes make them.
#[derive(Clone, Debug, Default, PartialEq)]
struct Kernel {
    entries: HashMap<(EntryKey, Kind), RuleRef>,
    shapes: HashMap<u8, Shape>,
    numbers: HashMap<Number, NumberEntry>,
    scopes: HashMap<u32, ScopeEntry>,
    slots: HashMap<u32, u32>,
    grants: HashMap<GrantKey, GrantEnd>,
    protected: std::collections::HashSet<Number>,
}

impl Kernel {
    fn of(tables: &Tables) -> Self {
        let mut kernel = Self::default();
        for (key, kind, rule) in tables.buckets.iter() {
            kernel.apply(&Change::Entry(key, kind, rule));
        }
        for (number, shape) in (16..).zip(&tables.shapes) {
            kernel.apply(&Change::Shape(number, *shape));
        }
        for (number, entry) in &tables.numbers {
            kernel.apply(&Change::Number(*number, Some(*entry)));
        }
        for (partition, entry) in (0..).zip(&tables.scopes) {
            kernel.apply(&Change::Scope(partition, *entry));
        }
        for (slot, rule) in &tables.slots {
            kernel.apply(&Change::Slot(*slot, *rule));
        }
        kernel.grants.extend(tables.grants.iter().copied());
        kernel
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::Entry(key, kind, rule) if rule.is_some() => {
                self.entries.insert((*key, *kind), *rule);
            }
            Change::Entry(key, kind, _) => {
                self.entries.remove(&(*key, *kind));
            }
            Change::Shape(number, shape) => {
                self.shapes.insert(*number, *shape);
            }
            Change::Number(number, Some(entry)) => {
                self.numbers.insert(*number, *entry);
            }
            Change::Number(number, None) => {
                self.numbers.remove(number);
            }
            Change::Scope(partition, entry) if *entry == ScopeEntry::default() => {
                self.scopes.remove(partition);
            }
            Change::Scope(partition, entry) => {
                self.scopes.insert(*partition, *entry);
            }
            Change::Slot(slot, 0) => {
                self.slots.remove(slot);
            }
            Change::Slot(slot, rule) => {
                self.slots.insert(*slot, *rule);
            }
            Change::Grant(pair, Some(end)) => {
                self.grants.insert(*pair, *end);
            }
            Change::Grant(pair, None) => {
                self.grants.remove(pair);
            }
        }
    }

    /// Only shapes that something uses: others may be there or not.
    fn used(&self) -> Self {
        let mut used = self.clone();
        let named = |entry: &ScopeEntry| {
            entry
                .shapes
                .into_iter()
                .take(usize::from(entry.shape_count))
        };
        let numbers: Vec<u8> = self.scopes.values().flat_map(named).collect();
        used.shapes.retain(|number, _| numbers.contains(number));
        used
    }

    fn assert_same(&self, other: &Self, name: &str) {
        let (one, other) = (self.used(), other.used());
        assert_eq!(one.shapes, other.shapes, "{name}");
        assert_eq!(one.numbers, other.numbers, "{name}");
        assert_eq!(one.scopes, other.scopes, "{name}");
        assert_eq!(one.slots, other.slots, "{name}");
        assert_eq!(one.entries, other.entries, "{name}");
        assert_eq!(one.grants, other.grants, "{name}");
    }

    fn blocks(&self, asked: &Asked) -> bool {
        let mut walk = Walk::default();
        walk.begin(asked.direction, &asked.read, false);
        decide::<PlainLoop, _, _>(self, &mut walk, &mut Unobserved).blocks()
    }

    /// Step, id of the rule, and the rule without its slot.
    fn decide(&self, asked: &Asked) -> (&'static str, u32, u32) {
        let mut walk = Walk::default();
        walk.begin(asked.direction, &asked.read, false);
        let decision = decide::<PlainLoop, _, _>(self, &mut walk, &mut Unobserved);
        (
            decision.step.as_str(),
            self.rule_id(decision.rule.slot()),
            decision.rule.0 >> 24,
        )
    }
}

impl blacklist_common::decide::Tables for Kernel {
    const COMPLETE: bool = false;
    const TRIES: bool = false;

    fn perhaps(&self, _key: &EntryKey) -> bool {
        true
    }

    fn entry(&self, key: &EntryKey, found: &mut Found) {
        for kind in Kind::ALL {
            if let Some(rule) = self.entries.get(&(*key, kind)) {
                found.rules[kind as usize] = *rule;
            }
        }
    }

    fn longest_prefix(&self, _partition: u32, _kind: u32, _number: Number) -> PrefixValue {
        PrefixValue::default()
    }

    fn shape(&self, number: u8) -> Option<&Shape> {
        self.shapes.get(&number)
    }

    fn number(&self, number: Number, entry: &mut NumberEntry) -> bool {
        let known = self.numbers.get(&number);
        if let Some(known) = known {
            *entry = *known;
        }
        known.is_some()
    }

    fn is_protected(&self, number: Number) -> bool {
        self.numbers
            .get(&number)
            .is_some_and(|entry| entry.flags & 1 != 0)
    }

    fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        self.scopes.get(&partition)
    }

    fn granted(&self, key: &GrantKey) -> bool {
        self.grants.contains_key(key)
    }

    fn rule_id(&self, slot: u32) -> u32 {
        self.slots.get(&slot).copied().unwrap_or_default()
    }

    fn user(&self, _partition: u32, _found: &mut Found) {}
}

/// Another world; where it is dense, many rules share few patterns.
fn any_world(rng: &mut Rng, rules: u32, dense: bool) -> RefWorld {
    let mut world = RefWorld::random(rng, rules);
    if dense {
        const FEW: [&str; 5] = [
            "+12",
            "+1*",
            "+?2",
            "anonymous:withheld,uri",
            "anonymous:uri",
        ];
        for rule in &mut world.rules {
            FEW[rng.usize(0..FEW.len())].clone_into(&mut rule.pattern);
            rule.scopes.truncate(1);
        }
    }
    world
}

/// A mutation of something in `other`, another world, or the removal of something.
pub(crate) fn any_mutation(rng: &mut Rng, set: &RuleSet, other: &RefWorld) -> Mutation {
    let contents = other.contents().unwrap();
    let scopes: Vec<ScopeId> = set.scopes().map(|record| record.id).collect();
    let scope = scopes[rng.usize(0..scopes.len())];
    let fitted = |ids: &[ScopeId]| -> Vec<ScopeId> {
        ids.iter()
            .copied()
            .filter(|id| scopes.contains(id))
            .collect()
    };
    let lists: Vec<ListId> = set.lists().map(|list| list.id).collect();
    match rng.u32(0..20) {
        0..8 => {
            let rule = contents.rules[rng.usize(0..contents.rules.len())].clone();
            Mutation::PutRule(Rule {
                scopes: fitted(&rule.scopes).into(),
                list: if lists.contains(&rule.list) {
                    rule.list
                } else {
                    ListId(1)
                },
                ..rule
            })
        }
        8..11 => {
            let ids: Vec<_> = set.iter().map(|rule| rule.id).collect();
            match rng.choice(&ids) {
                Some(id) => Mutation::RemoveRule(*id),
                None => Mutation::RemoveRule(blacklist_model::RuleId(1)),
            }
        }
        11..15 => {
            let list = contents.lists[rng.usize(0..contents.lists.len())].clone();
            Mutation::PutList(List {
                scopes: fitted(&list.scopes),
                ..list
            })
        }
        15 => Mutation::RemoveList(lists[rng.usize(0..lists.len())]),
        16 => {
            let record = contents.scopes[rng.usize(0..contents.scopes.len())].clone();
            // Names stay with their ids.
            match set.scope(record.id) {
                Some(old) => Mutation::PutScope(ScopeRecord {
                    name: old.name.clone(),
                    ..record
                }),
                None => Mutation::PutScope(record),
            }
        }
        17 => Mutation::RemoveScope(scope),
        _ => {
            let member = contents
                .members
                .get(rng.usize(0..contents.members.len().max(1)));
            let member = member.copied().unwrap_or(Member {
                scope,
                number: Number(7),
            });
            if set.is_member(member) {
                Mutation::RemoveMember(member)
            } else {
                Mutation::AddMember(member)
            }
        }
    }
}

fn follow(kernel: &mut Kernel, plan: &Plan, set: &RuleSet) {
    match plan {
        Plan::Changes { changes, .. } => changes.iter().for_each(|change| kernel.apply(change)),
        Plan::Whole => *kernel = Kernel::of(&set.generation()),
    }
}

/// Single changes lead to the same tables as filling them anew; a refused change and one that was
/// taken back leave them as they were.
#[test]
fn changes_are_a_rebuild() {
    for seed in 0..60 {
        let mut rng = Rng::with_seed(seed);
        let dense = seed % 2 == 1;
        let world = any_world(&mut rng, 20, dense);
        let at = any_time(&mut rng);
        let mut set = load(&world, at);
        let mut kernel = Kernel::of(&set.generation());
        let mut at = at;
        for step in 0..60 {
            let other = any_world(&mut rng, 25, dense);
            let mutations: Vec<Mutation> = (0..rng.usize(1..4))
                .map(|_| any_mutation(&mut rng, &set, &other))
                .collect();
            let name = format!("seed {seed}, step {step}: {mutations:?}");
            if let Ok((plan, undo)) = set.apply(time(at), &mutations) {
                follow(&mut kernel, &plan, &set);
                kernel.assert_same(&Kernel::of(&set.generation()), &name);
                if rng.u32(0..4) == 0 {
                    let plan = set.undo(time(at), undo);
                    follow(&mut kernel, &plan, &set);
                }
            }
            kernel.assert_same(&Kernel::of(&set.generation()), &name);
            if rng.u32(0..5) == 0 {
                at = any_time(&mut rng);
                let plan = set.advance(time(at));
                follow(&mut kernel, &plan, &set);
                kernel.assert_same(&Kernel::of(&set.generation()), &name);
            }
            assert_decides_as_anew(&set, at, &mut rng, &name);
        }
    }
}

/// A set decides as one that is loaded from what it holds.
fn assert_decides_as_anew(set: &RuleSet, at: i64, rng: &mut Rng, name: &str) {
    let anew = anew(set, at);
    for _ in 0..40 {
        let asked = Asked::of(RefCall::random(rng));
        let (one, by) = set
            .judge_of_calls()
            .decide_as(&asked.read, asked.direction, &asked.remote);
        let (other, by_other) =
            anew.judge_of_calls()
                .decide_as(&asked.read, asked.direction, &asked.remote);
        assert_eq!(
            (one.step, by),
            (other.step, by_other),
            "{name}: {:?}",
            asked.call
        );
    }
}

/// The same set, loaded from what it holds.
fn anew(set: &RuleSet, at: i64) -> RuleSet {
    let members = set.scopes.members_list();
    let contents = crate::Contents {
        protected: set.enforcement.tables.lookup.protected.as_ref().clone(),
        maximum_rules: 1000,
        slots: set.generation().slots,
        lists: set.lists().cloned().collect(),
        scopes: set.scopes().cloned().collect(),
        members,
        grants: Vec::new(),
        rules: set.iter().cloned().collect::<Vec<_>>(),
    };
    let (anew, refused) = RuleSet::load(time(at), contents);
    assert_eq!(refused, []);
    anew
}

/// After each of a plan's changes every call is judged as before or as after the whole.
#[test]
fn no_call_is_judged_by_half_a_change() {
    let mut watched = 0;
    for seed in 100..160 {
        let mut rng = Rng::with_seed(seed);
        let world = RefWorld::random(&mut rng, 20);
        let at = any_time(&mut rng);
        let mut set = load(&world, at);
        let calls: Vec<Asked> = (0..60)
            .map(|_| Asked::of(RefCall::random(&mut rng)))
            .collect();
        for step in 0..30 {
            let mut kernel = Kernel::of(&set.generation());
            let other = RefWorld::random(&mut rng, 25);
            let mutation = any_mutation(&mut rng, &set, &other);
            // A list with many rules is many changes, each of which is whole.
            let several = matches!(mutation, Mutation::PutList(_));
            let Ok((Plan::Changes { changes, .. }, _)) =
                set.apply(time(at), std::slice::from_ref(&mutation))
            else {
                continue;
            };
            if several {
                continue;
            }
            let before: Vec<_> = calls.iter().map(|asked| kernel.decide(asked)).collect();
            let last = Kernel::of(&set.generation());
            for (at, change) in changes.iter().enumerate() {
                kernel.apply(change);
                for (asked, before) in calls.iter().zip(&before) {
                    let found = kernel.decide(asked);
                    let after = last.decide(asked);
                    assert!(
                        found == *before || found == after,
                        "seed {seed}, step {step}, {mutation:?}: change {at} of {changes:#?}\n{:?}: {before:?}, {found:?}, {after:?}",
                        asked.call
                    );
                    watched += u32::from(*before != after);
                }
            }
        }
    }
    assert!(watched > 1000, "{watched}");
}

/// A batch that blocks everything but for a whitelist never blocks what the whitelist names, on its
/// way in and on its way out; nor does a default that blocks.
#[test]
fn a_whitelist_comes_before_what_it_lifts_and_goes_behind_it() {
    let lists = ["+1", "+12*", "+2?1*", "bob", "anonymous:withheld,uri"];
    let mut rng = Rng::with_seed(5);
    let calls: Vec<Asked> = (0..300)
        .map(|_| Asked::of(RefCall::random(&mut rng)))
        .collect();
    for default in [false, true] {
        let mut set = super::set();
        // Partitions that hold something of the sort already.
        super::add(&mut set, 90, &super::RuleSpec::of("+777")).unwrap();
        super::add(&mut set, 91, &super::RuleSpec::of("+7*")).unwrap();
        let mut batch = vec![if default {
            Mutation::PutScope(ScopeRecord {
                policy: blacklist_model::DefaultPolicy::Block,
                ..ScopeRecord::global()
            })
        } else {
            super::mutations(&set, 1, &super::RuleSpec::of("*")).remove(0)
        }];
        for (id, pattern) in (2..).zip(lists) {
            batch.extend(super::mutations(
                &set,
                id,
                &super::in_list("friends", pattern),
            ));
        }
        let out: Vec<Mutation> = match batch.first() {
            Some(Mutation::PutScope(_)) => vec![Mutation::PutScope(ScopeRecord::global())],
            _ => vec![Mutation::RemoveRule(blacklist_model::RuleId(1))],
        };
        let whitelist =
            (2..2 + lists.len() as u32).map(|id| Mutation::RemoveRule(blacklist_model::RuleId(id)));
        let out: Vec<Mutation> = whitelist.chain(out).collect();
        let mut kernel = Kernel::of(&set.generation());
        let mut named = 0;
        for batch in [batch, out] {
            let (plan, _) = set.apply(time(0), &batch).unwrap();
            let Plan::Changes { changes, .. } = plan else {
                panic!("a generation for {} changes", batch.len());
            };
            let before: Vec<_> = calls.iter().map(|asked| kernel.decide(asked).0).collect();
            let last = Kernel::of(&set.generation());
            for change in &changes {
                kernel.apply(change);
                for (asked, before) in calls.iter().zip(&before) {
                    let blocks = kernel.blocks(asked);
                    let either = ["allow-rule", "safety-floor"];
                    if either.contains(before) || either.contains(&last.decide(asked).0) {
                        assert!(
                            !blocks,
                            "{default}, {change:?} of {changes:#?}: {:?}",
                            asked.call
                        );
                        named += 1;
                    }
                }
            }
        }
        assert!(named > 100, "{named}");
    }
}
