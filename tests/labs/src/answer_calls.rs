//! `answer-calls`: the process of a lab that answers what the blocker lets through.

use std::net::SocketAddr;
use std::process::ExitCode;

use anyhow::Result;

use crate::lab;

/// Where it listens.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Addresses with their ports
    #[arg(required = true)]
    addresses: Vec<SocketAddr>,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    lab::answer_calls(&arguments.addresses)?;
    Ok(ExitCode::SUCCESS)
}
