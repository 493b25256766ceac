//! `blacklistd config check`.

use std::path::PathBuf;

use clap::Subcommand;
use serde::Serialize;

use super::error::CliError;
use super::output;
use crate::config::{self, DEFAULT_PATH};

/// What to do with the configuration.
#[derive(Debug, Subcommand)]
pub(super) enum ConfigCommand {
    /// Reads the configuration and names every mistake with its line; changes nothing.
    Check {
        /// The configuration.
        #[arg(env = "BLACKLIST_CONFIG", default_value = DEFAULT_PATH)]
        path: PathBuf,
    },
}

#[derive(Serialize)]
struct CheckedConfig {
    path: String,
    ok: bool,
}

pub(super) fn run(command: &ConfigCommand, json: bool) -> Result<String, CliError> {
    let ConfigCommand::Check { path } = command;
    let configuration = config::load(path).map_err(CliError::failed)?;
    if json {
        return output::json(&CheckedConfig {
            path: path.display().to_string(),
            ok: true,
        });
    }
    Ok(format!(
        "{} is well: mode {}, {}, {}, {}",
        path.display(),
        configuration.mode.as_str(),
        output::count(configuration.interfaces.len() as u64, "interface"),
        output::count(configuration.trunks.len() as u64, "trunk"),
        output::count(configuration.dial_plans.len() as u64, "dial plan"),
    ))
}
