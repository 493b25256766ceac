//! `blacklistd detach`: through the daemon if it runs, else by itself.

use std::path::{Path, PathBuf};

use super::client::Client;
use super::error::CliError;
use super::output;
use super::target::Target;
use crate::api::detach::DetachObject;
use crate::config::{self, DEFAULT_PATH, DEFAULT_PIN_DIRECTORY, DEFAULT_SOCKET};
use crate::kernel::Kernel;

pub(super) fn run(path: &Path, socket: Option<PathBuf>, json: bool) -> Result<String, CliError> {
    let (configured_socket, pin_directory) = places(path)?;
    let client = Client::new(socket.unwrap_or(configured_socket));
    let done = match client.post::<DetachObject>(&Target::new("/v1/detach"), &serde_json::json!({}))
    {
        Err(CliError::Unreachable(_)) => DetachObject {
            interfaces: Kernel::remove(&pin_directory).map_err(CliError::failed)?,
            pin_directory: pin_directory.display().to_string(),
        },
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

/// The socket and the pin directory of a configuration; the built-in ones if there is no file at
/// the usual place.
fn places(path: &Path) -> Result<(PathBuf, PathBuf), CliError> {
    if path == Path::new(DEFAULT_PATH) && !path.exists() {
        return Ok((
            PathBuf::from(DEFAULT_SOCKET),
            PathBuf::from(DEFAULT_PIN_DIRECTORY),
        ));
    }
    let configuration = config::load(path).map_err(CliError::failed)?;
    Ok((
        configuration.control_socket,
        configuration.kernel.pin_directory,
    ))
}
