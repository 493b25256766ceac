//! How a rule looks.

use crate::error::CliError;
use crate::output;
use blacklist_model::MatchKind;
use blacklist_wire::{RuleObject, RulesChanged};

/// The canonical pattern, with the star of a prefix.
pub(super) fn number(rule: &RuleObject) -> String {
    match rule.matching {
        MatchKind::Prefix => format!("{}*", rule.number),
        MatchKind::Exact
        | MatchKind::Wildcard
        | MatchKind::Anonymous
        | MatchKind::Unverified
        | MatchKind::Everything => rule.number.clone(),
    }
}

/// Block or allow, and whether nothing lifts it.
pub(super) fn kind(rule: &RuleObject) -> String {
    if rule.mandatory {
        format!("{}, mandatory", rule.kind.as_str())
    } else {
        rule.kind.as_str().to_owned()
    }
}

/// Whether it is in force.
pub(super) const fn state(rule: &RuleObject) -> &'static str {
    match (rule.in_force, rule.enabled) {
        (true, _) => "in force",
        (false, true) => "not in force",
        (false, false) => "disabled",
    }
}

fn line(verb: &str, rule: &RuleObject) -> String {
    let mut text = format!(
        "rule {} {verb}: {} {} (list {}, {}, {}, {})",
        rule.id,
        kind(rule),
        number(rule),
        rule.list,
        rule.scopes.join(" "),
        rule.direction.as_str(),
        rule.action.as_str(),
    );
    if let Some(why) = rule.why_not.as_ref().filter(|_| {
        !verb.contains("removed") && !verb.contains("would") && !verb.contains("disabled")
    }) {
        text.push_str(&format!("; not in force: {why}"));
    }
    if let Some(why) = rule
        .why_user_space
        .as_ref()
        .filter(|_| !verb.contains("removed"))
    {
        text.push_str(&format!("; left to user space: {why}"));
    }
    text
}

/// A rule that was changed.
pub(crate) fn changed(verb: &str, rule: &RuleObject, json: bool) -> Result<String, CliError> {
    if json {
        return output::json(rule);
    }
    let mut text = line(verb, rule);
    output::add_notes(&mut text, &rule.warnings);
    Ok(text)
}

/// Rules that were changed together.
pub(super) fn several(verb: &str, changed: &RulesChanged) -> String {
    let mut lines: Vec<String> = changed.rules.iter().map(|rule| line(verb, rule)).collect();
    if let Some(generation) = changed.generation {
        lines.push(format!(
            "{}, one change: generation {generation}",
            blacklist_model::count(changed.rules.len() as u64, "rule")
        ));
    }
    let mut text = lines.join("\n");
    output::add_notes(&mut text, &changed.warnings);
    text
}

/// The rule itself if it was one, else all of them.
pub(super) fn one_or_several(
    verb: &str,
    mut rules: RulesChanged,
    json: bool,
) -> Result<String, CliError> {
    if let [rule] = rules.rules.as_mut_slice() {
        rule.warnings = std::mem::take(&mut rules.warnings);
        return changed(verb, rule, json);
    }
    if json {
        return output::json(&rules);
    }
    Ok(several(verb, &rules))
}

fn made(rule: &RuleObject) -> String {
    format!(
        "{} by {}, {}, generation {}",
        rule.created_at, rule.created_by, rule.origin, rule.generation
    )
}

fn counted(rule: &RuleObject) -> String {
    format!(
        "{}, {}",
        blacklist_model::count(rule.calls, "call"),
        blacklist_model::count(rule.packets, "packet")
    )
}

/// All that is known of a rule.
pub(super) fn details(rule: &RuleObject) -> String {
    let own = |is_own: bool| if is_own { "" } else { " (of its list)" };
    let overrides = &rule.overrides;
    let state = match &rule.why_not {
        None => "in force".to_owned(),
        Some(why) => format!("not in force: {why}"),
    };
    let decided = match &rule.why_user_space {
        None => rule.decided_in.clone(),
        Some(why) => format!("{}: {why}", rule.decided_in),
    };
    let rows = [
        ("rule", rule.id.to_string()),
        ("pattern", rule.pattern.clone()),
        (
            "matches",
            format!("{} ({})", number(rule), rule.matching.as_str()),
        ),
        ("list", rule.list.clone()),
        (
            "kind",
            format!("{}{}", kind(rule), own(overrides.kind.is_some())),
        ),
        (
            "scopes",
            format!(
                "{}{}",
                rule.scopes.join(", "),
                own(overrides.scopes.is_some())
            ),
        ),
        (
            "direction",
            format!(
                "{}{}",
                rule.direction.as_str(),
                own(overrides.direction.is_some())
            ),
        ),
        (
            "action",
            format!(
                "{}{}",
                rule.action.as_str(),
                own(overrides.action.is_some())
            ),
        ),
        ("state", state),
        ("decided in", decided),
        ("from", rule.valid_from.clone().unwrap_or_default()),
        ("until", rule.valid_until.clone().unwrap_or_default()),
        ("schedule", rule.schedule.clone().unwrap_or_default()),
        ("dial plan", rule.dial_plan.clone()),
        ("comment", rule.comment.clone()),
        ("made", made(rule)),
        ("counted", counted(rule)),
    ];
    output::lines(&rows)
}
