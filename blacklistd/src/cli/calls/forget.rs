//! `calls forget`.

use crate::api::calls::ForgottenObject;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::output;
use crate::cli::target::Target;

/// Whose traces.
#[derive(Debug, clap::Args)]
pub(super) struct ForgetCommand {
    /// The number, in any spelling of the default dial plan.
    number: String,
}

pub(super) fn run(
    command: &ForgetCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let target = Target::new("/v1/calls").key("number", &command.number);
    let forgotten: ForgottenObject = client.delete(&target)?;
    if json {
        return output::json(&forgotten);
    }
    let mut text = format!(
        "{} of {} removed from the log, {} from the sample of calls that passed",
        output::count(forgotten.calls, "call"),
        forgotten.number,
        forgotten.seen
    );
    if forgotten.attempts > 0 {
        text.push_str(&format!(
            ", {} tries of PINs from the audit",
            forgotten.attempts
        ));
    }
    if !forgotten.rules.is_empty() {
        let ids: Vec<String> = forgotten.rules.iter().map(ToString::to_string).collect();
        text.push_str(&format!(
            "\nit still stands in rule {} (and in the history of rules): `blacklistd rule remove`",
            ids.join(", ")
        ));
    }
    Ok(text)
}
