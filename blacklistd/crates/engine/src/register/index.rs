//! The rules in memory: one place each, found by id, by home and pattern, and list by list.
//! Millions of them, so whatever is kept for each is a few bytes.

use std::hash::{BuildHasher as _, RandomState};

use blacklist_model::{MatchKind, Pattern, Rule, RuleId};
use hashbrown::HashTable;

/// A place of a rule in the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place(u32);

/// No place.
const NOWHERE: u32 = u32::MAX;

/// A rule, and what the engine knows of it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) rule: Rule,
    /// Its counters; 0 if it was never in force.
    pub(crate) slot: u32,
    /// Neighbours in its list.
    before: u32,
    behind: u32,
    /// Whether it is in the tables.
    pub(crate) in_force: bool,
}

const _: () = assert!(size_of::<Held>() <= 80);

/// A rule under one of its homes: a scope, or a list that scopes share.
#[derive(Clone, Copy, Debug)]
struct AtHome {
    home: u32,
    place: u32,
}

/// All rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Index {
    held: Vec<Option<Held>>,
    free: Vec<u32>,
    ids: HashTable<u32>,
    homes: HashTable<AtHome>,
    hasher: RandomState,
}

/// What rules at one home are found by: classes overlap, so that all of them are found together.
fn lookup_key(pattern: &Pattern) -> (u8, u64) {
    match pattern.kind() {
        MatchKind::Exact => (0, pattern.word().0),
        MatchKind::Prefix => (1, pattern.word().0),
        MatchKind::Wildcard => (2, pattern.word().0),
        MatchKind::Anonymous | MatchKind::Unverified | MatchKind::Everything => (3, 0),
    }
}

fn same_lookup_key(one: &Pattern, other: &Pattern) -> bool {
    lookup_key(one) == lookup_key(other) && (one.kind() != MatchKind::Wildcard || one == other)
}

impl Index {
    /// Makes room for this number of rules.
    pub(crate) fn reserve(&mut self, rules: usize) {
        let Self {
            held,
            ids,
            homes,
            hasher,
            ..
        } = self;
        held.reserve(rules);
        ids.reserve(rules, |place| hash_of_id(hasher, held, *place));
        homes.reserve(rules, |at| hash_at_home(hasher, held, at));
    }

    /// How many rules there are.
    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    /// The place of a rule.
    pub(crate) fn find(&self, id: RuleId) -> Option<Place> {
        let hash = self.hasher.hash_one(id.0);
        let place = self
            .ids
            .find(hash, |place| self.id_at(*place) == Some(id))?;
        Some(Place(*place))
    }

    fn id_at(&self, place: u32) -> Option<RuleId> {
        self.at(Place(place)).map(|held| held.rule.id)
    }

    /// The rule at a place.
    pub(crate) fn at(&self, place: Place) -> Option<&Held> {
        self.held.get(place.0 as usize)?.as_ref()
    }

    /// The rule at a place.
    pub(crate) fn at_mut(&mut self, place: Place) -> Option<&mut Held> {
        self.held.get_mut(place.0 as usize)?.as_mut()
    }

    /// All rules, in no order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Place, &Held)> {
        let places = (0..).map(Place);
        places
            .zip(&self.held)
            .filter_map(|(place, held)| Some((place, held.as_ref()?)))
    }

    /// Adds a rule that is not there, in front of the others of its list, which begins at `first`.
    pub(crate) fn add(&mut self, rule: Rule, first: &mut Option<Place>) -> Place {
        let id = rule.id;
        let behind = first.map_or(NOWHERE, |place| place.0);
        let held = Held {
            rule,
            slot: 0,
            before: NOWHERE,
            behind,
            in_force: false,
        };
        let place = match self.free.pop() {
            Some(place) => {
                if let Some(free) = self.held.get_mut(place as usize) {
                    *free = Some(held);
                }
                place
            }
            None => {
                self.held.push(Some(held));
                self.held.len() as u32 - 1
            }
        };
        if let Some(next) = self.at_mut(Place(behind)) {
            next.before = place;
        }
        *first = Some(Place(place));
        let Self {
            held, ids, hasher, ..
        } = self;
        let hash = hasher.hash_one(id.0);
        ids.insert_unique(hash, place, |place| hash_of_id(hasher, held, *place));
        Place(place)
    }

    /// Removes a rule; its homes are left by then. `first` is where its list begins.
    pub(crate) fn remove(&mut self, place: Place, first: &mut Option<Place>) -> Option<Held> {
        let id = self.id_at(place.0)?;
        let hash = self.hasher.hash_one(id.0);
        if let Ok(entry) = self.ids.find_entry(hash, |other| *other == place.0) {
            entry.remove();
        }
        let held = self.held.get_mut(place.0 as usize)?.take()?;
        self.free.push(place.0);
        match self.at_mut(Place(held.before)) {
            Some(before) => before.behind = held.behind,
            None => *first = (held.behind != NOWHERE).then_some(Place(held.behind)),
        }
        if let Some(behind) = self.at_mut(Place(held.behind)) {
            behind.before = held.before;
        }
        Some(held)
    }

    /// The rules of a list that begins at `first`.
    pub(crate) fn list(&self, first: Option<Place>) -> impl Iterator<Item = Place> {
        std::iter::successors(first, |place| {
            let behind = self.at(*place)?.behind;
            (behind != NOWHERE).then_some(Place(behind))
        })
    }

    /// A rule has a home from now on.
    pub(crate) fn settle(&mut self, place: Place, home: u32) {
        let at = AtHome {
            home,
            place: place.0,
        };
        let Self {
            held,
            homes,
            hasher,
            ..
        } = self;
        let hash = hash_at_home(hasher, held, &at);
        homes.insert_unique(hash, at, |at| hash_at_home(hasher, held, at));
    }

    /// A rule leaves a home.
    pub(crate) fn leave(&mut self, place: Place, home: u32) {
        let at = AtHome {
            home,
            place: place.0,
        };
        let hash = hash_at_home(&self.hasher, &self.held, &at);
        let same = |other: &AtHome| other.home == home && other.place == place.0;
        if let Ok(entry) = self.homes.find_entry(hash, same) {
            entry.remove();
        }
    }

    /// The rules at a home that have this pattern; for a class, all that are classes.
    pub(crate) fn alike(&self, home: u32, pattern: &Pattern) -> impl Iterator<Item = Place> {
        let hash = hash_of(&self.hasher, home, pattern);
        let here = self.homes.iter_hash(hash).filter(move |at| at.home == home);
        let places = here.map(|at| Place(at.place));
        places.filter(|place| {
            self.at(*place)
                .is_some_and(|held| same_lookup_key(&held.rule.pattern, pattern))
        })
    }
}

fn hash_of(hasher: &RandomState, home: u32, pattern: &Pattern) -> u64 {
    hasher.hash_one((home, lookup_key(pattern)))
}

fn hash_at_home(hasher: &RandomState, held: &[Option<Held>], at: &AtHome) -> u64 {
    match held.get(at.place as usize) {
        Some(Some(held)) => hash_of(hasher, at.home, &held.rule.pattern),
        _ => 0,
    }
}

fn hash_of_id(hasher: &RandomState, held: &[Option<Held>], place: u32) -> u64 {
    match held.get(place as usize) {
        Some(Some(held)) => hasher.hash_one(held.rule.id.0),
        _ => 0,
    }
}
