//! How a list looks.

use crate::api::lists::ListObject;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::rules::RuleAction;

/// Block or allow, and whether nothing lifts its rules.
pub(super) fn kind(list: &ListObject) -> String {
    if list.mandatory {
        format!("{}, mandatory", list.kind.as_str())
    } else {
        list.kind.as_str().to_owned()
    }
}

/// What its rules ask for.
pub(super) fn action(list: &ListObject) -> &'static str {
    list.action
        .unwrap_or(RuleAction::of_kind(list.kind))
        .as_str()
}

/// Whether it is switched on, and for anybody.
pub(super) const fn state(list: &ListObject) -> &'static str {
    match (list.enabled, list.scopes.is_empty()) {
        (false, _) => "disabled",
        (true, true) => "for no scope",
        (true, false) => "enabled",
    }
}

fn scopes(list: &ListObject) -> String {
    if list.scopes.is_empty() {
        "no scope: only rules with scopes of their own are in force".to_owned()
    } else {
        list.scopes.join(", ")
    }
}

/// A list that was changed.
pub(super) fn changed(verb: &str, list: &ListObject, json: bool) -> Result<String, CliError> {
    if json {
        return output::json(list);
    }
    let mut text = format!(
        "list {} {verb}: {}, {}, {}",
        list.name,
        kind(list),
        scopes(list),
        output::count(list.rules, "rule")
    );
    output::add_notes(&mut text, &list.warnings);
    Ok(text)
}

/// All that is known of a list.
pub(super) fn details(list: &ListObject) -> String {
    output::lines(&[
        ("list", list.name.clone()),
        ("kind", kind(list)),
        ("scopes", scopes(list)),
        ("direction", list.direction.as_str().to_owned()),
        ("action", action(list).to_owned()),
        ("state", state(list).to_owned()),
        (
            "rules",
            format!("{}, {} enabled", list.rules, list.enabled_rules),
        ),
        ("comment", list.comment.clone()),
        (
            "made",
            format!(
                "{} by {}, generation {}",
                list.created_at, list.created_by, list.generation
            ),
        ),
    ])
}
