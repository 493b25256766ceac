//! `verify`: builds and runs the program that loads the object and measures what the kernel's
//! verifier made of it.

use std::process::ExitCode;

use anyhow::Result;

use crate::commands::bench::run_measurement;
use crate::commands::setup;

/// What can be asked.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// One JSON object as the last line of stdout
    #[arg(long)]
    json: bool,
    /// Install what is missing without asking
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    setup::ensure(&[setup::For::Lab], arguments.yes)?;
    run_measurement("verify", &[], arguments.json)
}
