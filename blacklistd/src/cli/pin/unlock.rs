//! `pin unlock`.

use crate::api::pins::{UnlockRequest, UnlockedObject};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::target::Target;

/// Whose tries are forgotten.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct UnlockCommand {
    /// The local number, or the scope whose PIN was tried for too many of its numbers.
    #[arg(value_name = "NUMBER|SCOPE")]
    number: String,
}

pub(super) fn run(
    command: &UnlockCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let request = UnlockRequest {
        number: command.number.clone(),
    };
    let unlocked: UnlockedObject = client.post(&Target::new("/v1/pin-tries/unlock"), &request)?;
    if json {
        return output::json(&unlocked);
    }
    Ok(format!(
        "PINs are compared again for {}: wrong tries are forgotten",
        unlocked.scope
    ))
}
