//! The tables as one call sees them: with the party that rules speak of at hand, for what only
//! user space compares.

use blacklist_common::message::Reader;
use blacklist_common::number::{Number, NumberKind, Party};
use blacklist_common::pattern::{EntryKey, Found};
use blacklist_common::scope::{NumberEntry, ScopeEntry};
use blacklist_common::shape::Shape;
use blacklist_common::tables::{Direction, GrantKey, PrefixValue, Tables};

use super::counted::Counted;
use super::glob::{Glob, Subject, Token};
use super::rule::RuleId;
use super::set::RuleSet;
use super::tables::digits_of;

/// The remote party as wildcards in user space see it.
#[derive(Clone, Debug, Default)]
pub(super) struct Remote {
    party: Party,
    digits: Vec<u8>,
    /// Its name in small letters; empty for numbers.
    name: Vec<u8>,
}

impl Remote {
    /// A party of which only the number is known.
    pub(super) fn of(party: Party) -> Self {
        Self {
            party,
            digits: digits_of(party.leading),
            name: Vec::new(),
        }
    }

    /// The remote party of a message that was read.
    pub(super) fn read(reader: &Reader, direction: Direction) -> Self {
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
    pub(super) fn matches(&self, glob: &Glob) -> bool {
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
pub(super) fn decoded(user: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(user.len());
    let mut rest = user;
    while let [first, behind @ ..] = rest {
        rest = behind;
        let mut byte = *first;
        if matches!(byte, b';' | b':') {
            break;
        }
        if byte == b'%'
            && let [high, low, behind @ ..] = rest
            && let (Some(high), Some(low)) = (hexadecimal(*high), hexadecimal(*low))
        {
            byte = high << 4 | low;
            rest = behind;
        }
        name.push(byte.to_ascii_lowercase());
    }
    name
}

fn hexadecimal(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// The tables for one call. Where `COMPLETE` is false, they answer no more than the kernel's.
pub(super) struct View<'a, const COMPLETE: bool> {
    pub(super) set: &'a RuleSet,
    pub(super) remote: &'a Remote,
}

impl<const COMPLETE: bool> Tables for View<'_, COMPLETE> {
    const COMPLETE: bool = COMPLETE;
    const TRIES: bool = false;

    fn perhaps(&self, _key: &EntryKey) -> bool {
        true
    }

    fn entry(&self, key: &EntryKey, found: &mut Found) {
        self.set.tables.buckets().find(key, found);
    }

    fn longest_prefix(&self, _partition: u32, _kind: u32, _number: Number) -> PrefixValue {
        PrefixValue::default()
    }

    fn shape(&self, number: u8) -> Option<&Shape> {
        self.set.tables.shapes().get(number)
    }

    fn number(&self, number: Number, entry: &mut NumberEntry) -> bool {
        match self.set.tables.number(number) {
            Some(known) => {
                *entry = *known;
                true
            }
            None => false,
        }
    }

    fn is_protected(&self, number: Number) -> bool {
        self.set.is_protected(number)
    }

    fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        self.set.tables.scope(partition)
    }

    fn granted(&self, key: &GrantKey) -> bool {
        self.set.grants.end(key).is_some()
    }

    fn rule_id(&self, slot: u32) -> u32 {
        self.set.slots.id(slot)
    }

    fn user(&self, partition: u32, found: &mut Found) {
        for user in self.set.tables.user_rules(partition) {
            let Some(place) = found.rules.get_mut(user.kind as usize) else {
                continue;
            };
            let order = (std::cmp::Reverse(user.literals), user.id);
            let stands = place.is_some() && self.standing(place.slot()) <= order;
            if !stands && self.remote.matches(&user.glob) {
                *place = user.reference;
            }
        }
    }
}

impl<const COMPLETE: bool> View<'_, COMPLETE> {
    /// How specific the rule with a slot is, among those that only user space compares.
    fn standing(&self, slot: u32) -> (std::cmp::Reverse<u32>, RuleId) {
        let Some(Counted::Rule(id)) = self.set.of_slot(slot) else {
            return (std::cmp::Reverse(0), RuleId(u32::MAX));
        };
        let literals = self
            .set
            .get(id)
            .and_then(|rule| super::wildcard::tokens(&rule.pattern))
            .map_or(0, |(_, tokens)| {
                let literal = |token: &&Token| matches!(token, Token::Byte(_));
                tokens.iter().filter(literal).count() as u32
            });
        (std::cmp::Reverse(literals), id)
    }
}
