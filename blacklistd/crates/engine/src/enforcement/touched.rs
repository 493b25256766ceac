//! What a change touched, and the order in which the kernel gets it: no call in between is judged
//! by half a change.

use std::collections::HashMap;

use blacklist_common::number::Number;
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::RuleRef;
use blacklist_common::scope::{MAXIMUM_LISTS, NumberEntry, ScopeEntry};
use blacklist_common::shape::{FIRST_WILDCARD_SHAPE, Shape};
use blacklist_common::tables::GrantKey;
use blacklist_generation::{Change, GrantEnd};

use crate::enforcement::partitions::write_shapes;

/// Entries from which on a new generation is cheaper than single changes.
const MAXIMUM_CHANGES: usize = 10_000;

/// A place in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    Entry(EntryKey, Kind),
    Number(Number),
    Scope(u32),
    Shape(u8),
    Slot(u32),
    Grant(GrantKey),
}

/// What is stored at a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Nothing,
    Rule(RuleRef),
    Number(Option<NumberEntry>),
    Scope(Box<ScopeEntry>),
    Shape(Shape),
    Slot(u32),
    Grant(Option<GrantEnd>),
}

/// What stood at each place before it was touched first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Touched {
    before: HashMap<Key, Value>,
    /// Whether anybody wants to know; not while a set is loaded.
    pub(crate) recording: bool,
    /// There are more than a new generation costs.
    pub(crate) whole: bool,
}

impl Touched {
    /// Begins to record.
    pub(crate) fn begin(&mut self) {
        *self = Self {
            recording: true,
            ..Self::default()
        };
    }

    /// A place is about to be, or was just changed; `before` is what stood there.
    pub(crate) fn note(&mut self, key: Key, before: impl FnOnce() -> Value) {
        if !self.recording || self.whole {
            return;
        }
        self.before.entry(key).or_insert_with(before);
        if self.before.len() > MAXIMUM_CHANGES {
            self.whole = true;
            self.before = HashMap::new();
        }
    }

    /// The slots among what was touched, with the ids that they had before.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (u32, u32)> {
        self.before
            .iter()
            .filter_map(|(key, before)| match (key, before) {
                (Key::Slot(slot), Value::Slot(id)) => Some((*slot, *id)),
                _ => None,
            })
    }

    /// Ends recording: what was touched and is another than it was, in order. None if a new
    /// generation is cheaper.
    pub(crate) fn end(&mut self, value: impl Fn(Key) -> Value) -> Option<Vec<Change>> {
        let Self { before, whole, .. } = std::mem::take(self);
        if whole {
            return None;
        }
        let mut steps = Vec::with_capacity(before.len());
        for (key, before) in before {
            let after = value(key);
            if before != after {
                add_steps(&mut steps, key, &before, after);
            }
        }
        steps.sort_by_key(|step| step.order);
        Some(steps.into_iter().map(|step| step.change).collect())
    }
}

/// A change and when it is made.
struct Step {
    order: (Stage, u32),
    change: Change,
}

/// The order of changes. What blocks comes after what lets through and goes before it; what leads
/// to rules comes after them and goes before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Slot,
    Shape,
    AllowPut,
    /// Partitions say what they will hold, beside what they hold.
    Expose,
    BlockPut,
    NumberGains,
    NumberLoses,
    /// Lists and defaults as they will be.
    Assign,
    BlockGone,
    AllowGone,
    /// Partitions say what they hold.
    Conclude,
    SlotGone,
}

fn add_steps(steps: &mut Vec<Step>, key: Key, before: &Value, after: Value) {
    let mut add = |stage, change| {
        // Stable among equals; partitions of lists that scopes share before those of the scopes.
        let within = match &change {
            Change::Scope(_, entry) => u32::from(entry.list_count > 0),
            _ => 0,
        };
        steps.push(Step {
            order: (stage, within),
            change,
        });
    };
    match (key, before, after) {
        (Key::Slot(slot), _, Value::Slot(id)) => {
            let stage = if id == 0 {
                Stage::SlotGone
            } else {
                Stage::Slot
            };
            add(stage, Change::Slot(slot, id));
        }
        (Key::Grant(pair), _, Value::Grant(end)) => {
            let stage = if end.is_some() {
                Stage::AllowPut
            } else {
                Stage::AllowGone
            };
            add(stage, Change::Grant(pair, end));
        }
        (Key::Shape(number), _, Value::Shape(shape)) => {
            add(Stage::Shape, Change::Shape(number, shape));
        }
        (Key::Entry(key, kind), _, Value::Rule(rule)) => {
            let stage = match (kind, rule.is_some()) {
                (Kind::Allow, true) => Stage::AllowPut,
                (Kind::Allow, false) => Stage::AllowGone,
                (Kind::Block | Kind::Mandatory, true) => Stage::BlockPut,
                (Kind::Block | Kind::Mandatory, false) => Stage::BlockGone,
            };
            add(stage, Change::Entry(key, kind, rule));
        }
        (Key::Number(number), Value::Number(before), Value::Number(after)) => {
            let stage = stage_of_number(*before, after);
            add(stage, Change::Number(number, after));
        }
        (Key::Scope(partition), Value::Scope(before), Value::Scope(after)) => {
            let mut last = **before;
            for (stage, entry) in [
                (Stage::Expose, exposed(before, &after)),
                (Stage::Assign, assigned(before, &after)),
                (Stage::Conclude, *after),
            ] {
                if entry != last {
                    add(stage, Change::Scope(partition, entry));
                    last = entry;
                }
            }
        }
        _ => {}
    }
}

/// Whether a number gains a scope, or only loses some.
fn stage_of_number(before: Option<NumberEntry>, after: Option<NumberEntry>) -> Stage {
    let scopes = |entry: Option<NumberEntry>| {
        let entry = entry.unwrap_or_default();
        let count = entry.scope_count as usize;
        entry.scopes.into_iter().take(count).collect::<Vec<u32>>()
    };
    let held = scopes(before);
    if scopes(after).iter().any(|scope| !held.contains(scope)) {
        Stage::NumberGains
    } else {
        Stage::NumberLoses
    }
}

fn numbers(entry: &ScopeEntry) -> impl Iterator<Item = u8> {
    entry
        .shapes
        .into_iter()
        .take(usize::from(entry.shape_count))
}

/// What both hold, with the lists and the default of neither.
fn united(before: &ScopeEntry, after: &ScopeEntry) -> ScopeEntry {
    let mut united = *after;
    united.contents |= before.contents;
    united.classes |= before.classes;
    let is_length = |number: &u8| u32::from(*number) < FIRST_WILDCARD_SHAPE;
    let mut lengths: Vec<u8> = numbers(before)
        .chain(numbers(after))
        .filter(is_length)
        .collect();
    lengths.sort_unstable_by(|one, other| other.cmp(one));
    lengths.dedup();
    let gone: Vec<u8> = numbers(before)
        .filter(|number| !is_length(number) && !numbers(after).any(|other| other == *number))
        .collect();
    let kept = numbers(after).filter(|number| !is_length(number));
    // Those that are removed come last: what little of them is still there is asked last.
    if !write_shapes(&mut united, lengths.into_iter(), kept.chain(gone)) {
        return *after;
    }
    united
}

/// Before block rules are put: what both hold; new lists beside those that were there; the
/// default as it was.
fn exposed(before: &ScopeEntry, after: &ScopeEntry) -> ScopeEntry {
    let mut entry = united(before, after);
    let kept = before
        .lists
        .into_iter()
        .take(usize::from(before.list_count));
    let new = after.lists.into_iter().take(usize::from(after.list_count));
    let mut lists: Vec<u32> = kept.collect();
    for list in new {
        if !lists.contains(&list) {
            lists.push(list);
        }
    }
    if lists.len() <= MAXIMUM_LISTS {
        entry.lists = [0; MAXIMUM_LISTS];
        for (place, list) in entry.lists.iter_mut().zip(&lists) {
            *place = *list;
        }
        entry.list_count = lists.len() as u8;
    }
    entry.default_block = before.default_block;
    let default = blacklist_common::scope::SCOPE_HAS_DEFAULT;
    entry.contents = entry.contents & !default | before.contents & default;
    entry
}

/// Behind all that is put: lists and default as they will be, and still what both hold.
fn assigned(before: &ScopeEntry, after: &ScopeEntry) -> ScopeEntry {
    let mut entry = united(before, after);
    let default = blacklist_common::scope::SCOPE_HAS_DEFAULT;
    entry.contents = entry.contents & !default | after.contents & default;
    entry
}
