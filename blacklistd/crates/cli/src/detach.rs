//! `blacklistd detach`: through the daemon if it runs, else by itself.

use std::path::{Path, PathBuf};

use super::client::Client;
use super::error::CliError;
use super::local::LocalCommands;
use super::output;
use super::target::Target;
use blacklist_wire::DetachObject;

pub(super) fn run(
    path: &Path,
    local: &dyn LocalCommands,
    socket: Option<PathBuf>,
    json: bool,
) -> Result<String, CliError> {
    let configured = local.control_socket(path).map_err(CliError::failed)?;
    let client = Client::new(socket.unwrap_or(configured));
    let done = match client.post::<DetachObject>(&Target::new("/v1/detach"), &serde_json::json!({}))
    {
        Err(CliError::Unreachable(_)) => local.detach(path).map_err(CliError::failed)?,
        other => other?,
    };
    if json {
        return output::json(&done);
    }
    if done.interfaces.is_empty() {
        return Ok(format!(
            "nothing was attached; {} is clear",
            done.pin_directory
        ));
    }
    Ok(format!(
        "detached from {}; no call is judged until blacklistd is started again",
        done.interfaces.join(", ")
    ))
}
