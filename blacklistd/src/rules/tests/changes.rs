//! Changes of the rule set: the same tables as a rebuild, and nothing changed by what is refused.

use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use blacklist_common::pattern::{EntryKey, Kind};

use crate::generation::{Change, Tables};

#[test]
fn a_full_table_refuses_by_name_and_keeps_the_rest() {
    let mut set = RuleSet::new(Default::default(), 1, &[], |_| false);
    set.put(&rule(&spec("+1415*"), 1)).unwrap();
    let before = set.generation();
    let error = set.put(&rule(&spec("+1416*"), 2)).unwrap_err().to_string();
    assert!(error.contains("table full: rule 2 (+1416*)"), "{error}");
    assert_eq!(format!("{before:?}"), format!("{:?}", set.generation()));
}

#[test]
fn slots_stay_and_are_reset_before_they_are_given_again() {
    let mut set = RuleSet::new(Default::default(), 3, &[(2, 7), (3, 9)], |id| {
        id == RuleId(7)
    });
    set.put(&rule(&spec("+1415*"), 7)).unwrap();
    assert_eq!(set.slot(RuleId(7)), Some(2));
    let plan = set.put(&rule(&spec("+1416*"), 10)).unwrap();
    assert!(
        plan.reset.is_some(),
        "slots 1 and 3 were used before or may have been"
    );
    set.retire(RuleId(7));
    set.forget(RuleId(7));
    set.put(&rule(&spec("+1417*"), 11)).unwrap();
    let plan = set.put(&rule(&spec("+1418*"), 12)).unwrap();
    assert_eq!(plan.reset, Some(3));
}

/// The kernel's tables as changes make them.
#[derive(Default)]
struct Applied {
    entries: HashMap<(EntryKey, Kind), Change>,
    numbers: HashMap<u64, Change>,
    scopes: HashMap<u32, Change>,
    slots: HashMap<u32, u32>,
}

fn place<K: std::hash::Hash + Eq>(
    map: &mut HashMap<K, Change>,
    key: K,
    change: Change,
    there: bool,
) {
    if there {
        map.insert(key, change);
    } else {
        map.remove(&key);
    }
}

impl Applied {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Entry(key, kind, rule) => {
                let there = rule.is_some();
                place(&mut self.entries, (*key, *kind), change.clone(), there);
            }
            Change::Shape(number, _) => panic!("no rule has shape {number}"),
            Change::Number(number, value) => {
                let there = value.is_some();
                place(&mut self.numbers, number.0, change.clone(), there);
            }
            Change::Scope(partition, entry) => {
                let there = entry.contents != 0;
                place(&mut self.scopes, *partition, change.clone(), there);
            }
            Change::Slot(slot, 0) => {
                self.slots.remove(slot);
            }
            Change::Slot(slot, rule) => {
                self.slots.insert(*slot, *rule);
            }
        }
    }

    fn of(tables: &Tables) -> Self {
        let mut applied = Self::default();
        let mut all: Vec<Change> = Vec::new();
        all.extend(
            tables
                .buckets
                .iter()
                .map(|(key, kind, rule)| Change::Entry(key, kind, rule)),
        );
        all.extend(
            tables
                .numbers
                .iter()
                .map(|(number, entry)| Change::Number(*number, Some(*entry))),
        );
        all.extend(
            (0..)
                .zip(&tables.scopes)
                .map(|(partition, entry)| Change::Scope(partition, *entry)),
        );
        all.extend(
            tables
                .slots
                .iter()
                .map(|(slot, rule)| Change::Slot(*slot, *rule)),
        );
        all.into_iter().for_each(|change| applied.apply(&change));
        applied
    }

    fn assert_same(&self, other: &Self) {
        assert_eq!(self.entries, other.entries);
        assert_eq!(self.numbers, other.numbers);
        assert_eq!(self.scopes, other.scopes);
        assert_eq!(self.slots, other.slots);
    }
}

fn any_spec() -> impl Strategy<Value = RuleSpec> {
    let pattern = prop_oneof![
        Just("+1415*"),
        Just("+14*"),
        Just("+14155551234"),
        Just("+49*"),
        Just("7042"),
        Just("alice"),
        Just("+4930*")
    ];
    let scope = prop_oneof![
        Just("global"),
        Just("number:+14155550001"),
        Just("number:+14155550002"),
        Just("number:7000")
    ];
    let direction = prop_oneof![
        Just(RuleDirection::Inbound),
        Just(RuleDirection::Outbound),
        Just(RuleDirection::Both)
    ];
    (
        pattern,
        scope,
        direction,
        any::<bool>(),
        prop::bool::weighted(0.8),
    )
        .prop_map(|(pattern, scope, direction, allow, enabled)| RuleSpec {
            list: if allow {
                ListKind::Allow
            } else {
                ListKind::Block
            },
            scope: scope.to_owned(),
            direction,
            enabled,
            ..spec(pattern)
        })
}

proptest! {
    /// Single changes lead to the same tables as filling them anew; a refused change leaves them.
    #[test]
    fn changes_are_a_rebuild(operations in prop::collection::vec((any_spec(), 1_u32..12, 0_u8..4), 1..60)) {
        let mut set = set();
        let mut kernel = Applied::of(&set.generation());
        for (spec, id, kind) in operations {
            let plan = match kind {
                0 => {
                    let plan = set.retire(RuleId(id));
                    set.forget(RuleId(id));
                    plan
                }
                1 => {
                    // The kernel refuses: what was done is taken back.
                    let old = set.get(RuleId(id)).cloned();
                    if set.put(&rule(&spec, id)).is_ok() {
                        match old {
                            Some(old) => { set.put(&old).unwrap(); }
                            None => set.forget(RuleId(id)),
                        }
                    }
                    kernel.slots = set.generation().slots.into_iter().collect();
                    continue;
                }
                _ => match set.put(&rule(&spec, id)) {
                    Ok(plan) => plan,
                    Err(_) => continue,
                },
            };
            plan.changes.into_iter().for_each(|change| kernel.apply(&change));
            kernel.assert_same(&Applied::of(&set.generation()));
        }
        let slots = set.generation().slots;
        let mut anew = RuleSet::new(protected_numbers(["112", "911"], &[us(), de()]), 100, &slots, |_| true);
        // Scope ids are given in the order of need, so contents are compared by what they decide.
        for rule in set.iter() {
            anew.put(rule).unwrap();
        }
        prop_assert_eq!(set.generation().buckets.len(), anew.generation().buckets.len());
        prop_assert_eq!(set.generation().slots, anew.generation().slots);
        for caller in ["+14155551234", "+14165551234", "+493012345", "7042", "alice", "+33"] {
            for called in ["+14155550001", "+14155550002", "7000", "112"] {
                let message = crate::sip::invite::Invite::between(caller, called).text();
                for flags in [0, blacklist_common::tables::TRUNK_OUTBOUND] {
                    let trunk = blacklist_common::tables::TrunkEntry {
                        identity: [1, 0, 0, 0],
                        flags,
                        ..Default::default()
                    };
                    let one = set.explain(&message, &trunk, 0);
                    let other = anew.explain(&message, &trunk, 0);
                    prop_assert_eq!(one.judgement, other.judgement);
                    prop_assert_eq!(one.rule, other.rule);
                }
            }
        }
    }
}
