//! How a scope looks.

use crate::api::scopes::ScopeObject;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::rules::DefaultPolicy;

fn policy(scope: &ScopeObject) -> &'static str {
    match (scope.default, scope.name.as_str()) {
        (DefaultPolicy::Allow, _) => "other calls go through",
        (DefaultPolicy::Block, _) => "other calls are blocked",
        (DefaultPolicy::Unset, "global") => "other calls go through (nothing is set)",
        (DefaultPolicy::Unset, _) => "other calls: as a broader scope says",
    }
}

/// A scope that was changed.
pub(super) fn changed(verb: &str, scope: &ScopeObject, json: bool) -> Result<String, CliError> {
    if json {
        return output::json(scope);
    }
    let mut text = format!(
        "scope {} {verb}: {}, {}",
        scope.name,
        policy(scope),
        output::count(scope.members, "member")
    );
    output::add_notes(&mut text, &scope.warnings);
    Ok(text)
}

/// All that is known of a scope.
pub(super) fn details(scope: &ScopeObject) -> String {
    output::lines(&[
        ("scope", scope.name.clone()),
        (
            "default",
            format!("{}: {}", scope.default.as_str(), policy(scope)),
        ),
        ("members", scope.members.to_string()),
        ("lists", scope.lists.join(", ")),
        ("rules", format!("{} of its own", scope.rules)),
        (
            "counted",
            format!(
                "{}, {} by its default",
                output::count(scope.calls, "call"),
                output::count(scope.packets, "packet")
            ),
        ),
        ("comment", scope.comment.clone()),
    ])
}
