//! When two rules are the same rule written twice: equal pattern, kind, list, scopes and direction,
//! inherited settings included. Adding, importing, applying, feeds and the linter use it.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use super::effective::Effective;
use super::list::List;
use super::pattern::Pattern;
use super::rule::{ListId, Rule, RuleDirection, RuleKind, ScopeId};

/// The values that identify a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleIdentity<'r> {
    list: ListId,
    pattern: &'r Pattern,
    kind: RuleKind,
    scopes: &'r [ScopeId],
    direction: RuleDirection,
}

impl<'r> RuleIdentity<'r> {
    /// The identity of a rule in a list.
    pub fn of(rule: &'r Rule, list: &'r List) -> Self {
        let effective = Effective::of(rule, list);
        Self {
            list: rule.list,
            pattern: &rule.pattern,
            kind: effective.kind,
            scopes: Effective::scopes(rule, list),
            direction: effective.direction,
        }
    }

    /// Whether both are equal except for the direction.
    fn is_same_but_direction(&self, other: &Self) -> bool {
        self.list == other.list
            && self.kind == other.kind
            && self.pattern == other.pattern
            && self.scopes == other.scopes
    }

    /// Whether both are the same rule.
    pub fn same(&self, other: &Self) -> bool {
        self.direction == other.direction && self.is_same_but_direction(other)
    }

    /// Whether both are the same rule for calls of some direction. Two overlapping rules cannot
    /// coexist.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.direction.overlaps(other.direction) && self.is_same_but_direction(other)
    }

    /// The identity as a text that does not depend on ids. `name_of` names scopes.
    pub fn key(&self, name_of: impl Fn(ScopeId) -> String) -> String {
        let mut scopes: Vec<String> = self.scopes.iter().map(|scope| name_of(*scope)).collect();
        scopes.sort_unstable();
        format!(
            "{} {} {} {} {} {}",
            self.pattern.kind().as_str(),
            self.pattern.canonical(),
            self.kind.as_str(),
            self.list,
            self.direction.as_str(),
            scopes.join(",")
        )
    }

    fn digest(&self, hasher: &RandomState) -> u64 {
        hasher.hash_one((self.list, self.pattern, self.kind, self.scopes))
    }
}

/// How a rule relates to those seen before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repetition {
    /// It is new, and has been added.
    New,
    /// Each of its directions is covered by a rule that is the same; the position of one of them.
    Covered(u32),
    /// Only one of its directions is covered; the position of that rule.
    Overlaps(u32),
}

/// Rules already seen, each with its position in a file. An identity takes 128 bits, so that 10
/// million fit in memory; a collision is less likely than 1 in 10^24.
#[derive(Debug, Default)]
pub struct SeenRules {
    hashers: (RandomState, RandomState),
    /// Position and full direction, by the identity with one direction.
    seen: HashMap<(u64, u64), (u32, RuleDirection)>,
}

impl SeenRules {
    fn keys(&self, identity: &RuleIdentity<'_>) -> impl Iterator<Item = (u64, u64)> + use<> {
        let (one, other) = (
            identity.digest(&self.hashers.0),
            identity.digest(&self.hashers.1),
        );
        let directions = identity.direction.directions().iter();
        directions.map(move |direction| (one, other ^ *direction as u64))
    }

    /// Adds a rule with its position, unless it overlaps a rule already seen.
    pub fn add(&mut self, identity: &RuleIdentity<'_>, place: u32) -> Repetition {
        let keys: Vec<(u64, u64)> = self.keys(identity).collect();
        let first = keys.iter().find_map(|key| self.seen.get(key));
        match first.map(|(place, _)| *place) {
            Some(first) if keys.iter().all(|key| self.seen.contains_key(key)) => {
                Repetition::Covered(first)
            }
            Some(first) => Repetition::Overlaps(first),
            None => {
                let entries = keys
                    .into_iter()
                    .map(|key| (key, (place, identity.direction)));
                self.seen.extend(entries);
                Repetition::New
            }
        }
    }

    /// The position of the same rule, if it was seen.
    pub fn find(&self, identity: &RuleIdentity<'_>) -> Option<u32> {
        let key = self.keys(identity).next()?;
        let (place, direction) = self.seen.get(&key)?;
        (*direction == identity.direction).then_some(*place)
    }
}
