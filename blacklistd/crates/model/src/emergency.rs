//! The numbers that no rule blocks, in every spelling in which a call can carry them.

use std::collections::HashSet;

use blacklist_common::dial_plan::DialPlan;
use blacklist_common::number::{Number, NumberKind};
use blacklist_common::user_part;

/// Keys of the emergency numbers `digits`: as short codes, with `+`, and as each dial plan reads
/// them (with its country code, or as numbers of national length).
pub fn protected_numbers<'a>(
    digits: impl IntoIterator<Item = &'a str>,
    plans: &[DialPlan],
) -> HashSet<Number> {
    let mut numbers = HashSet::new();
    let mut add = |spelling: &str, plan: &DialPlan| {
        if let Ok(party) = user_part::canonical(spelling.as_bytes(), plan)
            && matches!(party.number.kind(), NumberKind::E164 | NumberKind::Local)
        {
            numbers.insert(party.number);
        }
    };
    let bare = DialPlan::default();
    for digits in digits {
        add(digits, &bare);
        add(&format!("+{digits}"), &bare);
        for plan in plans {
            add(digits, plan);
            let code = plan.country_code;
            if code.count != 0 {
                let code = Number::from_nibbles(NumberKind::E164, code.packed, code.count);
                add(&format!("{code}{digits}"), &bare);
            }
        }
    }
    numbers
}
