//! The lookup order on small worlds, each with a name.

extern crate std;

use std::collections::{BTreeMap, BTreeSet};
use std::vec::Vec;

use super::judge::outcome_of;
use super::*;
use crate::number::{MAXIMUM_DIGITS, Party};
use crate::outcome::Outcome;
use crate::pattern::{Class, EntryKey, Found, Kind};
use crate::repeat::PlainLoop;
use crate::rule::{Action, Direction, ReasonClass};
use crate::scope::{
    NumberEntry, SCOPE_HAS_ALLOW_PATTERNS, SCOPE_HAS_DEFAULT, SCOPE_HAS_EXACT, ScopeEntry,
    partition,
};
use crate::shape::Shape;
use crate::tables::{PrefixValue, setting_answers};

#[derive(Default)]
struct World {
    entries: BTreeMap<(Number, u32, u32), RuleRef>,
    scopes: BTreeMap<u32, ScopeEntry>,
    numbers: BTreeMap<Number, NumberEntry>,
    granted: bool,
    asserted: bool,
}

/// `+` and digits.
fn number(digits: &str) -> Number {
    let packed = digits.bytes().zip(0..).fold(0, |packed, (digit, place)| {
        packed | u64::from(digit - b'0') << (60 - 4 * place)
    });
    Number::from_nibbles(NumberKind::E164, packed, digits.len() as u32)
}

fn rule(slot: u32) -> RuleRef {
    RuleRef::new(slot, Action::Drop, ReasonClass::OwnList, false)
}

const INBOUND: Direction = Direction::Inbound;
/// Scope of the called number.
const OWN: u32 = 7;
const GLOBAL: u32 = 0;

impl World {
    fn with(mut self, scope: u32, kind: Kind, key: EntryKey, slot: u32) -> Self {
        let entry = self.scopes.entry(partition(scope, INBOUND)).or_default();
        if let Some(digits) = key.prefix_digits() {
            entry.contents |= SCOPE_HAS_ALLOW_PATTERNS << kind as u32;
            let used = usize::from(entry.prefix_count);
            let mut lengths: BTreeSet<u8> = entry.shapes[..used].iter().copied().collect();
            lengths.insert(digits as u8);
            for (place, length) in entry.shapes.iter_mut().zip(lengths.iter().rev()) {
                *place = *length;
            }
            entry.prefix_count = lengths.len() as u8;
            entry.shape_count = entry.prefix_count;
        } else {
            entry.contents |= SCOPE_HAS_EXACT;
        }
        self.entries
            .insert((key.number, key.place, kind as u32), rule(slot));
        self
    }

    fn exact(self, scope: u32, kind: Kind, digits: &str, slot: u32) -> Self {
        let key = EntryKey::exact(partition(scope, INBOUND), number(digits));
        self.with(scope, kind, key, slot)
    }

    fn prefix(self, scope: u32, kind: Kind, digits: &str, slot: u32) -> Self {
        let length = digits.len() as u32;
        let key = EntryKey::prefix(partition(scope, INBOUND), number(digits), length);
        self.with(scope, kind, key, slot)
    }

    fn class(self, scope: u32, kind: Kind, class: Class, slot: u32) -> Self {
        let key = EntryKey::exact(partition(scope, INBOUND), class.number());
        let mut world = self.with(scope, kind, key, slot);
        world.scope_of(scope).classes |= class.bit();
        world
    }

    fn scope_of(&mut self, scope: u32) -> &mut ScopeEntry {
        self.scopes.entry(partition(scope, INBOUND)).or_default()
    }

    /// What becomes of calls that no rule names.
    fn default_rule(mut self, scope: u32, rule: RuleRef) -> Self {
        self.scope_of(scope).contents |= SCOPE_HAS_DEFAULT;
        self.scope_of(scope).default_block = rule;
        self
    }

    /// Rules that only user space can compare.
    fn left_to_user(mut self, scope: u32, contents: u32) -> Self {
        self.scope_of(scope).contents |= contents;
        self
    }

    fn list(mut self, scope: u32, list: u32) -> Self {
        let entry = self.scope_of(scope);
        entry.lists[usize::from(entry.list_count)] = list;
        entry.list_count += 1;
        self
    }

    fn protect(mut self, digits: &str) -> Self {
        self.numbers.entry(number(digits)).or_default().flags = NUMBER_PROTECTED;
        self
    }
}

impl Tables for World {
    const COMPLETE: bool = false;
    const TRIES: bool = false;

    fn perhaps(&self, key: &EntryKey) -> bool {
        Kind::ALL.iter().any(|kind| {
            self.entries
                .contains_key(&(key.number, key.place, *kind as u32))
        })
    }

    fn entry(&self, key: &EntryKey, found: &mut Found) {
        for kind in Kind::ALL {
            if let Some(rule) = self.entries.get(&(key.number, key.place, kind as u32)) {
                found.rules[kind as usize] = *rule;
            }
        }
    }

    fn longest_prefix(&self, _partition: u32, _kind: u32, _number: Number) -> PrefixValue {
        PrefixValue::default()
    }

    fn shape(&self, _number: u8) -> Option<&Shape> {
        None
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
            .is_some_and(|entry| entry.flags & NUMBER_PROTECTED != 0)
    }

    fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        self.scopes.get(&partition)
    }

    fn granted(&self, _key: &GrantKey) -> bool {
        self.granted
    }

    fn rule_id(&self, slot: u32) -> u32 {
        slot
    }

    fn user(&self, _partition: u32, _found: &mut Found) {}
}

#[derive(Default)]
struct Scopes(Vec<u32>);

impl Observe for Scopes {
    fn scope(&mut self, scope: u32, _rules: &Found, _user: &Found) {
        self.0.push(scope);
    }
}

const CALLER: &str = "14155551234";
const CALLED: &str = "12015550100";

/// Decides a call to a number that is in the scope [`OWN`].
fn decided(mut world: World, direction: Direction, classes: u32) -> (Step, u32) {
    let called = world.numbers.entry(number(CALLED)).or_default();
    called.scope_count = 1;
    called.scopes[0] = OWN;
    let call = Call {
        caller: Party::of(number(CALLER)),
        called: Party::of(number(CALLED)),
        classes,
        asserted: u32::from(world.asserted),
    };
    let mut walk = Walk::default();
    walk.begin(direction, &call, true);
    let mut scopes = Scopes::default();
    let decision = decide::<PlainLoop, _, _>(&world, &mut walk, &mut scopes);
    if !matches!(decision.step, Step::SafetyFloor | Step::Grant) {
        let expected = match direction {
            Direction::Inbound => &[GLOBAL, OWN][..],
            Direction::Outbound => &[GLOBAL],
        };
        assert_eq!(scopes.0, expected, "broadest first");
    }
    (decision.step, decision.rule.slot())
}

#[test]
#[rustfmt::skip]
fn the_order_of_rules() {
    use Kind::{Allow, Block, Mandatory};
    let world = World::default;
    let anonymous = Class::AnonymousUri;
    for (name, world, expected) in [
        ("no rule", world(), (Step::Default, 0)),
        ("another number", world().exact(GLOBAL, Block, "14155551235", 1), (Step::Default, 0)),
        ("blocked", world().exact(GLOBAL, Block, CALLER, 1), (Step::BlockRule, 1)),
        ("blocked by its own scope", world().exact(OWN, Block, CALLER, 1), (Step::BlockRule, 1)),
        ("another scope", world().exact(9, Block, CALLER, 1), (Step::Default, 0)),
        ("the broadest block", world().exact(GLOBAL, Block, CALLER, 1).exact(OWN, Block, CALLER, 2),
            (Step::BlockRule, 1)),
        ("allowed", world().exact(GLOBAL, Block, CALLER, 1).exact(OWN, Allow, CALLER, 2),
            (Step::AllowRule, 2)),
        ("allowed by a prefix", world().exact(OWN, Block, CALLER, 1).prefix(OWN, Allow, "1415", 2),
            (Step::AllowRule, 2)),
        ("the narrowest allow", world().exact(GLOBAL, Allow, CALLER, 1).exact(OWN, Allow, CALLER, 2),
            (Step::AllowRule, 2)),
        ("mandatory before a narrower allow",
            world().exact(GLOBAL, Mandatory, CALLER, 1).exact(OWN, Allow, CALLER, 2),
            (Step::MandatoryBlock, 1)),
        ("a broader allow before mandatory",
            world().exact(GLOBAL, Allow, CALLER, 1).exact(OWN, Mandatory, CALLER, 2),
            (Step::AllowRule, 1)),
        ("the longest prefix", world().prefix(GLOBAL, Block, "1", 1).prefix(GLOBAL, Block, "14155", 2)
            .prefix(GLOBAL, Block, "1415", 3), (Step::BlockRule, 2)),
        ("a number before its prefix",
            world().prefix(GLOBAL, Block, "141555", 1).exact(GLOBAL, Block, CALLER, 2),
            (Step::BlockRule, 2)),
        ("a prefix longer than the number",
            world().prefix(GLOBAL, Block, "141555512345", 1), (Step::Default, 0)),
        ("a class", world().class(GLOBAL, Block, anonymous, 1), (Step::BlockRule, 1)),
        ("a class of others", world().class(GLOBAL, Block, Class::Withheld, 1), (Step::Default, 0)),
        ("everything", world().class(GLOBAL, Block, Class::Everything, 1), (Step::BlockRule, 1)),
        ("a class before everything", world().class(GLOBAL, Block, Class::Everything, 1)
            .class(GLOBAL, Block, anonymous, 2), (Step::BlockRule, 2)),
        ("the default of its scope", world().default_rule(OWN, rule(1)), (Step::Default, 1)),
        ("a default that lets through",
            world().default_rule(GLOBAL, rule(1)).default_rule(OWN, RuleRef::NONE),
            (Step::Default, 0)),
        ("a shared list", world().list(OWN, 9).exact(9, Block, CALLER, 1), (Step::BlockRule, 1)),
        ("a shared list's lower id", world().list(OWN, 9).exact(9, Block, CALLER, 1)
            .exact(OWN, Block, CALLER, 2), (Step::BlockRule, 1)),
        ("anybody can say that he is protected",
            world().exact(GLOBAL, Mandatory, CALLER, 1).protect(CALLER), (Step::MandatoryBlock, 1)),
        ("protected, and asserted", World { asserted: true,
            ..world().exact(GLOBAL, Mandatory, CALLER, 1).protect(CALLER) }, (Step::SafetyFloor, 0)),
        ("to a protected number", world().exact(GLOBAL, Block, CALLER, 1).protect(CALLED),
            (Step::SafetyFloor, 0)),
        ("granted", World { granted: true, ..world().exact(GLOBAL, Mandatory, CALLER, 1) },
            (Step::Grant, 0)),
        ("left to user space",
            world().exact(GLOBAL, Block, CALLER, 1).left_to_user(OWN, SCOPE_USER_ALLOW),
            (Step::UserSpace, 0)),
        ("a user-space block changes nothing", world().exact(GLOBAL, Block, CALLER, 1)
            .left_to_user(OWN, SCOPE_USER & !SCOPE_USER_ALLOW & !SCOPE_USER_MANDATORY),
            (Step::BlockRule, 1)),
        ("no rule, left to user space", world().left_to_user(OWN, SCOPE_USER), (Step::UserSpace, 0)),
    ] {
        assert_eq!(decided(world, INBOUND, anonymous.bit()), expected, "{name}");
    }
}

#[test]
fn outbound_calls_have_rules_of_their_own() {
    let key = |number| EntryKey::exact(partition(GLOBAL, Direction::Outbound), number);
    for (name, number, expected) in [
        ("the called party", number(CALLED), (Step::BlockRule, 1)),
        ("the caller", number(CALLER), (Step::Default, 0)),
    ] {
        let mut world = World::default().exact(GLOBAL, Kind::Block, CALLED, 2);
        let key = key(number);
        world
            .entries
            .insert((key.number, key.place, Kind::Block as u32), rule(1));
        let outbound = ScopeEntry {
            contents: SCOPE_HAS_EXACT,
            ..ScopeEntry::default()
        };
        world
            .scopes
            .insert(partition(GLOBAL, Direction::Outbound), outbound);
        assert_eq!(decided(world, Direction::Outbound, 0), expected, "{name}");
    }
}

#[test]
fn what_a_decision_means_for_the_packet() {
    let answered = setting_answers(Action::Reject);
    for (action, monitor, settings, outcome) in [
        (Action::Drop, false, 0, Outcome::Dropped),
        (Action::Drop, true, 0, Outcome::Monitored),
        (Action::Monitor, false, 0, Outcome::Monitored),
        (Action::Pass, true, 0, Outcome::Allowed),
        (Action::Reject, false, 0, Outcome::Unanswered),
        (Action::Reject, false, answered, Outcome::Steered),
        (Action::Reject, true, answered, Outcome::Monitored),
        (Action::Pin, false, answered, Outcome::Unanswered),
    ] {
        let rule = RuleRef::new(1, action, ReasonClass::OwnList, false);
        let decision = Decision {
            step: Step::BlockRule,
            rule,
        };
        let seen = outcome_of(&decision, monitor, settings);
        assert_eq!(seen, outcome, "{action:?}");
    }
}

#[test]
fn numbers_are_longer_than_their_digits() {
    for (digits, limit, expected) in [("1415", 3, true), ("1415", 4, false), ("1415", 15, false)] {
        assert_eq!(is_longer(number(digits), limit), expected);
    }
    assert!(is_longer(Number::from_text(b"a"), 14));
    assert!(!is_longer(Number::from_text(b"a"), MAXIMUM_DIGITS));
}
