//! `blacklistd config check`.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use blacklist_wire::DEFAULT_CONFIGURATION;

use super::error::CliError;
use super::local::LocalCommands;
use super::output;

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Reads the configuration and reports every mistake with its line; changes nothing.
    Check {
        /// The configuration.
        #[arg(env = "BLACKLIST_CONFIG", default_value = DEFAULT_CONFIGURATION)]
        path: PathBuf,
    },
}

#[derive(Serialize)]
struct CheckedConfig {
    path: String,
    ok: bool,
}

pub(super) fn run(
    command: &ConfigCommand,
    local: &dyn LocalCommands,
    json: bool,
) -> Result<String, CliError> {
    let ConfigCommand::Check { path } = command;
    let configuration = local.check_configuration(path).map_err(CliError::failed)?;
    if json {
        return output::json(&CheckedConfig {
            path: path.display().to_string(),
            ok: true,
        });
    }
    Ok(format!(
        "{} is valid: mode {}, {}, {}, {}",
        path.display(),
        configuration.mode,
        blacklist_model::count(configuration.interfaces as u64, "interface"),
        blacklist_model::count(configuration.trunks as u64, "trunk"),
        blacklist_model::count(configuration.dial_plans as u64, "dial plan"),
    ))
}
