//! A few rules and trunks, compiled twice: to what the kernel is filled with, and to maps that
//! answer the engine's questions on the host.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use blacklist_common::decide::Tables;
use blacklist_common::dial_plan::{DialPlan, Digits};
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::pattern::{Class, EntryKey, Found, Kind};
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::scope::{
    NUMBER_PROTECTED, NumberEntry, SCOPE_HAS_ALLOW_PATTERNS, SCOPE_HAS_DEFAULT, SCOPE_HAS_EXACT,
    SCOPE_NAMES_SHIFT, SCOPE_USER_ALLOW, ScopeEntry, partition,
};
use blacklist_common::shape::{FIRST_WILDCARD_SHAPE, Piece, Shape};
use blacklist_common::tables::{
    Direction, GrantKey, IdentitySource, PrefixValue, SETTING_GRANTS, TrunkEntry,
};
use blacklist_common::user_part;
use blacklist_generation::Buckets;
use blacklist_kernel::GrantEnd;
use ipnet::IpNet;
use jiff::Timestamp;

/// The dial plan of the tests' trunks and rules.
pub fn united_states() -> DialPlan {
    let digits = |text: &str| Digits::parse(text.as_bytes()).unwrap();
    DialPlan {
        country_code: digits("1"),
        national_prefix: digits("1"),
        international_prefixes: [
            digits("011"),
            digits("00"),
            Digits::default(),
            Digits::default(),
        ],
        national_minimum: 10,
        national_maximum: 10,
        bare_national_minimum: 10,
        bare_national_maximum: 10,
        ..DialPlan::default()
    }
}

/// The number that a spelling has in [`united_states`].
///
/// # Panics
/// If it has none.
pub fn number(spelling: impl AsRef<[u8]>) -> Number {
    user_part::canonical(spelling.as_ref(), &united_states())
        .unwrap()
        .number
}

/// Whether a rule lets through or blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// Lets through.
    Allow,
    /// Blocks.
    Block,
}

/// Rules and trunks.
#[derive(Clone, Debug, Default)]
pub struct World {
    entries: HashMap<(EntryKey, Kind), RuleRef>,
    shapes: Vec<Shape>,
    numbers: HashMap<Number, NumberEntry>,
    scopes: Vec<ScopeEntry>,
    scope_of: HashMap<Number, u32>,
    slots: Vec<u32>,
    trunks: Vec<TrunkEntry>,
    peers: Vec<(IpNet, u16)>,
    grants: HashMap<GrantKey, GrantEnd>,
}

/// Where the next rules apply.
#[derive(Debug)]
pub struct Place<'a> {
    world: &'a mut World,
    scope: u32,
    direction: Direction,
    mandatory: bool,
}

impl World {
    /// No rules; every peer is unnamed, names the caller in From and dials as in the United States.
    pub fn new() -> Self {
        let mut world = Self::default();
        world.scopes.resize(2, ScopeEntry::default());
        world.trunk(&[], 0, &[IdentitySource::From]);
        world
    }

    /// Adds a trunk.
    ///
    /// # Panics
    /// If a network is none.
    pub fn trunk(
        &mut self,
        peers: &[&str],
        flags: u8,
        identity: &[IdentitySource],
    ) -> &mut TrunkEntry {
        let index = u16::try_from(self.trunks.len()).unwrap();
        for peer in peers {
            self.peers.push((peer.parse().unwrap(), index));
        }
        let mut trunk = TrunkEntry {
            trunk: index,
            flags,
            dial_plan: united_states(),
            ..TrunkEntry::default()
        };
        for (place, source) in trunk.identity.iter_mut().zip(identity) {
            *place = *source as u8;
        }
        self.trunks.push(trunk);
        self.trunks.last_mut().unwrap()
    }

    /// Rules for all inbound calls.
    pub fn global(&mut self) -> Place<'_> {
        Place {
            world: self,
            scope: 0,
            direction: Direction::Inbound,
            mandatory: false,
        }
    }

    /// Rules for one local number's inbound calls.
    pub fn of_number(&mut self, local: &str) -> Place<'_> {
        let local = number(local);
        let next = u32::try_from(self.scopes.len() / 2).unwrap();
        let scope = *self.scope_of.entry(local).or_insert(next);
        if scope == next {
            self.scopes
                .resize(self.scopes.len() + 2, ScopeEntry::default());
            let entry = self.numbers.entry(local).or_default();
            entry.scope_count = 1;
            entry.scopes[0] = scope;
        }
        Place {
            scope,
            ..self.global()
        }
    }

    /// A place for a list that several scopes share.
    pub fn list_index(&mut self) -> u32 {
        let index = u32::try_from(self.scopes.len() / 2).unwrap();
        self.scopes
            .resize(self.scopes.len() + 2, ScopeEntry::default());
        index
    }

    /// Rules of a shared list.
    pub fn of_index(&mut self, scope: u32) -> Place<'_> {
        Place {
            scope,
            ..self.global()
        }
    }

    /// Protects a number.
    pub fn protect(&mut self, spelling: &str) {
        self.numbers.entry(number(spelling)).or_default().flags |= NUMBER_PROTECTED;
    }

    /// Lets two parties call each other.
    pub fn grant(&mut self, local: &str, remote: &str, end: GrantEnd) -> GrantKey {
        let pair = GrantKey {
            local: number(local),
            remote: number(remote),
        };
        self.grants.insert(pair, end);
        pair
    }

    /// Ends a grant.
    pub fn revoke(&mut self, pair: GrantKey) {
        self.grants.remove(&pair);
    }

    /// The bit of the settings that says whether there are grants.
    pub fn grant_setting(&self) -> u32 {
        if self.grants.is_empty() {
            0
        } else {
            SETTING_GRANTS
        }
    }

    /// The trunk of a peer.
    pub fn trunk_of(&self, peer: IpAddr) -> TrunkEntry {
        let longest = self
            .peers
            .iter()
            .filter(|(network, _)| network.contains(&peer))
            .max_by_key(|(network, _)| network.prefix_len());
        self.trunks[longest.map_or(0, |(_, trunk)| usize::from(*trunk))]
    }

    /// What the kernel is filled with.
    pub fn tables(&self) -> blacklist_kernel::Tables {
        let mut buckets = Buckets::default();
        for ((key, kind), rule) in &self.entries {
            buckets.set(key, *kind, *rule);
        }
        blacklist_kernel::Tables {
            buckets: Arc::new(buckets),
            shapes: self.shapes.clone(),
            numbers: self
                .numbers
                .iter()
                .map(|(number, entry)| (*number, *entry))
                .collect(),
            scopes: self.scopes.clone(),
            trunks: self.trunks.clone(),
            peers: self.peers.clone(),
            ports: vec![5060, 5080],
            grants: self
                .grants
                .iter()
                .map(|(pair, end)| (*pair, *end))
                .collect(),
            slots: self.slots.iter().map(|slot| (*slot, 1000 + slot)).collect(),
        }
    }
}

impl Place<'_> {
    /// Rules for outbound calls.
    #[must_use]
    pub fn outbound(self) -> Self {
        Self {
            direction: Direction::Outbound,
            ..self
        }
    }

    /// Rules that stand before narrower whitelists.
    #[must_use]
    pub fn mandatory(self) -> Self {
        Self {
            mandatory: true,
            ..self
        }
    }

    fn add(&mut self, list: List, slot: u32, action: Action, key: EntryKey) {
        self.world.slots.push(slot);
        let (kind, action) = match list {
            List::Allow => (Kind::Allow, Action::Pass),
            List::Block if self.mandatory => (Kind::Mandatory, action),
            List::Block => (Kind::Block, action),
        };
        if key.is_pattern() {
            self.entry().contents |= SCOPE_HAS_ALLOW_PATTERNS << kind as u32;
        }
        let rule = RuleRef::new(slot, action, ReasonClass::OwnList, self.mandatory);
        self.world.entries.insert((key, kind), rule);
    }

    const fn partition(&self) -> u32 {
        partition(self.scope, self.direction)
    }

    fn entry(&mut self) -> &mut ScopeEntry {
        let partition = self.partition();
        &mut self.world.scopes[partition as usize]
    }

    /// Notes a length of prefixes or a shape of wildcards: prefixes first, the most specific first.
    fn note_shape(&mut self, number: u8) {
        let shapes = self.world.shapes.clone();
        let entry = self.entry();
        let mut list = entry.shapes[..usize::from(entry.shape_count)].to_vec();
        if !list.contains(&number) {
            list.push(number);
        }
        list.sort_by_key(
            |number| match number.checked_sub(FIRST_WILDCARD_SHAPE as u8) {
                None => (0, 255 - number),
                Some(index) => (1, 255 - shapes[usize::from(index)].literals),
            },
        );
        entry.prefix_count = list
            .iter()
            .filter(|number| u32::from(**number) < FIRST_WILDCARD_SHAPE)
            .count() as u8;
        entry.shape_count = list.len() as u8;
        entry.shapes[..list.len()].copy_from_slice(&list);
    }

    /// Adds a rule for one number.
    #[must_use]
    pub fn exact(mut self, list: List, slot: u32, spelling: &str, action: Action) -> Self {
        self.entry().contents |= SCOPE_HAS_EXACT;
        let key = EntryKey::exact(self.partition(), number(spelling));
        self.add(list, slot, action, key);
        self
    }

    /// Adds a rule that drops one number's calls.
    #[must_use]
    pub fn block(self, slot: u32, spelling: &str) -> Self {
        self.exact(List::Block, slot, spelling, Action::Drop)
    }

    /// Adds a rule that lets one number's calls through.
    #[must_use]
    pub fn allow(self, slot: u32, spelling: &str) -> Self {
        self.exact(List::Allow, slot, spelling, Action::Pass)
    }

    /// Adds a rule for all numbers that begin so.
    #[must_use]
    pub fn prefix(mut self, list: List, slot: u32, spelling: &str) -> Self {
        let number = number(spelling);
        let digits = number.digits();
        self.note_shape(digits as u8);
        let key = EntryKey::prefix(self.partition(), number, digits);
        self.add(list, slot, Action::Drop, key);
        self
    }

    /// Adds a rule for all numbers of a kind that a wildcard matches: `+49?0*`, `*123`.
    ///
    /// # Panics
    /// If the kernel cannot decide it.
    #[must_use]
    pub fn wildcard(mut self, list: List, slot: u32, pattern: &str) -> Self {
        let (kind, rest) = match pattern.strip_prefix('+') {
            Some(rest) => (Some(NumberKind::E164), rest),
            None if pattern.starts_with(['*', '?']) => (None, pattern),
            None => (Some(NumberKind::Local), pattern),
        };
        let pieces: Vec<Piece> = rest
            .bytes()
            .map(|byte| match byte {
                b'*' => Piece::Gap,
                b'?' => Piece::Any,
                digit => Piece::Digit(digit - b'0'),
            })
            .collect();
        let (shape, number) = Shape::of(kind, &pieces).unwrap();
        let known = self.world.shapes.iter().position(|known| *known == shape);
        let index = known.unwrap_or_else(|| {
            self.world.shapes.push(shape);
            self.world.shapes.len() - 1
        });
        self.note_shape((FIRST_WILDCARD_SHAPE as usize + index) as u8);
        let key = EntryKey::pattern(self.partition(), number);
        self.add(list, slot, Action::Drop, key);
        self
    }

    /// Adds a rule for a class of callers.
    #[must_use]
    pub fn class(mut self, list: List, slot: u32, class: Class) -> Self {
        self.entry().classes |= class.bit();
        let key = EntryKey::exact(self.partition(), class.number());
        self.add(list, slot, Action::Drop, key);
        self
    }

    /// Says that there are allow rules that only user space can compare.
    #[must_use]
    pub fn user_allow(mut self) -> Self {
        self.entry().contents |= SCOPE_USER_ALLOW;
        self
    }

    /// The same of names.
    #[must_use]
    pub fn user_allow_names(mut self) -> Self {
        self.entry().contents |= SCOPE_USER_ALLOW << SCOPE_NAMES_SHIFT;
        self
    }

    /// Adds another scope's rules as those of a list that is shared.
    #[must_use]
    pub fn list(mut self, index: u32) -> Self {
        let entry = self.entry();
        entry.lists[usize::from(entry.list_count)] = index;
        entry.list_count += 1;
        self
    }

    /// Blocks what no rule names.
    pub fn block_by_default(mut self, slot: u32) {
        self.world.slots.push(slot);
        let rule = RuleRef::new(slot, Action::Drop, ReasonClass::OwnList, false);
        let entry = self.entry();
        entry.contents |= SCOPE_HAS_DEFAULT;
        entry.default_block = rule;
    }

    /// Lets through what no rule names, whatever broader scopes say.
    pub fn allow_by_default(mut self) {
        self.entry().contents |= SCOPE_HAS_DEFAULT;
    }
}

impl Tables for World {
    // As the kernel, which leaves to user space what it cannot compare.
    const COMPLETE: bool = false;
    // Another way than the kernel's: all prefixes are looked through.
    const TRIES: bool = true;

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

    fn longest_prefix(&self, partition: u32, kind: u32, number: Number) -> PrefixValue {
        let rows = self.entries.iter().filter_map(|((key, of), rule)| {
            let digits = key.prefix_digits()?;
            let matches = key.partition() == partition
                && *of as u32 == kind
                && (key.number.0 ^ number.0) >> (60 - 4 * digits) == 0;
            matches.then_some(PrefixValue {
                rule: *rule,
                digits,
            })
        });
        rows.max_by_key(|value| value.digits).unwrap_or_default()
    }

    fn shape(&self, number: u8) -> Option<&Shape> {
        self.shapes
            .get(usize::from(number) - FIRST_WILDCARD_SHAPE as usize)
    }

    fn number(&self, number: Number, entry: &mut NumberEntry) -> bool {
        let known = self.numbers.get(&number);
        if let Some(known) = known {
            *entry = *known;
        }
        known.is_some()
    }

    fn is_protected(&self, number: Number) -> bool {
        let known = self.numbers.get(&number);
        known.is_some_and(|entry| entry.flags & NUMBER_PROTECTED != 0)
    }

    fn scope(&self, partition: u32) -> Option<&ScopeEntry> {
        self.scopes.get(partition as usize)
    }

    fn granted(&self, key: &GrantKey) -> bool {
        let end = self.grants.get(key);
        end.is_some_and(|end| !end.is_over(Timestamp::now()))
    }

    fn rule_id(&self, slot: u32) -> u32 {
        1000 + slot
    }

    fn user(&self, _partition: u32, _found: &mut Found) {}
}
