//! `blacklistd calls`.

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use crate::api::calls::{CallList, DEFAULT_LIMIT};

/// How many calls.
#[derive(Debug, clap::Args)]
pub(super) struct CallsCommand {
    /// Calls that are shown at most.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_LIMIT)]
    limit: usize,
}

pub(super) fn run(command: &CallsCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let list: CallList = client.get(&Target::new("/v1/calls").key("limit", command.limit))?;
    if json {
        return output::json(&list);
    }
    let mut text = if list.calls.is_empty() {
        "no call has been blocked since blacklistd began".to_owned()
    } else {
        table(&list)
    };
    if list.lost > 0 {
        text.push_str(&format!(
            "\nthe records of {} were lost under load; they are counted all the same (`blacklistd stats`)",
            output::count(list.lost, "call")
        ));
    }
    Ok(text)
}

fn table(list: &CallList) -> String {
    let columns = [
        "time", "caller", "called", "rule", "pattern", "outcome", "from", "trunk", "Call-ID",
    ];
    let mut table = output::table(columns, &["rule"]);
    for call in &list.calls {
        table.add_row([
            call.time.clone(),
            party(&call.caller, &call.caller_as_sent),
            party(&call.called, &call.called_as_sent),
            call.rule.to_string(),
            call.pattern.clone(),
            call.outcome.clone(),
            call.source.clone(),
            call.trunk.clone(),
            call.call_id.clone(),
        ]);
    }
    table.to_string()
}

/// The number, and how it was spelled if that differs.
fn party(number: &str, as_sent: &str) -> String {
    if number == as_sent {
        number.to_owned()
    } else {
        format!("{number} ({as_sent})")
    }
}
