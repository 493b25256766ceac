//! A few rules and trunks, compiled twice: to what the kernel is filled with, and to maps that
//! answer the engine's questions on the host.

use std::collections::HashMap;
use std::net::IpAddr;

use blacklist_common::dial_plan::{DialPlan, Digits};
use blacklist_common::number::Number;
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::tables::{
    self, Direction, ExactKey, ExactValue, GrantKey, IdentitySource, NUMBER_PROTECTED, NumberEntry,
    PrefixKey, SCOPE_HAS_ALLOW_PREFIXES, SCOPE_HAS_BLOCK_PREFIXES, SCOPE_HAS_EXACT, ScopeEntry,
    TrunkEntry, partition,
};
use blacklist_common::user_part;
use blacklistd::kernel;
use ipnet::IpNet;

/// The dial plan of the tests' trunks and rules.
pub fn united_states() -> DialPlan {
    let digits = |text: &str| Digits::parse(text.as_bytes()).unwrap();
    DialPlan {
        country_code: digits("1"),
        national_prefix: digits("1"),
        international_prefixes: [digits("011"), digits("00"), Digits::EMPTY, Digits::EMPTY],
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
    exact: HashMap<ExactKey, ExactValue>,
    allow_prefixes: Vec<(u32, PrefixKey, RuleRef)>,
    block_prefixes: Vec<(u32, PrefixKey, RuleRef)>,
    numbers: HashMap<Number, NumberEntry>,
    scopes: Vec<ScopeEntry>,
    scope_of: HashMap<Number, u32>,
    slots: Vec<u32>,
    trunks: Vec<TrunkEntry>,
    peers: Vec<(IpNet, u16)>,
}

/// Where the next rules apply.
#[derive(Debug)]
pub struct Place<'a> {
    world: &'a mut World,
    scope: u32,
    direction: Direction,
    flags: u16,
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
            flags: 0,
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

    /// Protects a number.
    pub fn protect(&mut self, spelling: &str) {
        self.numbers.entry(number(spelling)).or_default().flags |= NUMBER_PROTECTED;
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
    pub fn tables(&self) -> kernel::Tables {
        kernel::Tables {
            exact: self
                .exact
                .iter()
                .map(|(key, value)| (*key, *value))
                .collect(),
            allow_prefixes: self.allow_prefixes.clone(),
            block_prefixes: self.block_prefixes.clone(),
            numbers: self
                .numbers
                .iter()
                .map(|(number, entry)| (*number, *entry))
                .collect(),
            scopes: self.scopes.clone(),
            trunks: self.trunks.clone(),
            peers: self.peers.clone(),
            ports: vec![5060, 5080],
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
            flags: blacklist_common::rule::FLAG_MANDATORY,
            ..self
        }
    }

    fn rule(&mut self, list: List, slot: u32, action: Action) -> RuleRef {
        self.world.slots.push(slot);
        let action = if list == List::Allow {
            Action::Pass
        } else {
            action
        };
        RuleRef::new(slot, action, ReasonClass::OwnList, self.flags)
    }

    fn entry(&mut self) -> &mut ScopeEntry {
        &mut self.world.scopes[partition(self.scope, self.direction) as usize]
    }

    /// Adds a rule for one number.
    #[must_use]
    pub fn exact(mut self, list: List, slot: u32, spelling: &str, action: Action) -> Self {
        let rule = self.rule(list, slot, action);
        self.entry().contents |= SCOPE_HAS_EXACT;
        let key = ExactKey::new(partition(self.scope, self.direction), number(spelling));
        let value = self.world.exact.entry(key).or_default();
        match list {
            List::Allow => value.allow = rule,
            List::Block => value.block = rule,
        }
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
        let rule = self.rule(list, slot, Action::Drop);
        let number = number(spelling);
        let key = PrefixKey::new(partition(self.scope, self.direction), number);
        let row = (Number::prefix_bits(number.digits()), key, rule);
        match list {
            List::Allow => {
                self.entry().contents |= SCOPE_HAS_ALLOW_PREFIXES;
                self.world.allow_prefixes.push(row);
            }
            List::Block => {
                self.entry().contents |= SCOPE_HAS_BLOCK_PREFIXES;
                self.world.block_prefixes.push(row);
            }
        }
        self
    }

    /// Blocks what no rule names.
    pub fn block_by_default(mut self, slot: u32) {
        let rule = self.rule(List::Block, slot, Action::Drop);
        self.entry().default_block = rule;
    }
}

/// The rule of the longest prefix of a key.
fn longest(rows: &[(u32, PrefixKey, RuleRef)], key: &PrefixKey) -> RuleRef {
    let number = u64::from_be_bytes(key.number);
    rows.iter()
        .filter(|(bits, row, _)| {
            let difference = number ^ u64::from_be_bytes(row.number);
            row.partition == key.partition && difference >> (64 - bits) == 0
        })
        .max_by_key(|(bits, ..)| *bits)
        .map_or(RuleRef::NONE, |(.., rule)| *rule)
}

impl tables::Tables for World {
    fn exact(&self, key: &ExactKey) -> ExactValue {
        self.exact.get(key).copied().unwrap_or_default()
    }

    fn allow_prefix(&self, key: &PrefixKey) -> RuleRef {
        longest(&self.allow_prefixes, key)
    }

    fn block_prefix(&self, key: &PrefixKey) -> RuleRef {
        longest(&self.block_prefixes, key)
    }

    fn number(&self, number: Number) -> Option<NumberEntry> {
        self.numbers.get(&number).copied()
    }

    fn scope(&self, partition: u32) -> ScopeEntry {
        self.scopes
            .get(partition as usize)
            .copied()
            .unwrap_or_default()
    }

    fn granted(&self, _key: &GrantKey) -> bool {
        false
    }
}
