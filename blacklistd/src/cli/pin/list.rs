//! `pin list`.

use crate::api::pins::PinList;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::target::Target;

pub(super) fn run(client: &Client, json: bool) -> Result<String, CliError> {
    let list: PinList = client.get(&Target::new("/v1/pins"))?;
    if json {
        return output::json(&list);
    }
    if list.pins.is_empty() {
        return Ok("no scope has a PIN; `blacklistd pin set SCOPE` sets one".to_owned());
    }
    let mut table = output::table(["scope", "since", "set by"], &[]);
    for pin in &list.pins {
        table.add_row([&pin.scope, &pin.since, &pin.author]);
    }
    Ok(table.to_string())
}
