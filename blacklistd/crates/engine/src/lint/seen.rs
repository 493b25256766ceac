//! What a change would have done to the calls that were seen lately.

use std::collections::HashMap;

use blacklist_common::decide::Step;
use blacklist_common::number::{MAXIMUM_DIGITS, Number};
use blacklist_common::tables::Direction;
use blacklist_model::{
    DefaultPolicy, Effective, MatchKind, Pattern, Rule, RuleAction, RuleKind, ScopeId, ScopeName,
    SeenCall,
};

use crate::change::mutation::Mutation;
use crate::lint::Lint;
use crate::lint::covers::matches;
use crate::lint::finding::{Finding, Severity};

/// What a change is judged against beside the rules.
#[derive(Clone, Debug, Default)]
pub struct Circumstances<'a> {
    /// Calls that were seen lately.
    pub seen: &'a [SeenCall],
    /// Share of them in per cent above which a block rule is warned of; 0 for never.
    pub share: u32,
    /// Numbers of our own, beside those that have a scope or are members.
    pub own: &'a [Number],
}

/// Rules that are no numbers and no prefixes, of one change, that are compared with every call.
const MAXIMUM_OTHERS: usize = 1000;
/// Fewest calls of which a share says anything.
const FEWEST_CALLS: usize = 20;

/// The block rules of a change, to be found by a number.
struct Blocks<'a> {
    numbers: HashMap<(MatchKind, Number), Vec<&'a Rule>>,
    others: Vec<&'a Rule>,
    /// Scopes that block from now on what no rule names.
    defaults: Vec<ScopeId>,
    count: usize,
}

impl<'a> Blocks<'a> {
    fn of(lint: &Lint<'_>, mutations: &'a [Mutation]) -> Self {
        let mut blocks = Self {
            numbers: HashMap::new(),
            others: Vec::new(),
            defaults: Vec::new(),
            count: 0,
        };
        for mutation in mutations {
            match mutation {
                Mutation::PutScope(record) if record.policy == DefaultPolicy::Block => {
                    blocks.defaults.push(record.id);
                    blocks.count += 1;
                }
                Mutation::PutRule(rule) => blocks.add(lint, rule),
                _ => {}
            }
        }
        blocks
    }

    fn add(&mut self, lint: &Lint<'_>, rule: &'a Rule) {
        let Some((effective, _)) = lint.effective(rule) else {
            return;
        };
        if effective.kind != RuleKind::Block
            || effective.action == RuleAction::Monitor
            || !effective.enabled
        {
            return;
        }
        self.count += 1;
        match rule.pattern.number() {
            Some(number) => {
                self.numbers
                    .entry((rule.pattern.kind(), number))
                    .or_default()
                    .push(rule);
            }
            None if self.others.len() < MAXIMUM_OTHERS => self.others.push(rule),
            None => {}
        }
    }

    /// Whether one of them names a call.
    fn name(&self, lint: &Lint<'_>, seen: &SeenCall) -> bool {
        let (local, remote) = match seen.direction {
            Direction::Inbound => (seen.call.called, seen.call.caller),
            Direction::Outbound => (seen.call.caller, seen.call.called),
        };
        let scopes = lint.set.scopes_of(local.number);
        let applies = |rule: &&Rule| {
            let Some((effective, list)) = lint.effective(rule) else {
                return false;
            };
            effective.direction.covers(seen.direction)
                && Effective::scopes(rule, list)
                    .iter()
                    .any(|scope| *scope == ScopeId::GLOBAL || scopes.contains(scope))
        };
        let at = |kind, number| {
            let rules = self.numbers.get(&(kind, number));
            rules.is_some_and(|rules| rules.iter().any(&applies))
        };
        if at(MatchKind::Exact, remote.number) {
            return true;
        }
        let prefixes = |digits| {
            let kind = remote.leading.kind();
            Number::from_nibbles(kind, remote.leading.0 << 4, digits)
        };
        if (1..=remote.leading.digits().min(MAXIMUM_DIGITS))
            .any(|digits| at(MatchKind::Prefix, prefixes(digits)))
        {
            return true;
        }
        let classes = seen.call.classes;
        let fits = |pattern: &Pattern| match pattern.kind() {
            MatchKind::Anonymous | MatchKind::Unverified => {
                seen.direction == Direction::Inbound
                    && pattern.classes().is_some_and(|own| own.meets(classes))
            }
            MatchKind::Exact | MatchKind::Prefix | MatchKind::Wildcard | MatchKind::Everything => {
                matches(pattern, &remote)
            }
        };
        self.others
            .iter()
            .any(|rule| fits(&rule.pattern) && applies(rule))
    }
}

/// Says so if a change would have blocked more than the share of the calls seen lately.
pub(crate) fn share(
    lint: &Lint<'_>,
    mutations: &[Mutation],
    circumstances: &Circumstances<'_>,
) -> Option<Finding> {
    let seen = circumstances.seen;
    if circumstances.share == 0 || seen.len() < FEWEST_CALLS {
        return None;
    }
    let blocks = Blocks::of(lint, mutations);
    if blocks.count == 0 {
        return None;
    }
    let is_new = |one: &&SeenCall| {
        let (decision, _) = lint.set.decide(&one.call, one.direction);
        if decision.blocks() || matches!(decision.step, Step::SafetyFloor | Step::AllowRule) {
            return false;
        }
        let by_default = decision.step == Step::Default
            && blocks.defaults.iter().any(|scope| is_of(lint, *scope, one));
        by_default || blocks.name(lint, one)
    };
    let blocked = seen.iter().filter(is_new).count();
    let per_cent = blocked * 100 / seen.len();
    if per_cent <= circumstances.share as usize {
        return None;
    }
    let rule = match mutations {
        [Mutation::PutRule(rule)] => Some(rule.id).filter(|id| id.0 != 0),
        _ => None,
    };
    Some(Finding {
        severity: Severity::Warn,
        rule,
        sentence: format!(
            "this would have blocked {blocked} of the {} calls seen lately, {per_cent} %: more than {} %",
            seen.len(),
            circumstances.share
        ),
    })
}

/// Whether the local party of a call belongs to a scope.
fn is_of(lint: &Lint<'_>, scope: ScopeId, seen: &SeenCall) -> bool {
    let local = match seen.direction {
        Direction::Inbound => seen.call.called.number,
        Direction::Outbound => seen.call.caller.number,
    };
    let own = lint.set.scope(scope).map(|record| &record.name);
    scope == ScopeId::GLOBAL
        || matches!(own, Some(ScopeName::Number { number, .. }) if *number == local)
        || lint.set.scopes_of(local).contains(&scope)
}
