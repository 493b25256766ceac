//! `blacklistd stats`.

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use crate::api::stats::StatsObject;

pub(super) fn run(client: &Client, json: bool) -> Result<String, CliError> {
    let stats: StatsObject = client.get(&Target::new("/v1/stats"))?;
    if json {
        return output::json(&stats);
    }
    let mut text = format!(
        "blocked    {}, {}\nmonitored  {}, {}",
        output::count(stats.blocked.calls, "call"),
        output::count(stats.blocked.packets, "packet"),
        output::count(stats.monitored.calls, "call"),
        output::count(stats.monitored.packets, "packet"),
    );
    if stats.rules.is_empty() {
        text.push_str("\nno rule has decided a call yet");
        return Ok(text);
    }
    let columns = [
        "rule", "pattern", "kind", "list", "scopes", "calls", "packets",
    ];
    let mut table = output::table(columns, &["rule", "calls", "packets"]);
    for rule in stats.rules {
        table.add_row([
            if rule.id.0 == 0 {
                String::new()
            } else {
                rule.id.to_string()
            },
            rule.pattern,
            rule.kind.as_str().to_owned(),
            rule.list,
            rule.scopes.join(", "),
            rule.calls.to_string(),
            rule.packets.to_string(),
        ]);
    }
    text.push('\n');
    text.push_str(&table.to_string());
    Ok(text)
}
