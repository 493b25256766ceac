//! What there is to say of the actions that a change asks for. What an action needs beside the
//! rules, such as prompts and targets, is known elsewhere: the caller judges each action.

use std::collections::HashMap;

use blacklist_model::{Effective, List, ListId, Rule, RuleAction, settings_in_effect};

use crate::change::mutation::Mutation;
use crate::lint::finding::{Finding, Severity};
use crate::set::RuleSet;

impl RuleSet {
    /// Findings of `judge` about the actions that rules and lists of a change have of their own;
    /// each action is judged once.
    pub fn lint_actions(
        &self,
        mutations: &[Mutation],
        judge: impl Fn(RuleAction) -> Option<(Severity, String)>,
    ) -> Vec<Finding> {
        let put = mutations.iter().filter_map(|mutation| match mutation {
            Mutation::PutList(list) => Some((list.id, list)),
            _ => None,
        });
        let lists: HashMap<ListId, &List> = put.collect();
        let action_of = |rule: &Rule| {
            let list = lists.get(&rule.list).copied().or(self.list(rule.list));
            let kind = list.map(|list| Effective::kind_of(rule.kind, list));
            kind.map_or(rule.action, |kind| {
                settings_in_effect(kind, rule.action, None).0
            })
        };
        let mut judged = HashMap::new();
        let mut findings = Vec::new();
        for mutation in mutations {
            let (rule, action) = match mutation {
                Mutation::PutRule(rule) => (Some(rule.id), action_of(rule)),
                Mutation::PutList(list) => (None, list.action),
                _ => continue,
            };
            let Some(action) = action else { continue };
            let found = judged.entry(action).or_insert_with(|| judge(action));
            if let Some((severity, sentence)) = found.clone() {
                findings.push(Finding {
                    severity,
                    rule,
                    sentence,
                });
            }
        }
        findings
    }
}
