//! `rule list`.

use super::view;
use crate::api::rules::RuleList;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;

pub(super) fn run(client: &Client, json: bool) -> Result<String, CliError> {
    let list: RuleList = client.get("/v1/rules")?;
    if json {
        return output::json(&list);
    }
    if list.rules.is_empty() {
        return Ok("no rules; add one with `blacklistd rule add PATTERN`".to_owned());
    }
    let columns = [
        "id",
        "pattern",
        "number",
        "list",
        "scope",
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
            rule.list.as_str().to_owned(),
            rule.scope.clone(),
            rule.direction.as_str().to_owned(),
            rule.action.as_str().to_owned(),
            view::state(rule).to_owned(),
            rule.calls.to_string(),
            rule.packets.to_string(),
            rule.comment.clone(),
        ]);
    }
    Ok(table.to_string())
}
