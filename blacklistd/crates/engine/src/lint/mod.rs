//! What there is to say of a change before it is made.

mod actions;
mod changed_list;
pub(crate) mod covers;
mod finding;
pub mod pinless;
mod seen;
mod shadow;

use std::collections::HashMap;

use blacklist_common::number::{Number, Party};
use blacklist_common::tables::Direction;
use blacklist_model::{
    DefaultPolicy, Effective, List, ListId, MatchKind, Refusal, Rule, RuleId, RuleIdentity,
    RuleKind, ScopeId, ScopeRecord, read_as,
};

use self::covers::{matches, range_of};
pub use self::finding::{Finding, Severity};
pub use self::seen::Circumstances;
use self::seen::share;
use crate::change::mutation::Mutation;
use crate::enforcement::keys::can_match;
use crate::set::RuleSet;

/// Rules of one change that are compared with others, one by one; of a longer one only the first.
const MAXIMUM_COMPARED: usize = 10_000;
/// Wildcards of one change that are compared with all own numbers.
const MAXIMUM_WILDCARDS: usize = 100;

/// Rules as a change leaves them; none for those that it removes.
pub(crate) type Changed<'a> = HashMap<RuleId, Option<&'a Rule>>;

/// A change that is being judged.
pub(crate) struct Lint<'a> {
    pub(crate) set: &'a RuleSet,
    /// Lists that the change puts.
    pub(crate) lists: HashMap<ListId, &'a List>,
    /// Scopes that the change puts.
    scopes: HashMap<ScopeId, &'a ScopeRecord>,
    mutations: &'a [Mutation],
    /// Made when it is asked for first.
    changed: Option<Changed<'a>>,
    /// Own numbers in their order; made when the first prefix or wildcard asks for them.
    own: Option<Vec<Number>>,
    circumstances: &'a Circumstances<'a>,
    compared: usize,
    wildcards: usize,
    findings: Vec<Finding>,
}

impl RuleSet {
    /// What there is to say of changes before they are made.
    pub fn lint(&self, mutations: &[Mutation], circumstances: &Circumstances<'_>) -> Vec<Finding> {
        let lists = mutations.iter().filter_map(|mutation| match mutation {
            Mutation::PutList(list) => Some((list.id, list)),
            _ => None,
        });
        let scopes = mutations.iter().filter_map(|mutation| match mutation {
            Mutation::PutScope(record) => Some((record.id, record)),
            _ => None,
        });
        let mut lint = Lint {
            set: self,
            lists: lists.collect(),
            scopes: scopes.collect(),
            mutations,
            changed: None,
            own: None,
            circumstances,
            compared: 0,
            wildcards: 0,
            findings: Vec::new(),
        };
        for mutation in mutations {
            match mutation {
                Mutation::PutRule(rule) => lint.rule(rule),
                Mutation::PutList(list) => lint.list(list),
                Mutation::PutScope(record) => lint.scope(record),
                Mutation::RemoveRule(_)
                | Mutation::RemoveList(_)
                | Mutation::RemoveScope(_)
                | Mutation::AddMember(_)
                | Mutation::RemoveMember(_)
                | Mutation::PutGrant(..)
                | Mutation::RemoveGrant(_) => {}
            }
        }
        let share = share(&lint, mutations, circumstances);
        lint.findings.extend(share);
        lint.findings.sort_by_key(|finding| finding.severity);
        lint.findings
    }
}

impl<'a> Lint<'a> {
    /// A rule's settings with its list, as the change leaves them.
    pub(crate) fn effective(&self, rule: &Rule) -> Option<(Effective, &List)> {
        let list = match self.lists.get(&rule.list) {
            Some(list) => *list,
            None => self.set.list(rule.list)?,
        };
        Some((Effective::of(rule, list), list))
    }

    pub(crate) fn say(&mut self, severity: Severity, rule: Option<&Rule>, sentence: String) {
        self.findings.push(Finding {
            severity,
            rule: rule.map(|rule| rule.id).filter(|id| id.0 != 0),
            sentence,
        });
    }

    fn rule(&mut self, rule: &Rule) {
        let Some((effective, list)) = self.effective(rule) else {
            return;
        };
        let homeless = Effective::scopes(rule, list)
            .is_empty()
            .then(|| list.name.clone());
        let list_is_off = (!list.enabled).then(|| list.name.clone());
        let contradiction = rule.judge_settings(list).err();
        if let Some(contradiction) = contradiction {
            self.contradiction(rule, &contradiction);
        }
        self.never(rule, effective);
        self.unread(rule);
        if let Some(list) = homeless {
            self.say(
                Severity::Warn,
                Some(rule),
                format!("{} matches no call while list {list} is assigned to no scope: assign it, or give the rule a scope", rule.pattern),
            );
        }
        if let Some(list) = list_is_off.filter(|_| rule.enabled) {
            self.say(
                Severity::Warn,
                Some(rule),
                format!(
                    "{} is not in force while list {list} is switched off",
                    rule.pattern
                ),
            );
        }
        self.emergency(rule, effective);
        if self.compared < MAXIMUM_COMPARED {
            self.compared += 1;
            self.others(rule, effective);
        } else {
            self.twin(rule);
        }
        if effective.kind == RuleKind::Block {
            self.own_numbers(rule);
        }
    }

    /// A setting of a rule's own that contradicts its kind. Where it did so before, it only has no
    /// effect.
    fn contradiction(&mut self, rule: &Rule, contradiction: &Refusal) {
        let before = self
            .set
            .get(rule.id)
            .filter(|before| before.list == rule.list);
        let list = self.set.list(rule.list);
        let known = before.zip(list).is_some_and(|(before, list)| {
            before.judge_settings(list).is_err() && !self.lists.contains_key(&list.id)
        });
        if known {
            let (id, pattern) = (rule.id, &rule.pattern);
            let sentence = format!(
                "rule {id} ({pattern}): {contradiction}; this has no effect: `blacklistd rule edit {id} --inherit action,mandatory` takes it away"
            );
            self.say(Severity::Warn, Some(rule), sentence);
        } else {
            self.say(Severity::Refuse, Some(rule), contradiction.to_string());
        }
    }

    /// Whether a rule is the same as another one: refused if the change makes it so.
    fn twin(&mut self, rule: &Rule) -> bool {
        let set = self.set;
        let others: Vec<RuleId> = set.overlapping(rule).map(|other| other.id).collect();
        let mut others = others.into_iter();
        let Some(twin) = others.find(|other| self.overlaps(rule, *other)) else {
            return false;
        };
        if set.is_made_twin(rule) {
            let sentence = set.get(twin).map(|twin| set.twin_sentence(twin));
            self.say(Severity::Refuse, Some(rule), sentence.unwrap_or_default());
        } else if twin < rule.id {
            let (id, pattern) = (rule.id, &rule.pattern);
            let sentence = format!(
                "rule {id} ({pattern}) says the same as rule {twin}, at least for calls of one direction: remove one of them, or change its direction"
            );
            self.say(Severity::Warn, Some(rule), sentence);
        }
        true
    }

    /// Whether a rule overlaps another one as the change leaves both.
    fn overlaps(&mut self, rule: &Rule, other: RuleId) -> bool {
        let other = match self.changed().get(&other) {
            Some(changed) => *changed,
            None => self.set.get(other),
        };
        let identity = |rule| Some(RuleIdentity::of(rule, self.effective(rule)?.1));
        let both = identity(rule).zip(other.and_then(identity));
        both.is_some_and(|(one, other)| one.overlaps(&other))
    }

    /// Rules as the change puts them; none for those that it removes.
    pub(crate) fn changed(&mut self) -> &Changed<'a> {
        let mutations = self.mutations;
        self.changed.get_or_insert_with(|| {
            let change = |mutation: &'a Mutation| match mutation {
                Mutation::PutRule(rule) => Some((rule.id, Some(rule))),
                Mutation::RemoveRule(id) => Some((*id, None)),
                _ => None,
            };
            mutations.iter().filter_map(change).collect()
        })
    }

    /// A rule that can never match, and why.
    fn never(&mut self, rule: &Rule, effective: Effective) {
        let pattern = &rule.pattern;
        let possible: Vec<Direction> = effective
            .directions()
            .filter(|direction| can_match(pattern, *direction))
            .collect();
        if possible.is_empty() {
            self.say(
                Severity::Refuse,
                Some(rule),
                format!("{pattern} can never match outbound calls: it is about callers outside, and they only call in; make the rule inbound"),
            );
        } else if possible.len() < effective.directions().count() {
            self.say(
                Severity::Warn,
                Some(rule),
                format!("{pattern} matches inbound calls alone: it is about callers outside, and they only call in"),
            );
        }
        if let Some(timing) = &rule.timing {
            let now = self.set.now;
            if let Some(until) = timing.until.filter(|until| *until <= now) {
                self.say(
                    Severity::Warn,
                    Some(rule),
                    format!("{pattern} is not in force any more: it was valid until {until}"),
                );
            } else if !timing.covers(now) && timing.next_change(now).is_none() {
                let (severity, sentence) = if timing.was_in_force(now) {
                    (
                        Severity::Warn,
                        "is not in force any more: its schedule has no time left before valid_until",
                    )
                } else {
                    (
                        Severity::Refuse,
                        "can never match: its schedule has no time between valid_from and valid_until",
                    )
                };
                self.say(severity, Some(rule), format!("{pattern} {sentence}"));
            }
        }
    }

    /// A number as none of the trunks leaves it.
    fn unread(&mut self, rule: &Rule) {
        let number = rule
            .pattern
            .number()
            .filter(|_| rule.pattern.kind() == MatchKind::Exact);
        let Some(number) = number else {
            return;
        };
        let mut others: Vec<Number> = Vec::new();
        for plan in &self.set.plans {
            match read_as(number, plan) {
                Some(other) => others.push(other),
                None => return,
            }
        }
        others.sort_unstable();
        others.dedup();
        if !others.is_empty() {
            let sentence = format!(
                "{number} can never match: the dial plan of every trunk reads these digits as {}; write that instead",
                some_of(&others)
            );
            self.say(Severity::Warn, Some(rule), sentence);
        }
    }

    /// What hides an emergency number, and what covers one.
    fn emergency(&mut self, rule: &Rule, effective: Effective) {
        let pattern = &rule.pattern;
        let protected = &self.set.enforcement.tables.lookup.protected;
        if let Some(number) = pattern.number().filter(|number| protected.contains(number)) {
            let sentence = match pattern.kind() {
                MatchKind::Prefix => format!(
                    "pattern \"{pattern}\" hides the emergency number {number}, which no rule may block (emergency in [safety] of the configuration lists them)"
                ),
                _ => format!(
                    "pattern \"{pattern}\": {number} is an emergency number, which no rule blocks; the rule could never match (emergency in [safety] of the configuration lists them)"
                ),
            };
            self.say(Severity::Refuse, Some(rule), sentence);
            return;
        }
        let wide = matches!(pattern.kind(), MatchKind::Prefix | MatchKind::Wildcard);
        if !wide || effective.kind == RuleKind::Allow {
            return;
        }
        let mut covered: Vec<Number> = protected
            .iter()
            .copied()
            .filter(|number| matches(pattern, &Party::of(*number)))
            .collect();
        covered.sort_unstable();
        if !covered.is_empty() {
            let sentence = format!(
                "emergency numbers go through all the same: {}",
                some_of(&covered)
            );
            self.say(Severity::Warn, Some(rule), sentence);
        }
    }

    /// Twins and shadows.
    fn others(&mut self, rule: &Rule, effective: Effective) {
        if self.twin(rule) {
            return;
        }
        // A list of the change is not in the set as it will be.
        if self.lists.contains_key(&rule.list) || !rule.enabled {
            return;
        }
        let shadow = self.set.shadow_of(rule, effective, &self.scopes);
        if let Some(other) = shadow.and_then(|id| self.set.get(id)) {
            let scopes = self.set.scope_names(self.set.scopes_for(other));
            let sentence = format!(
                "{} has no effect: rule {} ({} for {scopes}) matches all of it",
                rule.pattern, other.id, other.pattern
            );
            self.say(Severity::Warn, Some(rule), sentence);
        }
    }

    /// Numbers of our own that a block rule names.
    fn own_numbers(&mut self, rule: &Rule) {
        let pattern = &rule.pattern;
        let covered: Vec<Number> = match (pattern.kind(), pattern.number()) {
            (MatchKind::Exact, Some(number)) => {
                let ours =
                    self.set.scopes.has_number(number) || self.circumstances.own.contains(&number);
                ours.then_some(number).into_iter().collect()
            }
            (MatchKind::Prefix, Some(prefix)) => {
                let (first, last) = range_of(prefix);
                let own = self.own();
                let from = own.partition_point(|number| *number < first);
                let to = own.partition_point(|number| *number <= last);
                own.get(from..to).unwrap_or_default().to_vec()
            }
            (MatchKind::Wildcard, _) if self.wildcards < MAXIMUM_WILDCARDS => {
                self.wildcards += 1;
                let own = self.own().iter().copied();
                own.filter(|number| matches(pattern, &Party::of(*number)))
                    .collect()
            }
            _ => Vec::new(),
        };
        if !covered.is_empty() {
            let sentence = format!(
                "{pattern} names numbers of your own: {}; calls between them are blocked, too",
                some_of(&covered)
            );
            self.say(Severity::Warn, Some(rule), sentence);
        }
    }

    fn own(&mut self) -> &[Number] {
        let (set, listed) = (self.set, self.circumstances.own);
        self.own.get_or_insert_with(|| {
            let mut own: Vec<Number> = set.scopes.numbers().chain(listed.iter().copied()).collect();
            own.sort_unstable();
            own.dedup();
            own
        })
    }

    fn list(&mut self, list: &List) {
        // Of several versions in one change only the last one counts.
        if self
            .lists
            .get(&list.id)
            .is_some_and(|last| std::ptr::eq(*last, list))
        {
            self.rules_of_changed(list);
        }
        let has_rules = self.set.count_of(list.id) > 0;
        if list.scopes.is_empty() && has_rules {
            self.say(
                Severity::Warn,
                None,
                format!("list {} is assigned to no scope: its rules match no call, but for those with scopes of their own", list.name),
            );
        }
    }

    fn scope(&mut self, record: &ScopeRecord) {
        let before = self.set.scope(record.id).map(|record| record.policy);
        if record.policy == DefaultPolicy::Block && before != Some(DefaultPolicy::Block) {
            let whose = if record.id == ScopeId::GLOBAL {
                "all calls"
            } else {
                "calls of its numbers"
            };
            self.say(
                Severity::Warn,
                None,
                format!("the default of {} blocks {whose} in both directions that no rule allows, but for emergency numbers", record.name),
            );
        }
    }
}

/// The first of some numbers, and how many there are.
fn some_of(numbers: &[Number]) -> String {
    const NAMED: usize = 5;
    let named: Vec<String> = numbers.iter().take(NAMED).map(Number::to_string).collect();
    let mut text = named.join(", ");
    if numbers.len() > NAMED {
        text.push_str(&format!(" and {} more", numbers.len() - NAMED));
    }
    text
}
