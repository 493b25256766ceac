//! A copy-on-write map in parts: a write copies only the part that holds its key.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::Arc;

/// Number of parts: enough to keep each small, few enough that copying their pointers is cheap.
const PARTS: usize = 256;

/// Values by key.
#[derive(Clone, Debug)]
pub struct Shards<K, V> {
    /// Empty, or [`PARTS`] of them.
    parts: Vec<Arc<HashMap<K, V>>>,
    hasher: RandomState,
    length: usize,
}

impl<K, V> Default for Shards<K, V> {
    fn default() -> Self {
        Self {
            parts: Vec::new(),
            hasher: RandomState::new(),
            length: 0,
        }
    }
}

impl<K: Copy + Eq + Hash, V: Copy> Shards<K, V> {
    fn part(&self, key: &K) -> usize {
        // The maps inside use the lowest and highest bits of their own hashes.
        (self.hasher.hash_one(key) >> 32) as usize % PARTS
    }

    /// The value of a key.
    pub fn get(&self, key: &K) -> Option<&V> {
        if self.length == 0 {
            return None;
        }
        self.parts.get(self.part(key))?.get(key)
    }

    /// Sets or removes the value of a key; returns the previous one.
    pub fn set(&mut self, key: K, value: Option<V>) -> Option<V> {
        let part = self.part(&key);
        if self.parts.is_empty() {
            self.parts = vec![Arc::default(); PARTS];
        }
        let part = Arc::make_mut(self.parts.get_mut(part)?);
        let (before, is_there) = match value {
            Some(value) => (part.insert(key, value), true),
            None => (part.remove(&key), false),
        };
        match (before.is_some(), is_there) {
            (false, true) => self.length += 1,
            (true, false) => self.length -= 1,
            (true, true) | (false, false) => {}
        }
        before
    }

    /// All entries, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.parts.iter().flat_map(|part| part.iter())
    }

    /// Number of entries.
    pub const fn len(&self) -> usize {
        self.length
    }

    /// Whether there are no entries.
    pub const fn is_empty(&self) -> bool {
        self.length == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_a_map_holds_and_copies_keep_theirs() {
        let mut shards = Shards::default();
        let mut map = HashMap::new();
        let mut copies = Vec::new();
        let mut random = fastrand::Rng::with_seed(7);
        for turn in 0..20_000_u32 {
            let key = random.u32(..3_000);
            let value = random.bool().then_some(turn);
            let before = match value {
                Some(value) => map.insert(key, value),
                None => map.remove(&key),
            };
            assert_eq!(shards.set(key, value), before);
            if turn % 5_000 == 0 {
                copies.push((shards.clone(), map.clone()));
            }
        }
        copies.push((shards, map));
        for (shards, map) in copies {
            let all: HashMap<u32, u32> = shards.iter().map(|(key, value)| (*key, *value)).collect();
            assert_eq!(
                (shards.len(), shards.is_empty()),
                (map.len(), map.is_empty())
            );
            assert_eq!(all, map);
            for key in 0..3_000 {
                assert_eq!(shards.get(&key), map.get(&key));
            }
        }
    }
}
