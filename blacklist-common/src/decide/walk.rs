//! The walk over the scopes of a call, broadest first, and over the patterns of each: what every
//! scope has to say. What follows from it is decided in [`crate::decide`].

use crate::masked;
use crate::number::{NumberKind, Party};
use crate::pattern::{CLASSES, Class, EntryKey, Found, KIND_PLACES, Kind, class_number};
use crate::repeat::{self, Repeat};
use crate::rule::RuleRef;
use crate::scope::{
    GLOBAL_SCOPE, MAXIMUM_LISTS, MAXIMUM_SCOPES, NumberEntry, SCOPE_HAS_ALLOW_PATTERNS,
    SCOPE_HAS_DEFAULT, SCOPE_HAS_EXACT, SCOPE_NAMES_SHIFT, SCOPE_PATTERNS, SCOPE_SHAPES,
    SCOPE_USER, SCOPE_USER_NAMES, ScopeEntry, partition,
};
use crate::shape::count_digits;
use crate::tables::Direction;
use crate::zeroed::Zeroed;

use super::questions::{Call, Observe, Tables};

/// How specific a pattern is, as a number: a whole number before prefixes before wildcards before
/// classes before everything.
mod rank {
    pub(super) const EXACT: u32 = 0x400;
    /// And the digits.
    pub(super) const PREFIX: u32 = 0x200;
    /// And the digits that are compared.
    pub(super) const WILDCARD: u32 = 0x100;
    pub(super) const CLASS: u32 = 2;
    pub(super) const EVERYTHING: u32 = 1;
}

/// The walk over the scopes of a call, broadest first.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C, align(8))]
pub struct Walk {
    pub(crate) local: Party,
    pub(crate) remote: Party,
    pub(crate) entry: NumberEntry,
    /// Of the key that is being looked up.
    found: Found,
    /// The scope's most specific rules so far, and how specific they are.
    best: Found,
    ranks: [u32; KIND_PLACES],
    /// The scope's rules that only user space can compare.
    user: Found,
    direction: u32,
    /// 1 if grants are asked for.
    pub(crate) grants: u32,
    /// 1 if nobody vouches for who calls: a caller with a protected number is then as any other.
    pub(crate) is_caller_unproven: u32,
    /// Classes of the remote party.
    classes: u32,
    /// Digits of the remote party.
    digits: u32,
    /// 1 if the remote party is a number, which can match patterns.
    is_number: u32,
    /// 1 if it is a text; a number of more than 15 digits is both.
    is_text: u32,
    /// Scopes of the call that were begun.
    begun: u32,
    /// The scope that was begun last, and its lists that were not visited so far.
    scope: u32,
    lists: u32,
    /// The partition that is visited.
    partition: u32,
    /// `SCOPE_USER_...` bits of all scopes so far.
    pub(crate) undecided: u32,
    /// The narrowest scope's allow rule so far.
    pub(crate) allow: RuleRef,
    /// The broadest scope's block rule so far.
    pub(crate) block: RuleRef,
    /// The broadest mandatory block rule that no allow rule of its own or a broader scope lifts.
    pub(crate) mandatory: RuleRef,
    /// The same three of rules that only user space can compare, which rank below all others.
    pub(crate) user_allow: RuleRef,
    pub(crate) user_block: RuleRef,
    pub(crate) user_mandatory: RuleRef,
    /// The narrowest scope's default so far.
    pub(crate) default_block: RuleRef,
    /// Lengths of prefixes that are still to be looked up in the partition, as bits.
    lengths: u32,
}

impl Walk {
    /// Begins the walk of a call. `grants` says whether there are any.
    #[inline(always)]
    pub fn begin(&mut self, direction: Direction, call: &Call, grants: bool) {
        let mut classes = Class::Everything.bit();
        let (local, remote) = match direction {
            Direction::Inbound => {
                classes |= call.classes;
                (call.called, call.caller)
            }
            Direction::Outbound => (call.caller, call.called),
        };
        self.clear();
        self.local = local;
        self.remote = remote;
        self.direction = direction as u32;
        self.grants = u32::from(grants);
        self.is_caller_unproven = call.asserted ^ 1;
        self.classes = classes;
        self.digits = count_digits(remote.leading);
        self.is_number = u32::from(matches!(
            remote.leading.kind(),
            NumberKind::E164 | NumberKind::Local
        ));
        self.is_text = u32::from(matches!(remote.number.kind(), NumberKind::Text));
    }

    /// The party that rules speak of.
    pub const fn remote(&self) -> &Party {
        &self.remote
    }

    /// Whether the safety floor holds for the local party if its number is protected.
    #[inline(always)]
    pub(crate) const fn protects_local(&self) -> bool {
        self.direction == 0 || self.is_caller_unproven == 0
    }

    /// The same for the remote party.
    #[inline(always)]
    pub(crate) const fn protects_remote(&self) -> bool {
        self.direction != 0 || self.is_caller_unproven == 0
    }

    #[inline(always)]
    const fn direction(&self) -> Direction {
        if self.direction == 0 {
            Direction::Inbound
        } else {
            Direction::Outbound
        }
    }

    /// Takes what was found, if it is more specific than what the scope had.
    #[inline(always)]
    fn offer<T: Tables>(&mut self, tables: &T, rank: u32) {
        let mut kind = 0;
        while kind < KIND_PLACES - 1 {
            let rule = masked::get(&self.found.rules, kind);
            let best = masked::get(&self.best.rules, kind);
            let best_rank = masked::get(&self.ranks, kind);
            if rule.is_some()
                && (rank > best_rank
                    || (rank == best_rank
                        && tables.rule_id(rule.slot()) < tables.rule_id(best.slot())))
            {
                masked::set(&mut self.best.rules, kind, rule);
                masked::set(&mut self.ranks, kind, rank);
            }
            kind += 1;
        }
    }

    /// Looks up one key.
    #[inline(always)]
    fn look<T: Tables>(&mut self, tables: &T, key: &EntryKey, rank: u32) {
        self.found.clear();
        tables.entry(key, &mut self.found);
        self.offer(tables, rank);
    }

    /// Whether a kind of rule that has patterns here has nothing more specific yet than `rank`.
    #[inline(always)]
    fn wants(&self, contents: u32, rank: u32) -> bool {
        let mut kind = 0;
        while kind < KIND_PLACES - 1 {
            if contents & (SCOPE_HAS_ALLOW_PATTERNS << kind) != 0
                && masked::get(&self.ranks, kind) <= rank
            {
                return true;
            }
            kind += 1;
        }
        false
    }

    /// A scope is done: what it has to say goes into what all say.
    #[inline(always)]
    fn conclude<O: Observe>(&mut self, observer: &mut O) {
        observer.scope(self.scope, &self.best, &self.user);
        let first = |place: &mut RuleRef, rule: RuleRef| {
            if !place.is_some() {
                *place = rule;
            }
        };
        if self.best.of(Kind::Allow).is_some() {
            self.allow = self.best.of(Kind::Allow);
        }
        if self.user.of(Kind::Allow).is_some() {
            self.user_allow = self.user.of(Kind::Allow);
        }
        first(&mut self.block, self.best.of(Kind::Block));
        first(&mut self.user_block, self.user.of(Kind::Block));
        if !self.allow.is_some() && !self.user_allow.is_some() {
            first(&mut self.mandatory, self.best.of(Kind::Mandatory));
            first(&mut self.user_mandatory, self.user.of(Kind::Mandatory));
        }
        self.best.clear();
        self.user.clear();
        self.ranks = [0; KIND_PLACES];
    }

    /// Begins the next scope. False if there is none.
    #[inline(always)]
    fn begin_scope<T: Tables>(&mut self, tables: &T) -> bool {
        let begun = self.begun;
        let mut scope = GLOBAL_SCOPE;
        if begun > 0 {
            if begun > self.entry.scope_count || begun > MAXIMUM_SCOPES as u32 {
                return false;
            }
            scope = masked::get(&self.entry.scopes, begun as usize - 1);
        }
        self.begun = begun + 1;
        self.scope = scope;
        self.lists = 0;
        self.partition = partition(scope, self.direction());
        if let Some(entry) = tables.scope(self.partition) {
            self.lists = u32::from(entry.list_count);
            if entry.contents & SCOPE_HAS_DEFAULT != 0 {
                self.default_block = entry.default_block;
            }
        }
        true
    }

    /// Turns to the next list that the scope shares with others.
    #[inline(always)]
    fn begin_list<T: Tables>(&mut self, tables: &T) {
        self.lists = self.lists.wrapping_sub(1);
        let own = partition(self.scope, self.direction());
        if let Some(entry) = tables.scope(own) {
            let list = masked::get(&entry.lists, self.lists as usize);
            self.partition = partition(list, self.direction());
        }
    }
}

// SAFETY: integers only; the size is checked where it is cleared.
unsafe impl Zeroed for Walk {}

/// Partitions of a call, and one step to conclude.
const PARTITIONS: u32 = (1 + MAXIMUM_SCOPES as u32) * (1 + MAXIMUM_LISTS as u32) + 1;

/// Looks for the remote party in one partition.
#[inline(always)]
fn visit<R: Repeat, T: Tables>(tables: &T, walk: &mut Walk, entry: &ScopeEntry) {
    let contents = entry.contents;
    if contents & SCOPE_HAS_EXACT != 0 && walk.remote.number.is_some() {
        let key = EntryKey::exact(walk.partition, walk.remote.number);
        walk.look(tables, &key, rank::EXACT);
    }
    if contents & SCOPE_PATTERNS != 0 && walk.is_number != 0 {
        if T::TRIES {
            longest_prefixes(tables, walk, contents);
        } else {
            note_lengths(tables, walk, entry);
        }
        if walk.lengths != 0 {
            let walk = &mut *walk;
            R::repeat(LENGTHS, move |_| length(walk, tables, entry));
        }
        if entry.shape_count > entry.prefix_count {
            let walk = &mut *walk;
            R::repeat(SCOPE_SHAPES as u32, move |index| {
                shape(walk, tables, entry, index)
            });
        }
    }
    let classes = entry.classes & walk.classes;
    if classes & !Class::Everything.bit() != 0 {
        let walk = &mut *walk;
        R::repeat(CLASSES - 1, move |index| {
            let class = (index & 15) + 1;
            if classes >> class & 1 != 0 {
                let key = EntryKey::exact(walk.partition, class_number(class));
                walk.look(tables, &key, rank::CLASS);
            }
            repeat::Step::Again
        });
    }
    if classes & Class::Everything.bit() != 0 {
        let key = EntryKey::exact(walk.partition, Class::Everything.number());
        walk.look(tables, &key, rank::EVERYTHING);
    }
    let mut user = 0;
    if walk.is_number != 0 {
        user |= contents & SCOPE_USER;
    }
    if walk.is_text != 0 {
        user |= (contents & SCOPE_USER_NAMES) >> SCOPE_NAMES_SHIFT;
    }
    walk.undecided |= user;
    if T::COMPLETE && user != 0 {
        tables.user(walk.partition, &mut walk.user);
    }
}

/// Prefixes by the stock tables.
#[inline(always)]
fn longest_prefixes<T: Tables>(tables: &T, walk: &mut Walk, contents: u32) {
    let mut kind = 0;
    while kind < KIND_PLACES as u32 - 1 {
        if contents & (SCOPE_HAS_ALLOW_PATTERNS << kind) != 0 {
            let value = tables.longest_prefix(walk.partition, kind, walk.remote.leading);
            walk.found.clear();
            masked::set(&mut walk.found.rules, kind as usize, value.rule);
            walk.offer(tables, rank::PREFIX + value.digits);
        }
        kind += 1;
    }
}

/// Lengths of prefixes that there can be.
const LENGTHS: u32 = 15;

/// Notes the lengths of prefixes at which the number may have rules, the longest as the lowest
/// bit.
#[inline(always)]
fn note_lengths<T: Tables>(tables: &T, walk: &mut Walk, entry: &ScopeEntry) {
    let mut lengths = 0;
    let mut index = 0;
    while index < LENGTHS {
        if index >= u32::from(entry.prefix_count) {
            break;
        }
        // No branch for each length: the verifier would follow every set of them. A prefix with
        // more digits than the number has ends with what no prefix has, and is not found.
        let digits = u32::from(masked::get(&entry.shapes, index as usize));
        let key = EntryKey::prefix(walk.partition, walk.remote.leading, digits);
        lengths |= u32::from(tables.perhaps(&key)) << index;
        index += 1;
    }
    walk.lengths = lengths;
}

/// Looks up the next length of prefixes.
#[inline(always)]
fn length<T: Tables>(walk: &mut Walk, tables: &T, entry: &ScopeEntry) -> repeat::Step {
    let lengths = walk.lengths;
    if lengths == 0 {
        return repeat::Step::Stop;
    }
    walk.lengths = lengths & lengths.wrapping_sub(1);
    let index = lowest_bit(lengths);
    let digits = u32::from(masked::get(&entry.shapes, index as usize));
    if !walk.wants(entry.contents, rank::PREFIX + digits) {
        walk.lengths = 0;
        return repeat::Step::Stop;
    }
    let key = EntryKey::prefix(walk.partition, walk.remote.leading, digits);
    walk.look(tables, &key, rank::PREFIX + digits);
    repeat::Step::Again
}

/// The number of the lowest bit of 16 that is set.
#[inline(always)]
const fn lowest_bit(bits: u32) -> u32 {
    let mut rest = bits;
    let mut number = 0;
    if rest & 0xFF == 0 {
        number += 8;
        rest >>= 8;
    }
    if rest & 0xF == 0 {
        number += 4;
        rest >>= 4;
    }
    if rest & 0x3 == 0 {
        number += 2;
        rest >>= 2;
    }
    if rest & 0x1 == 0 {
        number += 1;
    }
    number
}

/// Looks up one shape of wildcards.
#[inline(always)]
fn shape<T: Tables>(walk: &mut Walk, tables: &T, entry: &ScopeEntry, index: u32) -> repeat::Step {
    let index = index.wrapping_add(u32::from(entry.prefix_count));
    if index >= u32::from(entry.shape_count) {
        return repeat::Step::Stop;
    }
    let number = masked::get(&entry.shapes, index as usize);
    let Some(shape) = tables.shape(number) else {
        return repeat::Step::Again;
    };
    let rank = rank::WILDCARD + u32::from(shape.literals);
    if !walk.wants(entry.contents, rank) {
        return repeat::Step::Stop;
    }
    if let Some(key) = shape.key(&walk.remote, walk.digits) {
        let key = EntryKey::pattern(walk.partition, key);
        if tables.perhaps(&key) {
            walk.look(tables, &key, rank);
        }
    }
    repeat::Step::Again
}

/// Walks over all scopes of the call.
#[inline(always)]
pub(crate) fn run<R: Repeat, T: Tables, O: Observe>(tables: &T, walk: &mut Walk, observer: &mut O) {
    R::repeat(PARTITIONS, move |index| {
        if walk.lists != 0 {
            walk.begin_list(tables);
        } else {
            if index > 0 {
                walk.conclude(observer);
            }
            if !walk.begin_scope(tables) {
                return repeat::Step::Stop;
            }
        }
        if let Some(entry) = tables.scope(walk.partition) {
            visit::<R, T>(tables, walk, entry);
        }
        repeat::Step::Again
    });
}
