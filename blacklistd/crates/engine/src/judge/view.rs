//! The tables as one call sees them: with the party that rules speak of at hand, for what only
//! user space compares.

use std::cell::Cell;

use blacklist_common::decide::Tables;
use blacklist_common::message::Reader;
use blacklist_common::number::{Number, NumberKind, Party};
use blacklist_common::pattern::{EntryKey, Found};
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_common::shape::Shape;
use blacklist_common::tables::{Direction, GrantKey, PrefixValue};
use blacklist_common::user_part::characters;
use blacklist_model::{Glob, Subject, Token};

use crate::enforcement::lookup::Order;
use crate::enforcement::tables::digits_of;
use crate::judge::snapshot::Judge;

/// The remote party as wildcards in user space see it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Remote {
    party: Party,
    digits: Vec<u8>,
    /// Its name in small letters; empty for numbers.
    name: Vec<u8>,
}

impl Remote {
    /// A party of which only the number is known.
    pub(crate) fn of(party: Party) -> Self {
        Self {
            party,
            digits: digits_of(party.leading),
            name: Vec::new(),
        }
    }

    /// The remote party of a message that was read.
    pub(crate) fn read(reader: &Reader, direction: Direction) -> Self {
        let message = &reader.message;
        let (party, user) = match direction {
            Direction::Inbound => (message.caller, message.caller_user),
            Direction::Outbound => (message.called, message.called_user),
        };
        let mut remote = Self::of(party);
        if party.number.kind() == NumberKind::Text {
            remote.name = decoded(reader.text.slice(user.start, user.end));
        }
        remote
    }

    /// Whether a wildcard matches.
    pub(crate) fn matches(&self, glob: &Glob) -> bool {
        match glob.subject {
            Subject::Name => !self.name.is_empty() && glob.matches(&self.name),
            Subject::Digits(kind) => {
                let fits = match self.party.leading.kind() {
                    NumberKind::E164 | NumberKind::Local => {
                        kind.is_none_or(|kind| kind == self.party.leading.kind())
                    }
                    NumberKind::None | NumberKind::Text => false,
                };
                // Of a number of more than 15 digits the end is not known.
                let whole = self.party.number == self.party.leading;
                fits && (whole || glob.tokens.last() == Some(&Token::Gap))
                    && glob.matches(&self.digits)
            }
        }
    }
}

/// A user part up to its parameters, escapes decoded once, in small letters.
pub(crate) fn decoded(user: &[u8]) -> Vec<u8> {
    characters(user)
        .map(|byte| byte.to_ascii_lowercase())
        .collect()
}

/// The tables for one call. Where `COMPLETE` is false, they answer no more than the kernel's.
pub(crate) struct View<'a, const COMPLETE: bool> {
    judge_of_calls: Judge<'a>,
    remote: &'a Remote,
    /// Of each kind the rule that user space has found last, by its slot, and its place among
    /// others.
    found: [Cell<(u32, Order)>; 3],
}

impl<'a, const COMPLETE: bool> View<'a, COMPLETE> {
    pub(crate) fn new(judge_of_calls: Judge<'a>, remote: &'a Remote) -> Self {
        Self {
            judge_of_calls,
            remote,
            found: Default::default(),
        }
    }
}

impl<const COMPLETE: bool> Tables for View<'_, COMPLETE> {
    const COMPLETE: bool = COMPLETE;
    const TRIES: bool = false;

    fn perhaps(&self, _key: &EntryKey) -> bool {
        true
    }

    fn entry(&self, key: &EntryKey, found: &mut Found) {
        self.judge_of_calls.lookup.buckets.find(key, found);
    }

    fn longest_prefix(&self, _partition: u32, _kind: u32, _number: Number) -> PrefixValue {
        PrefixValue::default()
    }

    fn shape(&self, number: u8) -> Option<&Shape> {
        self.judge_of_calls.lookup.shapes.get(number)
    }

    fn number(&self, number: Number, entry: &mut NumberEntry) -> bool {
        match self.judge_of_calls.lookup.numbers.get(&number) {
            Some(known) => {
                *entry = *known;
                true
            }
            None => false,
        }
    }

    fn is_protected(&self, number: Number) -> bool {
        self.judge_of_calls.lookup.protected.contains(&number)
    }

    fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        self.judge_of_calls.lookup.scope(partition)
    }

    fn granted(&self, key: &GrantKey) -> bool {
        self.judge_of_calls.grants.get(key).is_some()
    }

    fn rule_id(&self, slot: u32) -> u32 {
        self.judge_of_calls.owners.id(slot)
    }

    fn user(&self, partition: u32, found: &mut Found) {
        for user in self.judge_of_calls.lookup.user_rules(partition) {
            let kind = user.kind as usize;
            let (Some(place), Some(last)) = (found.rules.get_mut(kind), self.found.get(kind))
            else {
                continue;
            };
            let (slot, order) = last.get();
            let stands = place.is_some() && place.slot() == slot && order <= user.order();
            if !stands && self.remote.matches(&user.glob) {
                *place = user.reference;
                last.set((user.reference.slot(), user.order()));
            }
        }
    }
}
