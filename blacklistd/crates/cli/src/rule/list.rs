//! `rule list`.

use super::view;
use crate::client::Client;
use crate::error::CliError;
use crate::output;
use crate::target::Target;
use blacklist_wire::{DEFAULT_RULES, RuleList};

/// Which rules.
#[derive(Debug, clap::Args)]
pub(crate) struct ListCommand {
    /// Of this list.
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// For this scope: their own, or that of their list.
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// With this kind of pattern: exact, prefix, wildcard, anonymous, unverified, everything.
    #[arg(long = "match", value_name = "HOW")]
    matching: Option<String>,
    /// With this text in pattern, number or comment.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Of this origin: manual, apply, import:GENERATION, feed:NAME.
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Only enabled rules.
    #[arg(long, conflicts_with = "disabled")]
    enabled: bool,
    /// Only disabled rules.
    #[arg(long)]
    disabled: bool,
    /// Only those with a time or a schedule.
    #[arg(long)]
    timed: bool,
    /// Maximum number of rules to show.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_RULES)]
    limit: u64,
    /// Rules that are passed over.
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: u64,
}

pub(super) fn run(command: &ListCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let switched = command.enabled || command.disabled;
    let target = Target::new("/v1/rules")
        .maybe("list", command.list.as_ref())
        .maybe("scope", command.scope.as_ref())
        .maybe("match", command.matching.as_ref())
        .maybe("search", command.search.as_ref())
        .maybe("origin", command.origin.as_ref())
        .maybe("enabled", switched.then_some(command.enabled))
        .maybe("timed", command.timed.then_some(true))
        .key("limit", command.limit)
        .key("offset", command.offset);
    let list: RuleList = client.get(&target)?;
    if json {
        return output::json(&list);
    }
    if list.total == 0 {
        return Ok("no rules; add one with `blacklistd rule add PATTERN`".to_owned());
    }
    let mut text = table(&list);
    let shown = list.rules.len() as u64;
    if shown < list.total {
        text.push_str(&format!(
            "\n{shown} of {}, from number {} on; --limit and --offset show others",
            blacklist_model::count(list.total, "rule"),
            list.offset + 1
        ));
    }
    Ok(text)
}

fn table(list: &RuleList) -> String {
    let columns = [
        "id",
        "pattern",
        "number",
        "match",
        "list",
        "kind",
        "scopes",
        "direction",
        "action",
        "state",
        "calls",
        "packets",
        "comment",
    ];
    let mut table = output::table(columns, &["id", "calls", "packets"]);
    for rule in &list.rules {
        table.add_row([
            rule.id.to_string(),
            rule.pattern.clone(),
            view::number(rule),
            rule.matching.as_str().to_owned(),
            rule.list.clone(),
            view::kind(rule),
            rule.scopes.join(", "),
            rule.direction.as_str().to_owned(),
            rule.action.as_str().to_owned(),
            view::state(rule).to_owned(),
            rule.calls.to_string(),
            rule.packets.to_string(),
            rule.comment.clone(),
        ]);
    }
    table.to_string()
}
