//! `calls --follow`: a line for each call as it comes.

use std::io::Write as _;
use std::time::Duration;

use super::{CallsCommand, party};
use crate::client::Client;
use crate::error::CliError;
use crate::output;
use blacklist_figures::BlockedCall;
use blacklist_wire::{CallList, MAXIMUM_CALLS};

/// How often the daemon is asked.
const PAUSE: Duration = Duration::from_millis(300);
/// How often, if it cannot be reached.
const RETRY: Duration = Duration::from_secs(1);

/// Shows the newest calls, then each that comes; ends when the reader closes the pipe.
pub(super) fn run(command: &CallsCommand, client: &Client, json: bool) -> Result<String, CliError> {
    let first = command
        .filters
        .target("/v1/calls")
        .key("limit", command.limit.min(MAXIMUM_CALLS));
    let mut list: CallList = client.get(&first)?;
    list.calls.reverse();
    // Calls that do not match the filters are skipped from here on as well.
    let newest: CallList = client.get(&super::Target::new("/v1/calls").key("limit", 1))?;
    let mut after = newest.calls.first().map_or(0, |call| call.id);
    let mut unreachable = false;
    loop {
        if !show(&list.calls, json)? {
            return Ok(String::new());
        }
        after = list.calls.last().map_or(after, |call| call.id.max(after));
        std::thread::sleep(if unreachable { RETRY } else { PAUSE });
        let next = command
            .filters
            .target("/v1/calls")
            .key("after", after)
            .key("limit", MAXIMUM_CALLS);
        list = match client.get(&next) {
            Ok(list) => {
                unreachable = false;
                list
            }
            Err(CliError::Unreachable(sentence)) => {
                if !unreachable {
                    eprintln!("blacklistd: {sentence}; retrying");
                }
                unreachable = true;
                CallList {
                    calls: Vec::new(),
                    lost: 0,
                    more: false,
                }
            }
            Err(error) => return Err(error),
        };
    }
}

/// Writes calls, one per line. False if the reader has closed the pipe.
fn show(calls: &[BlockedCall], json: bool) -> Result<bool, CliError> {
    let mut output = std::io::stdout().lock();
    for call in calls {
        let text = if json {
            output::json(call)?
        } else {
            line(call)
        };
        if writeln!(output, "{text}").is_err() {
            return Ok(false);
        }
    }
    Ok(output.flush().is_ok())
}

fn line(call: &BlockedCall) -> String {
    let by = if call.rule == 0 {
        call.pattern.clone()
    } else {
        format!("rule {} {} [{}]", call.rule, call.pattern, call.list)
    };
    format!(
        "{} {} {} -> {} {} by {by}, from {} {}",
        call.id,
        call.time,
        party(&call.caller, &call.caller_as_sent),
        party(&call.called, &call.called_as_sent),
        call.outcome,
        call.source,
        call.trunk
    )
    .trim_end()
    .to_owned()
}
