//! Tables of the sizes that are measured.

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::rule::{Action, ReasonClass, RuleRef};
use blacklist_common::tables::{
    ExactKey, ExactValue, PrefixKey, SCOPE_HAS_BLOCK_PREFIXES, SCOPE_HAS_EXACT, ScopeEntry,
    TrunkEntry,
};
use blacklistd::kernel::Tables;

/// How many rules there are.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) exact: u32,
    pub(crate) prefixes: u32,
}

/// Exact rules `+4930` and eight digits counting from 0, and prefixes below `+4932`, one to six
/// digits longer.
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

fn exact(index: u32) -> (ExactKey, ExactValue) {
    let text = format!("4930{index:08}");
    let number = Number::from_nibbles(NumberKind::E164, nibbles(&text), 12);
    let value = ExactValue {
        allow: RuleRef::NONE,
        block: block(1 + index),
    };
    (ExactKey::new(0, number), value)
}

fn prefixes(count: u32, first_slot: u32) -> Vec<(u32, PrefixKey, RuleRef)> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut seen = std::collections::HashSet::new();
    let mut list = Vec::new();
    while list.len() < count as usize {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        // As in a numbering plan: most prefixes are long.
        let digits = [3, 4, 5, 6, 6, 6, 6, 6][(state >> 60) as usize & 7];
        let text = format!("4932{:0digits$}", state % 10_u64.pow(digits as u32));
        if !seen.insert(text.clone()) {
            continue;
        }
        let length = text.len() as u32;
        let number = Number::from_nibbles(NumberKind::E164, nibbles(&text), length);
        let slot = 1 + first_slot + list.len() as u32;
        list.push((
            Number::prefix_bits(length),
            PrefixKey::new(0, number),
            block(slot),
        ));
    }
    list
}
