//! How a rule looks.

use crate::api::rules::RuleObject;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::rules::PatternKind;

/// The canonical number, with the star of a prefix.
pub(super) fn number(rule: &RuleObject) -> String {
    match rule.kind {
        PatternKind::Exact => rule.number.clone(),
        PatternKind::Prefix => format!("{}*", rule.number),
    }
}

/// Whether it is in force.
pub(super) const fn state(rule: &RuleObject) -> &'static str {
    if rule.enabled { "in force" } else { "disabled" }
}

/// A rule that was changed.
pub(super) fn changed(what: &str, rule: &RuleObject, json: bool) -> Result<String, CliError> {
    if json {
        return output::json(rule);
    }
    let mut text = format!(
        "rule {} is {what}: {} {} ({}, {}, {})",
        rule.id,
        rule.list.as_str(),
        number(rule),
        rule.scope,
        rule.direction.as_str(),
        rule.action.as_str(),
    );
    if !rule.enabled && what != "removed" && what != "out of force" {
        text.push_str("; it is disabled");
    }
    for warning in &rule.warnings {
        text.push_str("\nnote: ");
        text.push_str(warning);
    }
    Ok(text)
}

/// All that is known of a rule.
pub(super) fn details(rule: &RuleObject) -> String {
    let rows = [
        ("rule", rule.id.to_string()),
        ("pattern", rule.pattern.clone()),
        (
            "matches",
            format!("{} ({})", number(rule), rule.kind.as_str()),
        ),
        ("list", rule.list.as_str().to_owned()),
        ("scope", rule.scope.clone()),
        ("direction", rule.direction.as_str().to_owned()),
        ("action", rule.action.as_str().to_owned()),
        ("state", state(rule).to_owned()),
        ("dial plan", rule.dial_plan.clone()),
        ("comment", rule.comment.clone()),
        (
            "made",
            format!("{} by {}", rule.created_at, rule.created_by),
        ),
        (
            "counted",
            format!(
                "{}, {}",
                output::count(rule.calls, "call"),
                output::count(rule.packets, "packet")
            ),
        ),
    ];
    let lines: Vec<String> = rows
        .iter()
        .map(|(name, value)| format!("{name:<10} {value}").trim_end().to_owned())
        .collect();
    lines.join("\n")
}
