//! Drives cargo and the eBPF toolchain, and starts the labs and the measurements: parses the command
//! line and hands over to the command's own file. No work is done here.

mod commands;
mod ebpf_toolchain;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::labs::LabName;

/// Builds, tries out, tests and measures blacklist.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Finds what the build and the labs need, and installs what is missing
    Setup(commands::setup::Arguments),
    /// Builds the eBPF object, then the daemon around it
    Build(commands::build::Arguments),
    /// Real calls, blocked and let through, in network namespaces of their own
    Demo(commands::lab::Options),
    /// Runs a scenario in network namespaces of its own
    Lab(commands::lab::Arguments),
    /// Runs a comparison
    Bench(commands::bench::Arguments),
    /// All tests, the privileged ones included, with one summary at the end
    Test(commands::test::Arguments),
    /// Loads the object; prints its size, verified instructions, stack and map memory
    Verify(commands::verify::Arguments),
    /// Format and lints of all crates
    Lint(commands::lint::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Setup(arguments) => commands::setup::run(&arguments),
        Command::Build(arguments) => commands::build::run(&arguments),
        Command::Demo(options) => commands::lab::run(LabName::Demo, &options),
        Command::Lab(arguments) => commands::lab::run(arguments.name, &arguments.options),
        Command::Bench(arguments) => commands::bench::run(&arguments),
        Command::Test(arguments) => commands::test::run(&arguments),
        Command::Verify(arguments) => commands::verify::run(&arguments),
        Command::Lint(arguments) => commands::lint::run(&arguments),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
