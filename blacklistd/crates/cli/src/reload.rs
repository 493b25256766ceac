//! `blacklistd reload`.

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use blacklist_wire::ReloadObject;

pub(super) fn run(client: &Client, json: bool) -> Result<String, CliError> {
    let done: ReloadObject = client.post(&Target::new("/v1/reload"), &serde_json::json!({}))?;
    if json {
        return output::json(&done);
    }
    Ok(format!(
        "{} is in force, with the rules of generation {}",
        done.path, done.generation
    ))
}
