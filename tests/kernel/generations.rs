//! Rules that come and go: whole generations, single changes, a daemon that restarts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use blacklist_common::outcome::Outcome;
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::scope::{
    NUMBER_PROTECTED, NumberEntry, SCOPE_HAS_BLOCK_PATTERNS, SCOPE_HAS_EXACT, ScopeEntry,
};
use blacklist_common::tables::Counter;
use blacklist_kernel::{Change, Kernel};
use blacklist_tests::datagram::{Datagram, Frame};
use blacklist_tests::invite::Invite;
use blacklist_tests::lab::Lab;
use blacklist_tests::rules::{List, World, number};
use blacklist_tests::standard::PLAIN;

fn call() -> Frame {
    Datagram::new(PLAIN, Invite::new().listed()).frame()
}

fn outcome(lab: &mut Lab) -> Outcome {
    lab.agree(&call()).unwrap().outcome
}

fn blocking(slot: u32, spelling: &str) -> World {
    let mut world = World::new();
    let _ = world.global().block(slot, spelling);
    world
}

#[test]
fn the_next_generation_has_only_its_own_rules() {
    let mut lab = Lab::open(blocking(1, "+14155551234"));
    let first = lab.kernel.generation();
    assert!(lab.send(&call().bytes));
    assert_eq!(lab.install(blocking(2, "+14155559999")), first + 1);
    assert_eq!(outcome(&mut lab), Outcome::NoRule);
    assert!(!lab.send(&call().bytes));
    assert_eq!(
        lab.counter(1),
        Counter {
            calls: 1,
            packets: 1
        },
        "counters stay"
    );
    for generation in 2..10 {
        let listed = generation % 2 == 0;
        let spelling = if listed {
            "+14155551234"
        } else {
            "+14155559999"
        };
        assert_eq!(lab.install(blocking(1, spelling)), first + generation);
        assert_eq!(outcome(&mut lab).is_dropped(), listed);
    }
}

#[test]
fn a_generation_without_rules_lets_all_through() {
    let mut lab = Lab::open(World::new());
    assert_eq!(outcome(&mut lab), Outcome::NoRule);
    lab.install(blocking(1, "+14155551234"));
    assert_eq!(outcome(&mut lab), Outcome::Dropped);
    lab.install(World::new());
    assert_eq!(outcome(&mut lab), Outcome::NoRule);
}

#[test]
fn a_program_without_a_generation_lets_all_through() {
    let lab = Lab::open(World::new());
    let mut settings = lab.settings();
    settings.maximum_rules += 1;
    let kernel = Kernel::open(&settings).unwrap();
    let seen = kernel.ask_frame(&call().bytes).unwrap();
    assert!(!seen.outcome.is_dropped(), "{seen:?}");
}

#[test]
fn single_exact_rules_come_and_go() {
    let mut lab = Lab::open(World::new());
    let key = EntryKey::exact(0, number("+14155551234"));
    let block = RuleRef::new(7, Action::Drop, ReasonClass::OwnList, false);
    let scope = ScopeEntry {
        contents: SCOPE_HAS_EXACT,
        ..ScopeEntry::default()
    };
    let generation = lab.kernel.generation();

    let changes = [
        Change::Slot(7, 77),
        Change::Entry(key, Kind::Block, block),
        Change::Scope(0, scope),
    ];
    lab.apply(blocking(7, "+14155551234"), &changes);
    assert_eq!(outcome(&mut lab), Outcome::Dropped);
    assert!(lab.send(&call().bytes));
    assert_eq!(
        lab.counter(7),
        Counter {
            calls: 1,
            packets: 1
        }
    );
    assert!(lab.kernel.slots().unwrap().contains(&(7, 77)));

    let mut both = World::new();
    let _ = both
        .global()
        .block(7, "+14155551234")
        .allow(8, "+14155551234");
    let allow = RuleRef::new(8, Action::Pass, ReasonClass::OwnList, false);
    lab.apply(both, &[Change::Entry(key, Kind::Allow, allow)]);
    assert_eq!(outcome(&mut lab), Outcome::Allowed);

    lab.apply(
        World::new(),
        &[
            Change::Entry(key, Kind::Block, RuleRef::NONE),
            Change::Entry(key, Kind::Allow, RuleRef::NONE),
            Change::Entry(key, Kind::Allow, RuleRef::NONE),
        ],
    );
    assert_eq!(outcome(&mut lab), Outcome::NoRule);
    assert_eq!(
        lab.kernel.generation(),
        generation + 3,
        "one for each change"
    );
}

#[test]
fn single_prefixes_and_numbers_come_and_go() {
    let mut lab = Lab::open(World::new());
    let mut world = World::new();
    let _ = world.global().prefix(List::Block, 9, "+1415");
    let rule = RuleRef::new(9, Action::Drop, ReasonClass::OwnList, false);
    let prefix = EntryKey::prefix(0, number("+1415"), 4);
    let mut scope = ScopeEntry {
        contents: SCOPE_HAS_BLOCK_PATTERNS,
        prefix_count: 1,
        shape_count: 1,
        ..ScopeEntry::default()
    };
    scope.shapes[0] = 4;
    let changes = [
        Change::Entry(prefix, Kind::Block, rule),
        Change::Scope(0, scope),
    ];
    lab.apply(world.clone(), &changes);
    assert_eq!(outcome(&mut lab), Outcome::Dropped);

    let called = number("+12015550100");
    let entry = NumberEntry {
        flags: NUMBER_PROTECTED,
        ..NumberEntry::default()
    };
    let mut protected = world.clone();
    protected.protect("+12015550100");
    lab.apply(protected, &[Change::Number(called, Some(entry))]);
    assert_eq!(outcome(&mut lab), Outcome::SafetyFloor);
    lab.apply(world, &[Change::Number(called, None)]);
    assert_eq!(outcome(&mut lab), Outcome::Dropped);

    lab.apply(
        World::new(),
        &[Change::Entry(prefix, Kind::Block, RuleRef::NONE)],
    );
    assert_eq!(outcome(&mut lab), Outcome::NoRule);
}

#[test]
fn changes_of_a_generation_are_gone_with_it() {
    let mut lab = Lab::open(World::new());
    let key = EntryKey::exact(0, number("+14155551234"));
    let block = RuleRef::new(7, Action::Drop, ReasonClass::OwnList, false);
    let scope = ScopeEntry {
        contents: SCOPE_HAS_EXACT,
        ..ScopeEntry::default()
    };
    let changes = [
        Change::Entry(key, Kind::Block, block),
        Change::Scope(0, scope),
    ];
    lab.apply(blocking(7, "+14155551234"), &changes);
    assert_eq!(outcome(&mut lab), Outcome::Dropped);
    lab.install(blocking(8, "+14155559999"));
    assert_eq!(outcome(&mut lab), Outcome::NoRule);
    lab.install(blocking(8, "+14155559999"));
    assert_eq!(outcome(&mut lab), Outcome::NoRule);
}

#[test]
fn a_restart_keeps_rules_counters_and_calls() {
    let mut lab = Lab::open(blocking(1, "+14155551234"));
    assert!(lab.send(&call().bytes));
    let generation = lab.kernel.generation();
    let mut lab = lab.restarted();
    assert_eq!(lab.kernel.generation(), generation);
    assert_eq!(lab.kernel.slots().unwrap(), [(1, 1001)]);
    assert_eq!(outcome(&mut lab), Outcome::Dropped);
    assert!(lab.send(&call().bytes));
    assert_eq!(
        lab.counter(1),
        Counter {
            calls: 1,
            packets: 2
        },
        "the same call"
    );
    assert!(
        lab.kernel.apply(&[], 1).is_err(),
        "single changes need a generation of this daemon"
    );
    assert_eq!(lab.install(blocking(1, "+14155559999")), generation + 1);
    assert_eq!(outcome(&mut lab), Outcome::NoRule);
}

#[test]
fn a_slot_that_is_not_there_is_refused() {
    let mut lab = Lab::open(blocking(1, "+14155551234"));
    let slot = lab.settings().maximum_rules + 1;
    let error = lab.kernel.apply(&[Change::Slot(slot, 1)], 1).unwrap_err();
    assert!(error.is_full(), "{error}");
    assert!(lab.kernel.apply(&[Change::Slot(0, 1)], 1).is_err());
    assert_eq!(outcome(&mut lab), Outcome::Dropped);
}

/// Rules of one local number: its scope is found in one table, the scope's rule in another. A mix
/// of two such worlds with other counts of scopes finds no rule.
fn of_scope(scopes_before: u32, slot: u32) -> World {
    let mut world = World::new();
    for index in 0..scopes_before {
        let _ = world.of_number(&format!("+120155501{index:02}1"));
    }
    let _ = world.of_number("+12015550100").block(slot, "+14155551234");
    world
}

#[test]
fn a_packet_sees_one_generation_wholly() {
    let worlds = [of_scope(0, 1), of_scope(7, 2)];
    let mut lab = Lab::open(worlds[0].clone());
    // A program of its own over the same tables.
    let other = Kernel::open(&lab.settings()).unwrap();
    let is_over = &AtomicBool::new(false);
    let answers = std::thread::scope(|scope| {
        let asking = scope.spawn(move || {
            let frame = call().bytes;
            let mut answers = BTreeMap::new();
            while !is_over.load(Ordering::Relaxed) {
                let answer = other.ask_frame(&frame).unwrap();
                *answers
                    .entry((answer.outcome as u8, answer.slot))
                    .or_insert(0_u32) += 1;
            }
            answers
        });
        for turn in 1..=200 {
            lab.install(worlds[turn % 2].clone());
        }
        is_over.store(true, Ordering::Relaxed);
        asking.join().unwrap()
    });
    let dropped = Outcome::Dropped as u8;
    let kinds: Vec<_> = answers.keys().copied().collect();
    assert_eq!(kinds, [(dropped, 1), (dropped, 2)], "{answers:?}");
    assert!(answers.values().all(|count| *count > 20), "{answers:?}");
}
