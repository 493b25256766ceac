//! Blocks a caller: the rule that `rule add` would add.

use crate::client::Client;
use crate::error::CliError;
use crate::rule;
use crate::target::Target;
use blacklist_model::{RuleKind, RuleSpec, escaped};
use blacklist_wire::{RuleObject, RulesChanged};

/// What stands behind a name that is longer than what was kept of it.
const CUT: char = '…';

/// The pattern that matches this caller and nobody else. Callers choose their names themselves:
/// one that is called `*` must not block everybody.
pub(super) fn pattern_of(caller: &str) -> Result<String, String> {
    if caller.ends_with(CUT) {
        return Err(format!(
            "only the beginning of {caller} is known: add a rule with `blacklistd rule add`"
        ));
    }
    let unnameable = || {
        format!(
            "a rule for exactly {caller} cannot be made here: add one with `blacklistd rule add`"
        )
    };
    let name = literal(caller).ok_or_else(unnameable)?;
    if name.is_empty() || name.trim() != name || has_scheme(&name) {
        return Err(unnameable());
    }
    Ok(escaped(&name))
}

/// Takes the daemon's escapes out; none if the name has other bytes than printable ASCII.
fn literal(escaped: &str) -> Option<String> {
    let mut name = String::with_capacity(escaped.len());
    let mut rest = escaped.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => name.push(rest.next().filter(|next| *next == '\\')?),
            ' '..='~' => name.push(character),
            _ => return None,
        }
    }
    Some(name)
}

/// Whether a pattern would be read without what stands before the colon.
fn has_scheme(name: &str) -> bool {
    name.split_once(':').is_some_and(|(scheme, _)| {
        ["sip", "sips", "tel"]
            .iter()
            .any(|one| scheme.eq_ignore_ascii_case(one))
    })
}

/// Adds the rule; says what it became.
pub(super) fn block(client: &Client, pattern: &str) -> Result<String, CliError> {
    // Whatever the list of the rule lets through: this one blocks.
    let specs = [RuleSpec {
        kind: Some(RuleKind::Block),
        ..RuleSpec::of(pattern)
    }];
    let changed: RulesChanged = client.post(&Target::new("/v1/rules"), &specs)?;
    told(changed)
}

fn told(changed: RulesChanged) -> Result<String, CliError> {
    let RulesChanged {
        rules, warnings, ..
    } = changed;
    let Some(rule) = rules.into_iter().next() else {
        return Err(CliError::Failed("blacklistd added no rule".to_owned()));
    };
    let rule = RuleObject { warnings, ..rule };
    let text = rule::changed("is added", &rule, false)?;
    Ok(match rule.kind {
        RuleKind::Block => text,
        RuleKind::Allow => format!(
            "{text}\nthe rules of list {} allow: this caller is NOT blocked; remove the rule, or edit it with `blacklistd rule edit {} --block`",
            rule.list, rule.id
        ),
    })
}

#[cfg(test)]
mod tests {
    use blacklist_common::dial_plan::DialPlan;

    use super::*;
    use blacklist_model::{MatchKind, Pattern};

    #[test]
    fn nobody_else_is_blocked() {
        let rows = [
            ("a number", "+14155550100", Some("+14155550100")),
            ("a name", "alice", Some("alice")),
            ("everybody", "*", Some("\\*")),
            ("a star that is dialled", "*21#", Some("\\*21#")),
            ("a wildcard", "+1415???", Some("+1415\\?\\?\\?")),
            ("a class", "anonymous", Some("\\anonymous")),
            ("another class", "unverified", Some("\\unverified")),
            ("a backslash", "a\\\\b", Some("a\\\\b")),
            ("other bytes", "a\\x1bb", None),
            ("broken escape", "a\\", None),
            ("raw control", "a\u{1b}", None),
            ("cut", "averylongna…", None),
            ("a scheme", "SIP:bob", None),
            ("blanks", " bob", None),
            ("nothing", "", None),
        ];
        for (name, caller, expected) in rows {
            assert_eq!(pattern_of(caller).ok().as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn the_engine_reads_these_patterns_as_one_caller() {
        for caller in [
            "+14155550100",
            "*",
            "*21#",
            "a?b",
            "anonymous",
            "a\\\\b",
            "Bob",
        ] {
            let pattern = pattern_of(caller).unwrap();
            let read = Pattern::parse(&pattern, &DialPlan::default());
            // What the engine refuses is said; what it takes is one caller.
            if let Ok(read) = read {
                assert_eq!(read.kind(), MatchKind::Exact, "{caller}");
            }
        }
    }

    fn changed(kind: &str) -> RulesChanged {
        serde_json::from_value(serde_json::json!({
            "rules": [{
                "id": 7, "pattern": "+14155550100", "match": "exact", "number": "+14155550100",
                "list": "default", "kind": kind, "scopes": ["global"], "direction": "inbound",
                "action": "drop", "mandatory": false, "overrides": {}, "dial_plan": "none",
                "comment": "", "enabled": true, "in_force": true, "decided_in": "kernel",
                "origin": "manual", "generation": 13, "created_at": "2026-07-31T10:00:00Z",
                "created_by": "root", "calls": 0, "packets": 0
            }],
            "generation": 13, "warnings": ["rule 3 blocks this already"]
        }))
        .unwrap()
    }

    #[test]
    fn the_rule_is_told_with_what_there_is_to_know() {
        let text = told(changed("block")).unwrap();
        assert!(
            text.starts_with("rule 7 is added: block +14155550100"),
            "{text}"
        );
        assert!(text.contains("note: rule 3 blocks this already"), "{text}");
        assert!(!text.contains("NOT"), "{text}");
        let text = told(changed("allow")).unwrap();
        assert!(text.contains("this caller is NOT blocked"), "{text}");
        let nothing = RulesChanged {
            rules: Vec::new(),
            ..changed("block")
        };
        assert!(told(nothing).is_err());
    }
}
