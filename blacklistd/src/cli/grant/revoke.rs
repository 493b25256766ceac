//! `grant revoke`.

use crate::api::grants::GrantList;
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::manner::MannerOptions;
use crate::cli::output;
use crate::cli::target::Target;

/// Which grants.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RevokeCommand {
    /// Their numbers.
    #[arg(required = true, value_name = "GRANT")]
    ids: Vec<u64>,
    #[command(flatten)]
    manner: MannerOptions,
}

pub(super) fn run(
    command: &RevokeCommand,
    client: &Client,
    json: bool,
) -> Result<String, CliError> {
    let ids: Vec<String> = command.ids.iter().map(u64::to_string).collect();
    let target = Target::new("/v1/grants").part(ids.join(","));
    let list: GrantList = client.delete(&command.manner.on(target))?;
    if json {
        return output::json(&list);
    }
    let lines: Vec<String> = list
        .grants
        .iter()
        .map(|grant| {
            format!(
                "grant {} is revoked: the rules decide calls between {} and {}",
                grant.id, grant.local, grant.remote
            )
        })
        .collect();
    Ok(lines.join("\n"))
}
