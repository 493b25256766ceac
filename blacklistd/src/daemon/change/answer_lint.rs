//! What there is to say of rules that ask for an answer.

use crate::config::AnsweringSettings;
use blacklist_engine::{Finding, Mutation, RuleSet, Severity};
use blacklist_model::RuleAction;
use blacklist_voice::host::TargetMethod;
use blacklist_voice::media::prompts::Prompts;

/// Refuses statuses without the settings that they need, and warns of answers that nobody gives.
pub(super) fn lint(
    rules: &RuleSet,
    mutations: &[Mutation],
    settings: &AnsweringSettings,
    prompts: &Prompts,
) -> Vec<Finding> {
    rules.lint_actions(mutations, |action| judge(action, settings, prompts))
}

/// What is wrong with an action, if anything is.
fn judge(
    action: RuleAction,
    settings: &AnsweringSettings,
    prompts: &Prompts,
) -> Option<(Severity, String)> {
    let host = &settings.host;
    let is_hosted = match action {
        RuleAction::Pass | RuleAction::Drop | RuleAction::Monitor => return None,
        RuleAction::Reject(status) => {
            if let Some(lacks) = settings.statuses.lacks(status) {
                return Some((Severity::Refuse, lacks.to_owned()));
            }
            false
        }
        RuleAction::Announce(Some(word)) if !prompts.has(word.name(), host.language) => {
            return Some((Severity::Refuse, no_prompt(word.name(), settings)));
        }
        RuleAction::Redirect(word) => match host.target(word.name()) {
            Some(target) => target.method == TargetMethod::Leg,
            None => return Some((Severity::Refuse, no_target(word.name(), settings))),
        },
        RuleAction::Announce(_) | RuleAction::Torment(_) | RuleAction::Pin => true,
    };
    let warning = if !settings.enabled {
        "answers are switched off (enabled in [answering] of the configuration): its calls pass, or are dropped where their trunk says so"
    } else if is_hosted && !host.enabled {
        "the media host is switched off (enabled in [answering.media] of the configuration): its calls are refused with a status"
    } else {
        return None;
    };
    Some((Severity::Warn, warning.to_owned()))
}

fn no_prompt(name: &str, settings: &AnsweringSettings) -> String {
    match &settings.host.prompts {
        Some(folder) => format!(
            "there is no prompt \"{name}\": put {name}.wav (.ogg, .mp3, .flac) into {}/{}",
            folder.display(),
            settings.host.language
        ),
        None => format!(
            "there is no prompt \"{name}\": set prompts in [answering.media] of the configuration to the folder of your own"
        ),
    }
}

fn no_target(name: &str, settings: &AnsweringSettings) -> String {
    let known: Vec<&str> = settings
        .host
        .targets
        .iter()
        .map(|target| target.name.as_str())
        .collect();
    if known.is_empty() {
        format!(
            "there is no target \"{name}\": add an [[answering.target]] of this name to the configuration, and reload it"
        )
    } else {
        format!(
            "there is no target \"{name}\": the configuration has {}",
            known.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use blacklist_model::{List, RejectStatus};

    fn settings(enabled: bool) -> AnsweringSettings {
        AnsweringSettings {
            enabled,
            port: 25_060,
            mark: 1,
            reply_hook: blacklist_kernel::ReplyHook::Auto,
            maximum_per_second: 1,
            statuses: blacklist_sip::answer::StatusSettings::default(),
            host: host(),
        }
    }

    fn host() -> blacklist_voice::host::HostSettings {
        let text = "[[interface]]\nname = \"lo\"\n[[answering.target]]\nname = \"operator\"\naddresses = [\"sip:1@192.0.2.1\"]\n";
        let configuration = crate::config::parse(std::path::Path::new("x"), text);
        configuration.unwrap().answering.host
    }

    fn word(word: &str) -> Option<RuleAction> {
        Some(RuleAction::from_word(word).unwrap())
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
            ("an announcement", word("announce"), true, None),
            ("a built-in prompt", word("announce:anonymous"), true, None),
            (
                "no such prompt",
                word("announce:closed"),
                true,
                Some(Severity::Refuse),
            ),
            ("a target", word("redirect:operator"), true, None),
            (
                "no such target",
                word("redirect:nobody"),
                true,
                Some(Severity::Refuse),
            ),
            ("music", word("torment:10m"), true, None),
            (
                "a PIN, switched off",
                word("pin"),
                false,
                Some(Severity::Warn),
            ),
            (
                "no card",
                Some(RuleAction::Reject(RejectStatus::Rejected)),
                true,
                Some(Severity::Refuse),
            ),
        ];
        for (name, action, enabled, expected) in rows {
            let (rules, settings) = (RuleSet::default(), settings(enabled));
            let findings = lint(&rules, &list(action), &settings, &Prompts::new(None));
            let seen = findings.first().map(|finding| finding.severity);
            assert_eq!(seen, expected, "{name}");
        }
    }
}
