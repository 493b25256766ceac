//! Tables of the sizes that are measured.

use std::sync::Arc;

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::pattern::{EntryKey, Kind};
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::scope::{SCOPE_HAS_BLOCK_PATTERNS, SCOPE_HAS_EXACT, ScopeEntry};
use blacklist_common::tables::TrunkEntry;
use blacklist_generation::Buckets;
use blacklist_kernel::Tables;

use crate::frames::LISTED;

/// How many rules there are.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) exact: u32,
    pub(crate) prefixes: u32,
}

/// Exact rules of callers with the last digits [`LISTED`], counting from 0, and prefixes.
pub(crate) fn tables(sizes: Sizes) -> Tables {
    let mut entry = ScopeEntry::default();
    let mut buckets = Buckets::with_room((sizes.exact + sizes.prefixes) as usize);
    if sizes.exact > 0 {
        entry.contents |= SCOPE_HAS_EXACT;
    }
    if sizes.prefixes > 0 {
        entry.contents |= SCOPE_HAS_BLOCK_PATTERNS;
        for (place, digits) in entry.shapes.iter_mut().zip((3..=10).rev()) {
            *place = digits;
            entry.prefix_count += 1;
            entry.shape_count += 1;
        }
    }
    for index in 0..sizes.exact {
        buckets.set(&exact(index), Kind::Block, block(1 + index));
    }
    for (slot, key) in (1 + sizes.exact..).zip(prefixes(sizes.prefixes)) {
        buckets.set(&key, Kind::Block, block(slot));
    }
    Tables {
        buckets: Arc::new(buckets),
        scopes: vec![entry, ScopeEntry::default()],
        trunks: vec![TrunkEntry {
            identity: [1, 0, 0, 0],
            dial_plan: DialPlan::default(),
            ..TrunkEntry::default()
        }],
        ports: vec![5060],
        ..Tables::default()
    }
}

fn block(slot: u32) -> RuleRef {
    RuleRef::new(slot, Action::Drop, ReasonClass::OwnList, false)
}

fn nibbles(text: &str) -> u64 {
    text.bytes()
        .zip((0..16).rev())
        .map(|(digit, place)| u64::from(digit - b'0') << (4 * place))
        .sum()
}

/// Callers are eight changing digits and four that stay.
fn exact(index: u32) -> EntryKey {
    let text = format!("{index:08}{LISTED}");
    EntryKey::exact(
        0,
        Number::from_nibbles(NumberKind::E164, nibbles(&text), 12),
    )
}

/// Different prefixes of 3 to 10 digits, as many of each length as there are, none of them of a
/// number that begins with 0.
fn prefixes(count: u32) -> Vec<EntryKey> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut seen = std::collections::HashSet::new();
    let mut list = Vec::new();
    while list.len() < count as usize {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let digits = 3 + (state >> 61) as u32;
        let least = 10_u64.pow(digits - 1);
        let text = (least + (state >> 8) % (9 * least)).to_string();
        if !seen.insert(text.clone()) {
            continue;
        }
        let number = Number::from_nibbles(NumberKind::E164, nibbles(&text), digits);
        list.push(EntryKey::prefix(0, number, digits));
    }
    list
}
