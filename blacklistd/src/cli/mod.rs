//! The command line: one file for each command. Each returns the text that it prints; what goes
//! wrong is a sentence and an exit code.

mod calls;
mod check;
mod client;
mod config_check;
mod detach;
mod error;
mod generate;
mod output;
mod rule;
mod stats;
mod status;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::{DEFAULT_PATH, DEFAULT_SOCKET};
use client::Client;
pub use error::CliError;

/// SIP call blocker: drops the calls of blocked callers in the kernel.
#[derive(Debug, Parser)]
#[command(name = "blacklistd", version, propagate_version = true)]
pub struct Cli {
    /// The daemon's control socket [default: /run/blacklist/control.sock].
    #[arg(long, global = true, env = "BLACKLIST_SOCKET", value_name = "PATH")]
    socket: Option<PathBuf>,
    /// Prints JSON for machines; errors too.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the daemon.
    Run(ConfigPath),
    /// Adds, lists and changes rules.
    #[command(subcommand)]
    Rule(rule::RuleCommand),
    /// Shows whether calls are judged, how, and what became of packets.
    Status,
    /// Shows what was blocked, and by which rules.
    Stats,
    /// Shows recent blocked calls, the newest first.
    Calls(calls::CallsCommand),
    /// Says what would become of a call, by which rule, in which step.
    Check(check::CheckCommand),
    /// Takes the program off all interfaces and forgets its tables; rules stay.
    Detach(ConfigPath),
    /// Looks at the configuration.
    #[command(subcommand)]
    Config(config_check::ConfigCommand),
    /// Prints completions for a shell.
    Completions(generate::CompletionsCommand),
    /// Prints the manual page, of the program or of one command.
    Man(generate::ManCommand),
}

/// Where the configuration is.
#[derive(Debug, clap::Args)]
pub(crate) struct ConfigPath {
    /// The configuration.
    #[arg(long, env = "BLACKLIST_CONFIG", value_name = "PATH", default_value = DEFAULT_PATH)]
    config: PathBuf,
}

impl Cli {
    /// Whether output and errors are for machines.
    pub const fn json(&self) -> bool {
        self.json
    }

    /// Runs the command; returns what is to be printed.
    ///
    /// # Errors
    /// A sentence and its exit code.
    pub fn run(self) -> Result<String, CliError> {
        let Self {
            socket,
            json,
            command,
        } = self;
        let named = socket.clone();
        let client = Client::new(socket.unwrap_or_else(|| PathBuf::from(DEFAULT_SOCKET)));
        match command {
            Command::Run(path) => {
                crate::daemon::run(&path.config).map_err(CliError::failed)?;
                Ok(String::new())
            }
            Command::Rule(command) => rule::run(command, &client, json),
            Command::Status => status::run(&client, json),
            Command::Stats => stats::run(&client, json),
            Command::Calls(command) => calls::run(&command, &client, json),
            Command::Check(command) => check::run(command, &client, json),
            Command::Detach(path) => detach::run(&path.config, named, json),
            Command::Config(command) => config_check::run(&command, json),
            Command::Completions(command) => generate::completions(&command),
            Command::Man(command) => generate::man(&command),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_documented_command_is_understood() {
        let rows = [
            "run --config /tmp/b.toml",
            "rule add +4930* --block --scope number:+49301234 --direction both --action monitor --dial-plan de --comment x --disabled",
            "rule add alice --allow --json",
            "rule list",
            "rule show 1",
            "rule edit 1 --pattern +49* --allow --enabled",
            "rule enable 1",
            "rule disable 1",
            "rule remove 1",
            "status --json",
            "stats",
            "calls --limit 5",
            "check +491 +492 --trunk carrier",
            "check +491 +492 --from 192.0.2.1 --direction inbound",
            "detach --config /tmp/b.toml",
            "config check /tmp/b.toml",
            "config check",
            "completions bash",
            "man rule add",
            "--socket /tmp/s --json status",
        ];
        for row in rows {
            let words = std::iter::once("blacklistd").chain(row.split(' '));
            assert!(Cli::try_parse_from(words).is_ok(), "{row}");
        }
        for row in [
            "rule add",
            "rule add +1 --allow --block",
            "rule edit x",
            "check +1",
            "rule add +1 --action reject",
        ] {
            let words = std::iter::once("blacklistd").chain(row.split(' '));
            assert!(Cli::try_parse_from(words).is_err(), "{row}");
        }
    }
}
