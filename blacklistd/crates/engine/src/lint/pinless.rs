//! Rules that ask callers for a PIN where no PIN can be right: their calls are asked all the same, and
//! refused.

use std::collections::{BTreeMap, HashSet};

use blacklist_model::{Effective, List, ListId, Rule, RuleAction, ScopeId, ScopeName, ScopeRecord};

use crate::change::mutation::Mutation;
use crate::lint::finding::{Finding, Severity};
use crate::set::RuleSet;

/// Scopes that a sentence names.
const NAMED: usize = 3;

/// Something that asks for a PIN: a rule, or a list whose rules do.
#[derive(Debug)]
pub struct Asking<'a> {
    rule: Option<&'a Rule>,
    list: &'a List,
}

impl<'a> Asking<'a> {
    /// A rule, if it asks for a PIN and may be in force.
    fn rule(rule: &'a Rule, list: &'a List) -> Option<Self> {
        let effective = Effective::of(rule, list);
        (effective.action == RuleAction::Pin && effective.enabled).then_some(Self {
            rule: Some(rule),
            list,
        })
    }

    fn list(list: &'a List) -> Option<Self> {
        let asks = list.action == Some(RuleAction::Pin) && list.enabled;
        asks.then_some(Self { rule: None, list })
    }

    /// Whether its list says all that it says.
    fn is_told_by_list(&self) -> bool {
        let of_rule = |rule: &Rule| rule.action.is_none() && rule.scopes.is_empty();
        self.rule.is_some_and(of_rule) && Self::list(self.list).is_some()
    }

    fn scopes(&self) -> &'a [ScopeId] {
        let own = self.rule.map(|rule| Effective::scopes(rule, self.list));
        own.unwrap_or(&self.list.scopes)
    }
}

/// What asks for a PIN in a change, and what it makes ask for one.
pub fn asking<'a>(rules: &'a RuleSet, mutations: &'a [Mutation]) -> Vec<Asking<'a>> {
    let mut lists: BTreeMap<ListId, &List> = BTreeMap::new();
    for mutation in mutations {
        if let Mutation::PutList(list) = mutation {
            lists.insert(list.id, list);
        }
    }
    let put = mutations.iter().filter_map(|mutation| match mutation {
        Mutation::PutRule(rule) => Some(rule),
        _ => None,
    });
    let mut named = HashSet::new();
    if !lists.is_empty() {
        named.extend(mutations.iter().filter_map(|mutation| match mutation {
            Mutation::PutRule(Rule { id, .. }) | Mutation::RemoveRule(id) => Some(*id),
            _ => None,
        }));
    }
    let touched = lists.keys().flat_map(|list| rules.rules_of(*list));
    let candidates = put.chain(touched.filter(|rule| !named.contains(&rule.id)));
    let of_list = |id: ListId| lists.get(&id).copied().or_else(|| rules.list(id));
    let mut found: Vec<Asking<'_>> = candidates
        .filter_map(|rule| Asking::rule(rule, of_list(rule.list)?))
        .filter(|one| !(one.is_told_by_list() && lists.contains_key(&one.list.id)))
        .collect();
    found.extend(lists.values().filter_map(|list| Asking::list(list)));
    found
}

/// All that asks for a PIN.
pub fn all_asking(rules: &RuleSet) -> Vec<Asking<'_>> {
    let of_rules = rules
        .iter()
        .filter_map(|rule| Asking::rule(rule, rules.list(rule.list)?))
        .filter(|one| !one.is_told_by_list());
    of_rules
        .chain(rules.lists().filter_map(Asking::list))
        .collect()
}

/// The scopes that have a PIN, and those of whose local numbers some have one by another scope.
#[derive(Debug)]
pub struct Reach<'a> {
    pins: &'a [ScopeId],
    beside: HashSet<ScopeId>,
}

impl<'a> Reach<'a> {
    /// Of these PINs, as a change leaves the scopes.
    pub fn new(rules: &RuleSet, mutations: &[Mutation], pins: &'a [ScopeId]) -> Self {
        let mut beside = rules.scopes_beside(pins);
        for mutation in mutations {
            let (scope, number) = match mutation {
                Mutation::AddMember(member) => (member.scope, member.number),
                Mutation::PutScope(ScopeRecord {
                    id,
                    name: ScopeName::Number { number, .. },
                    ..
                }) => (*id, *number),
                _ => continue,
            };
            let of_number = rules.scopes_of(number);
            if pins.contains(&scope) {
                beside.extend(&of_number);
            }
            if of_number.iter().any(|scope| pins.contains(scope)) {
                beside.insert(scope);
            }
        }
        Self { pins, beside }
    }

    /// Whether a caller of some number of the scope can have a PIN that is right.
    fn has(&self, scope: ScopeId) -> bool {
        if scope == ScopeId::GLOBAL {
            return !self.pins.is_empty();
        }
        self.pins.contains(&ScopeId::GLOBAL)
            || self.pins.contains(&scope)
            || self.beside.contains(&scope)
    }

    fn lacking(&self, asking: &Asking<'_>) -> Vec<ScopeId> {
        let scopes = asking.scopes().iter().copied();
        scopes.filter(|scope| !self.has(*scope)).collect()
    }
}

/// Warns of what asks for a PIN where there is none; of what did so `before` as well, nothing is said.
pub fn lint(
    asking: &[Asking<'_>],
    before: Option<&Reach<'_>>,
    reach: &Reach<'_>,
    name_of: impl Fn(ScopeId) -> String,
) -> Vec<Finding> {
    let mut found: BTreeMap<Vec<ScopeId>, (Vec<&Rule>, Vec<&List>)> = BTreeMap::new();
    for one in asking {
        let lacking = reach.lacking(one);
        let is_known = before.is_some_and(|before| before.lacking(one) == lacking);
        if lacking.is_empty() || is_known {
            continue;
        }
        let (rules, lists) = found.entry(lacking).or_default();
        match one.rule {
            Some(rule) => rules.push(rule),
            None => lists.push(one.list),
        }
    }
    let mut findings = Vec::new();
    for (scopes, (rules, lists)) in found {
        let lacks = lacks(&scopes, &name_of);
        let mut say = |rule, who: String| {
            findings.push(Finding {
                severity: Severity::Warn,
                rule,
                sentence: format!("{who} for a PIN and then refused, as {lacks}"),
            });
        };
        if let Some(rule) = rules.first() {
            let id = Some(rule.id).filter(|id| rules.len() == 1 && id.0 != 0);
            say(id, callers_of(rule, rules.len()));
        }
        for list in lists {
            say(
                None,
                format!("callers that list {} names are asked", list.name),
            );
        }
    }
    findings
}

fn callers_of(rule: &Rule, count: usize) -> String {
    match count {
        1 => format!("callers that {} names are asked", rule.pattern),
        _ => format!(
            "callers that {count} rules name, such as {}, are asked",
            rule.pattern
        ),
    }
}

/// What is not there, and how it is made.
fn lacks(scopes: &[ScopeId], name_of: impl Fn(ScopeId) -> String) -> String {
    if scopes.contains(&ScopeId::GLOBAL) {
        return "there is no PIN: `blacklistd pin set global` sets one for all calls".to_owned();
    }
    let mut names: Vec<String> = scopes.iter().take(NAMED).map(|id| name_of(*id)).collect();
    let first = names.first().cloned().unwrap_or_default();
    if scopes.len() > NAMED {
        names.push(format!("{} more", scopes.len() - NAMED));
    }
    let names = names.join(", ");
    format!("no number of {names} has a PIN: `blacklistd pin set {first}` sets one")
}

#[cfg(test)]
mod tests;
