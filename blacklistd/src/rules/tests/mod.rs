//! What the tests of the rules share.

mod changes;
mod decisions;
mod lint;
mod patterns;

use std::collections::BTreeMap;

use blacklist_common::dial_plan::{DialPlan, Digits};

use super::*;

fn digits(text: &str) -> Digits {
    Digits::parse(text.as_bytes()).unwrap()
}

fn us() -> DialPlan {
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

fn de() -> DialPlan {
    DialPlan {
        country_code: digits("49"),
        national_prefix: digits("0"),
        international_prefixes: [digits("00"), Digits::EMPTY, Digits::EMPTY, Digits::EMPTY],
        national_minimum: 6,
        national_maximum: 13,
        bare_international_minimum: 11,
        ..DialPlan::default()
    }
}

fn plans() -> BTreeMap<String, DialPlan> {
    BTreeMap::from([("us".to_owned(), us()), ("de".to_owned(), de())])
}

fn spec(pattern: &str) -> RuleSpec {
    RuleSpec {
        pattern: pattern.to_owned(),
        list: ListKind::Block,
        scope: "global".to_owned(),
        direction: RuleDirection::Inbound,
        action: None,
        dial_plan: None,
        comment: String::new(),
        enabled: true,
    }
}

fn draft(spec: &RuleSpec) -> Result<Draft, Refusal> {
    let plans = plans();
    Draft::from_spec(
        spec,
        DialPlans {
            plans: &plans,
            default: Some("us"),
        },
    )
}

fn set() -> RuleSet {
    RuleSet::new(
        protected_numbers(["112", "911"], &[us(), de()]),
        100,
        &[],
        |_| false,
    )
}

fn rule(spec: &RuleSpec, id: u32) -> Rule {
    Rule {
        id: RuleId(id),
        ..draft(spec).unwrap().rule
    }
}
