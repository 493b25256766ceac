//! `blacklistd seen`.

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use blacklist_wire::{DEFAULT_SEEN, SeenList};

/// Which calls.
#[derive(Debug, clap::Args)]
pub(super) struct SeenCommand {
    /// Whose number contains this text.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Over this trunk.
    #[arg(long, value_name = "NAME")]
    trunk: Option<String>,
    /// Maximum number of calls to show.
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEEN)]
    limit: usize,
}

pub(super) fn run(command: &SeenCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let target = Target::new("/v1/seen")
        .maybe("search", command.search.as_ref())
        .maybe("trunk", command.trunk.as_ref())
        .key("limit", command.limit);
    let list: SeenList = client.get(&target)?;
    if json {
        return output::json(&list);
    }
    if list.calls.is_empty() {
        return Ok("no matching calls in the sample of recent calls that passed".to_owned());
    }
    let columns = [
        "id",
        "time",
        "caller",
        "called",
        "direction",
        "outcome",
        "trunk",
        "Call-ID",
    ];
    let mut table = output::table(columns, &[]);
    for call in &list.calls {
        table.add_row([
            call.id.clone(),
            call.time.clone(),
            super::calls::party(&call.caller, &call.caller_as_sent),
            super::calls::party(&call.called, &call.called_as_sent),
            call.direction.clone(),
            call.outcome.clone(),
            call.trunk.clone(),
            call.call_id.clone(),
        ]);
    }
    Ok(format!(
        "{table}\nto block one: `blacklistd rule add --from-call ID`"
    ))
}
