//! What a change of a list does to its rules. One that would leave rules which contradict
//! themselves, can never match, or are the same as others, is refused: such rules could not be
//! shown, exported and read again as what they are.

use std::collections::HashMap;

use blacklist_model::{Effective, List, ListId, Pattern, Rule, RuleId, RuleIdentity, RuleKind};

use crate::enforcement::keys::can_match;
use crate::lint::Lint;
use crate::lint::finding::Severity;

/// Rules that a sentence names.
const NAMED: usize = 5;

impl<'a> Lint<'a> {
    /// Refuses a change of a list that leaves some of its rules without a meaning.
    pub(crate) fn rules_of_changed(&mut self, list: &List) {
        let set = self.set;
        let Some(before) = set.list(list.id) else {
            return;
        };
        let unchanged = before.kind == list.kind
            && before.direction == list.direction
            && before.scopes == list.scopes;
        if unchanged || set.count_of(list.id) == 0 {
            return;
        }
        let rules = self.rules_as_left(list.id);
        let is_new = |refused: &dyn Fn(&Rule, &List) -> bool| {
            let rules = rules.iter().copied();
            rules
                .filter(|rule| refused(rule, list) && !refused(rule, before))
                .collect()
        };
        let contradicting: Vec<&Rule> = is_new(&|rule, list| rule.judge_settings(list).is_err());
        let unmatched: Vec<&Rule> = is_new(&never_matches);
        let sentences = [
            contradiction(list, &contradicting),
            never(list, &unmatched),
            same(list, &repeated(&rules, before, list)),
        ];
        for sentence in sentences.into_iter().flatten() {
            self.say(Severity::Refuse, None, sentence);
        }
    }

    /// The rules of a list as the change leaves them.
    fn rules_as_left(&mut self, list: ListId) -> Vec<&'a Rule> {
        let set = self.set;
        let changed = self.changed();
        let kept = set.rules_of(list);
        let kept = kept.filter(|rule| !changed.contains_key(&rule.id));
        let put = changed.values().flatten().copied();
        kept.chain(put.filter(|rule| rule.list == list)).collect()
    }
}

fn never_matches(rule: &Rule, list: &List) -> bool {
    let mut directions = Effective::of(rule, list).directions();
    !directions.any(|direction| can_match(&rule.pattern, direction))
}

/// Rules that a list makes the same as others, which they were not before. One of two such rules
/// has something of its own: those that leave all to the list are as different as they were.
fn repeated<'r>(rules: &[&'r Rule], before: &List, list: &List) -> Vec<&'r Rule> {
    let has_own =
        |rule: &Rule| rule.kind.is_some() || rule.direction.is_some() || !rule.scopes.is_empty();
    let mut own: HashMap<&Pattern, Vec<&Rule>> = HashMap::new();
    for rule in rules.iter().filter(|rule| has_own(rule)) {
        own.entry(&rule.pattern).or_default().push(rule);
    }
    let overlap = |one: &Rule, other: &Rule, list: &List| {
        RuleIdentity::of(one, list).overlaps(&RuleIdentity::of(other, list))
    };
    let mut made: Vec<&Rule> = Vec::new();
    for rule in rules {
        for other in own.get(&rule.pattern).into_iter().flatten() {
            if other.id != rule.id && overlap(rule, other, list) && !overlap(rule, other, before) {
                made.extend([rule, other]);
            }
        }
    }
    made.sort_unstable_by_key(|rule| rule.id);
    made.dedup_by_key(|rule| rule.id);
    made
}

/// The first of some rules, and how many there are.
fn name(rules: &[&Rule]) -> String {
    let mut ids: Vec<RuleId> = rules.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    let named: Vec<String> = ids.iter().take(NAMED).map(ToString::to_string).collect();
    let mut text = if ids.len() == 1 { "rule " } else { "rules " }.to_owned();
    text.push_str(&named.join(", "));
    if ids.len() > NAMED {
        text.push_str(&format!(" and {} more", ids.len() - NAMED));
    }
    text
}

fn contradiction(list: &List, rules: &[&Rule]) -> Option<String> {
    let first = rules.iter().min_by_key(|rule| rule.id)?;
    let (own, kind, kept) = match list.kind {
        RuleKind::Allow => ("block", "an allow list", "a block rule"),
        RuleKind::Block => ("allow", "a block list", "an allow rule"),
    };
    let setting = match first.action {
        Some(action) => format!("action {}", action.as_str()),
        None => "mandatory".to_owned(),
    };
    let id = first.id;
    Some(format!(
        "list {} cannot become {kind}: settings of {} are for {own} rules (rule {id}: {setting}); `blacklistd rule edit {id} --inherit action,mandatory` takes them away, `blacklistd rule edit {id} --{own}` keeps it {kept}",
        list.name,
        name(rules)
    ))
}

fn never(list: &List, rules: &[&Rule]) -> Option<String> {
    let first = rules.iter().map(|rule| rule.id).min()?;
    Some(format!(
        "list {} cannot become outbound: {} could never match, being about callers outside, who only call in; `blacklistd rule edit {first} --direction inbound` keeps it as it is",
        list.name,
        name(rules)
    ))
}

fn same(list: &List, rules: &[&Rule]) -> Option<String> {
    let first = rules.first()?;
    Some(format!(
        "this change of list {} makes rules that differ the same: {} ({}); remove those that are then not needed, see `blacklistd rule list --list {}`",
        list.name,
        name(rules),
        first.pattern,
        list.name
    ))
}
