//! Tables of the sizes that are measured.

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::tables::{
    ExactKey, ExactValue, PrefixKey, SCOPE_HAS_BLOCK_PREFIXES, SCOPE_HAS_EXACT, ScopeEntry,
    TrunkEntry,
};
use blacklistd::kernel::Tables;

use crate::frames::LISTED;

/// How many rules there are.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) exact: u32,
    pub(crate) prefixes: u32,
}

/// Exact rules of callers with the last digits [`LISTED`], counting from 0, and prefixes.
pub(crate) fn tables(sizes: Sizes) -> Tables {
    let mut contents = 0;
    if sizes.exact > 0 {
        contents |= SCOPE_HAS_EXACT;
    }
    if sizes.prefixes > 0 {
        contents |= SCOPE_HAS_BLOCK_PREFIXES;
    }
    Tables {
        exact: (0..sizes.exact).map(exact).collect(),
        block_prefixes: prefixes(sizes.prefixes, sizes.exact),
        scopes: vec![
            ScopeEntry {
                contents,
                ..ScopeEntry::default()
            },
            ScopeEntry::default(),
        ],
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
    RuleRef::new(slot, Action::Drop, ReasonClass::OwnList, 0)
}

fn nibbles(text: &str) -> u64 {
    text.bytes()
        .zip((0..16).rev())
        .map(|(digit, place)| u64::from(digit - b'0') << (4 * place))
        .sum()
}

/// Callers are eight changing digits and four that stay.
fn exact(index: u32) -> (ExactKey, ExactValue) {
    let text = format!("{index:08}{LISTED}");
    let number = Number::from_nibbles(NumberKind::E164, nibbles(&text), 12);
    let value = ExactValue {
        allow: RuleRef::NONE,
        block: block(1 + index),
    };
    (ExactKey::new(0, number), value)
}

/// Different prefixes of 3 to 10 digits, as many of each length as there are, none of them of a
/// number that begins with 0.
fn prefixes(count: u32, first_slot: u32) -> Vec<(u32, PrefixKey, RuleRef)> {
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
        let slot = 1 + first_slot + list.len() as u32;
        list.push((
            Number::prefix_bits(digits),
            PrefixKey::new(0, number),
            block(slot),
        ));
    }
    list
}
