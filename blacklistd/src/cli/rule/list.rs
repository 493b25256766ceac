//! `rule list`.

use super::view;
use crate::api::rules::{DEFAULT_LIMIT, RuleList};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::target::Target;

/// Which rules.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListCommand {
    /// Of this list.
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// For this scope: by themselves, or because their list is.
    #[arg(long, value_name = "SCOPE")]
    scope: Option<String>,
    /// Matching so: exact, prefix, wildcard, anonymous, unverified, everything.
    #[arg(long = "match", value_name = "HOW")]
    matching: Option<String>,
    /// With this text in pattern, number or comment.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// From there: manual, apply, import:GENERATION, feed:NAME.
    #[arg(long, value_name = "ORIGIN")]
    origin: Option<String>,
    /// Only those that are switched on.
    #[arg(long, conflicts_with = "disabled")]
    enabled: bool,
    /// Only those that are switched off.
    #[arg(long)]
    disabled: bool,
    /// Only those with a time or a schedule.
    #[arg(long)]
    timed: bool,
    /// Rules that are shown at most.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LIMIT)]
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
            output::count(list.total, "rule"),
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
