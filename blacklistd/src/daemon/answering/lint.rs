//! What there is to say of rules that ask for an answer.

use crate::config::AnsweringSettings;
use crate::rules::{Finding, Mutation, RuleAction, RuleId, Severity};

/// Refuses statuses that lack what has to stand beside them, and warns of answers that nobody gives.
pub(in crate::daemon) fn lint(
    mutations: &[Mutation],
    settings: &AnsweringSettings,
) -> Vec<Finding> {
    let finding = |rule: Option<RuleId>, action: Option<RuleAction>| {
        let Some(RuleAction::Reject(status)) = action else {
            return None;
        };
        let (severity, sentence) = match settings.statuses.lacks(status) {
            Some(lacks) => (Severity::Refuse, lacks),
            None if !settings.enabled => (
                Severity::Warn,
                "answers are switched off (enabled in [answering] of the configuration): its calls pass, or are dropped where their trunk says so",
            ),
            None => return None,
        };
        Some(Finding {
            severity,
            rule,
            sentence: sentence.to_owned(),
        })
    };
    mutations
        .iter()
        .filter_map(|mutation| match mutation {
            Mutation::PutRule(rule) => finding(Some(rule.id), rule.action),
            Mutation::PutList(list) => finding(None, list.action),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::{List, RejectStatus};

    fn settings(enabled: bool) -> AnsweringSettings {
        AnsweringSettings {
            enabled,
            port: 25_060,
            mark: 1,
            reply_hook: crate::kernel::ReplyHook::Auto,
            maximum_per_second: 1,
            statuses: crate::answer::StatusSettings::default(),
        }
    }

    fn list(action: Option<RuleAction>) -> [Mutation; 1] {
        [Mutation::PutList(List {
            action,
            ..List::standard()
        })]
    }

    #[test]
    fn what_lacks_something_is_refused() {
        let rows = [
            ("none", None, true, None),
            ("drop", Some(RuleAction::Drop), false, None),
            (
                "a status",
                Some(RuleAction::Reject(RejectStatus::Unwanted)),
                true,
                None,
            ),
            (
                "switched off",
                Some(RuleAction::Reject(RejectStatus::ByReason)),
                false,
                Some(Severity::Warn),
            ),
            (
                "nobody to ask",
                Some(RuleAction::Reject(RejectStatus::NetworkBlocked)),
                true,
                Some(Severity::Refuse),
            ),
            (
                "no card",
                Some(RuleAction::Reject(RejectStatus::Rejected)),
                true,
                Some(Severity::Refuse),
            ),
        ];
        for (name, action, enabled, expected) in rows {
            let findings = lint(&list(action), &settings(enabled));
            let seen = findings.first().map(|finding| finding.severity);
            assert_eq!(seen, expected, "{name}");
        }
    }
}
