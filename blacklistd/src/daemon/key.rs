//! What a rule is the same by, as a text: pattern, kind, list, scopes and direction, with what it
//! has from its list. Two rules with one key are one rule written twice.

use super::names::NameTable;
use crate::rules::{
    DialPlans, Draft, List, ListId, Names, Pattern, Refusal, RuleDirection, RuleKind, RuleSpec,
    ScopeId, ScopeName,
};
use crate::store::{ListRow, RuleRow};

/// The key of a rule; `scopes` are the names of its own scopes.
fn key(
    pattern: (&str, &str),
    list: &ListRow,
    kind: Option<RuleKind>,
    direction: Option<RuleDirection>,
    scopes: &[String],
) -> String {
    let (matching, canonical) = pattern;
    format!(
        "{matching} {canonical} {} {} {} {}",
        kind.unwrap_or(list.kind).as_str(),
        list.name,
        direction.unwrap_or(list.direction).as_str(),
        scopes.join(",")
    )
}

/// The key of a rule that is kept.
pub(super) fn of_row(row: &RuleRow, list: &ListRow, names: &NameTable) -> String {
    let mut scopes = names.scope_names(if row.scopes.is_empty() {
        &list.scopes
    } else {
        &row.scopes
    });
    scopes.sort_unstable();
    key(
        (row.matching.as_str(), &row.canonical),
        list,
        row.kind,
        row.direction,
        &scopes,
    )
}

/// What a draft is the same by among others: smaller than a text, and of no use outside.
pub(super) fn of_draft(draft: &Draft, list: &List) -> DraftKey {
    let rule = &draft.rule;
    (
        rule.pattern.clone(),
        rule.list,
        rule.kind.unwrap_or(list.kind),
        rule.direction.unwrap_or(list.direction),
        if rule.scopes.is_empty() {
            list.scopes.clone()
        } else {
            rule.scopes.to_vec()
        },
    )
}

/// See [`of_draft`].
pub(super) type DraftKey = (Pattern, ListId, RuleKind, RuleDirection, Vec<ScopeId>);

/// Names that are only looked up: nothing is made.
struct Lookup<'n> {
    names: &'n NameTable,
    /// Scopes of local numbers that are not there; their ids count down from the last one.
    unknown: Vec<String>,
}

impl Lookup<'_> {
    fn scope_names(&self, ids: &[ScopeId]) -> Vec<String> {
        let name = |id: &ScopeId| match self.unknown.get((u32::MAX - id.0) as usize) {
            Some(name) => name.clone(),
            None => self.names.scope_names(&[*id]).join(" "),
        };
        ids.iter().map(name).collect()
    }
}

impl Names for Lookup<'_> {
    fn list(&self, name: &str) -> Option<&List> {
        self.names.list_named(name).map(|list| &list.list)
    }

    fn list_of(&self, id: ListId) -> Option<&List> {
        self.names.list(id).map(|list| &list.list)
    }

    fn scope(&mut self, name: &ScopeName) -> Option<ScopeId> {
        let text = name.to_string();
        if let Some(scope) = self.names.scope_named(&text) {
            return Some(scope.id);
        }
        if !matches!(name, ScopeName::Number { .. }) {
            return None;
        }
        let known = self.unknown.iter().position(|unknown| *unknown == text);
        let index = known.unwrap_or(self.unknown.len());
        if known.is_none() {
            self.unknown.push(text);
        }
        Some(ScopeId(u32::MAX - u32::try_from(index).ok()?))
    }
}

/// The key of a rule as it is asked for.
///
/// # Errors
/// It could be no rule.
pub(super) fn of_spec(
    spec: &RuleSpec,
    plans: DialPlans<'_>,
    names: &NameTable,
) -> Result<String, Refusal> {
    let mut lookup = Lookup {
        names,
        unknown: Vec::new(),
    };
    let draft = Draft::from_spec(spec, plans, &mut lookup)?;
    let rule = &draft.rule;
    let Some(list) = names.list(rule.list).map(|list| &list.row) else {
        return Err(super::change::no_list(&spec.list));
    };
    let mut scopes = lookup.scope_names(if rule.scopes.is_empty() {
        &list.scopes
    } else {
        &rule.scopes
    });
    scopes.sort_unstable();
    Ok(key(
        (rule.pattern.kind().as_str(), &rule.pattern.canonical()),
        list,
        rule.kind,
        rule.direction,
        &scopes,
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use blacklist_common::dial_plan::{DialPlan, Digits};

    use super::*;
    use crate::daemon::rows;
    use crate::rules::DefaultPolicy;
    use crate::store::ScopeRow;

    fn united_states() -> DialPlan {
        let digits = |text: &str| Digits::parse(text.as_bytes()).unwrap();
        DialPlan {
            country_code: digits("1"),
            national_prefix: digits("1"),
            national_minimum: 10,
            national_maximum: 10,
            bare_national_minimum: 10,
            bare_national_maximum: 10,
            ..DialPlan::default()
        }
    }

    fn scope(id: u32, name: &str) -> ScopeRow {
        ScopeRow {
            id: ScopeId(id),
            made: 1,
            name: name.to_owned(),
            policy: DefaultPolicy::Unset,
            comment: String::new(),
        }
    }

    fn names() -> NameTable {
        let list = |id: u32, name: &str, kind: RuleKind, scopes: &[u32]| ListRow {
            id: ListId(id),
            made: 1,
            name: name.to_owned(),
            kind,
            direction: RuleDirection::Inbound,
            action: None,
            mandatory: false,
            enabled: true,
            scopes: scopes.iter().copied().map(ScopeId).collect(),
            comment: String::new(),
        };
        NameTable::new(
            vec![
                list(1, "default", RuleKind::Block, &[0]),
                list(2, "vip", RuleKind::Allow, &[5, 0]),
            ],
            vec![
                scope(0, "global"),
                scope(5, "account:acme"),
                scope(3, "number:+13125550199"),
            ],
        )
    }

    /// The key of a rule as it is asked for, and of the same rule as it is kept.
    fn keys(spec: &RuleSpec) -> (String, String) {
        let names = names();
        let mut plans = BTreeMap::new();
        plans.insert("us".to_owned(), united_states());
        let plans = DialPlans {
            plans: &plans,
            default: Some("us"),
        };
        let asked = of_spec(spec, plans, &names).unwrap();
        let mut lookup = Lookup {
            names: &names,
            unknown: Vec::new(),
        };
        let draft = Draft::from_spec(spec, plans, &mut lookup).unwrap();
        let row = rows::row(&draft, 1, "manual");
        let list = names.list(row.list).unwrap();
        (asked, of_row(&row, &list.row, &names))
    }

    #[test]
    fn a_rule_that_is_asked_for_has_the_key_of_the_rule_that_is_kept() {
        let plain = RuleSpec::of("+14155550100");
        let rows = [
            plain.clone(),
            RuleSpec::of("+1415*"),
            RuleSpec::of("alice"),
            RuleSpec::of("+1415555????"),
            RuleSpec::of("anonymous"),
            RuleSpec::of("*"),
            RuleSpec {
                list: "vip".to_owned(),
                ..plain.clone()
            },
            RuleSpec {
                scopes: vec!["number:+13125550199".to_owned(), "account:acme".to_owned()],
                kind: Some(RuleKind::Allow),
                direction: Some(RuleDirection::Both),
                ..plain
            },
        ];
        let mut all = std::collections::HashSet::new();
        for spec in rows {
            let (asked, kept) = keys(&spec);
            assert_eq!(asked, kept);
            assert!(all.insert(asked), "{spec:?} has the key of another rule");
        }
    }

    #[test]
    fn spellings_and_comments_do_not_tell_rules_apart() {
        let (one, _) = keys(&RuleSpec::of("(415) 555-0100"));
        let other = RuleSpec {
            kind: Some(RuleKind::Block),
            scopes: vec!["global".to_owned()],
            comment: "a comment".to_owned(),
            enabled: false,
            ..RuleSpec::of("+14155550100")
        };
        assert_eq!(keys(&other).0, one);
    }

    #[test]
    fn a_number_without_a_scope_yet_is_named_and_a_group_is_not_made() {
        let names = names();
        let plans = BTreeMap::new();
        let plans = DialPlans {
            plans: &plans,
            default: None,
        };
        let of = |scope: &str| {
            let spec = RuleSpec {
                scopes: vec![scope.to_owned()],
                ..RuleSpec::of("alice")
            };
            of_spec(&spec, plans, &names)
        };
        assert!(of("number:+4930").unwrap().ends_with("number:+4930"));
        assert!(of("group:sales").is_err());
    }
}
