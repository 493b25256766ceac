//! Longest-prefix lookup: per partition one map for each length, the longest first.

use std::collections::HashMap;

use blacklist_common::number::Number;
use blacklist_common::rule::RuleRef;
use blacklist_common::tables::PrefixKey;

use super::pattern::masked;

/// The prefixes of one length.
#[derive(Clone, Debug, Default)]
struct Length {
    bits: u32,
    rules: HashMap<u64, RuleRef>,
}

/// The prefix rules of one kind.
#[derive(Clone, Debug, Default)]
pub(super) struct PrefixTable {
    partitions: HashMap<[u8; 4], Vec<Length>>,
}

impl PrefixTable {
    /// Sets or removes the rule of a prefix.
    pub(super) fn set(&mut self, bits: u32, key: &PrefixKey, rule: RuleRef) {
        let lengths = self.partitions.entry(key.partition).or_default();
        let number = u64::from_be_bytes(key.number);
        match lengths.binary_search_by(|length| bits.cmp(&length.bits)) {
            Ok(place) => {
                let Some(length) = lengths.get_mut(place) else {
                    return;
                };
                if rule.is_some() {
                    length.rules.insert(number, rule);
                } else {
                    length.rules.remove(&number);
                    if length.rules.is_empty() {
                        lengths.remove(place);
                    }
                }
            }
            Err(place) if rule.is_some() => {
                let rules = HashMap::from([(number, rule)]);
                lengths.insert(place, Length { bits, rules });
            }
            Err(_) => {}
        }
        if lengths.is_empty() {
            self.partitions.remove(&key.partition);
        }
    }

    /// The rule of exactly this prefix.
    pub(super) fn get(&self, bits: u32, key: &PrefixKey) -> RuleRef {
        let lengths = self.partitions.get(&key.partition);
        lengths
            .and_then(|lengths| lengths.iter().find(|length| length.bits == bits))
            .and_then(|length| length.rules.get(&u64::from_be_bytes(key.number)))
            .copied()
            .unwrap_or(RuleRef::NONE)
    }

    /// The rule with the longest prefix of a number.
    pub(super) fn longest(&self, key: &PrefixKey) -> RuleRef {
        let number = Number(u64::from_be_bytes(key.number));
        let Some(lengths) = self.partitions.get(&key.partition) else {
            return RuleRef::NONE;
        };
        lengths
            .iter()
            .find_map(|length| length.rules.get(&masked(number, length.bits).0))
            .copied()
            .unwrap_or(RuleRef::NONE)
    }

    /// All, in a fixed order.
    pub(super) fn entries(&self) -> Vec<(u32, PrefixKey, RuleRef)> {
        let mut entries = Vec::new();
        for (partition, lengths) in &self.partitions {
            for length in lengths {
                entries.extend(length.rules.iter().map(|(number, rule)| {
                    let key = PrefixKey {
                        partition: *partition,
                        number: number.to_be_bytes(),
                    };
                    (length.bits, key, *rule)
                }));
            }
        }
        entries.sort_unstable_by_key(|(bits, key, _)| (key.partition, *bits, key.number));
        entries
    }
}
