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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_commands_are_understood() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .unwrap();
        let pages = std::fs::read_dir(root.join("docs")).unwrap();
        let pages = pages.map(|entry| entry.unwrap().path());
        let mut found = 0;
        for page in pages.chain([root.join("README.md")]) {
            let text = std::fs::read_to_string(&page).unwrap();
            let lines = text.lines().map(str::trim);
            for line in lines.filter(|line| line.starts_with("cargo xtask ")) {
                let typed = line.split(" #").next().unwrap();
                let words = typed.split_whitespace().skip(1);
                assert!(Arguments::try_parse_from(words).is_ok(), "{page:?}: {line}");
                found += 1;
            }
        }
        assert!(found > 0, "no page names a command");
    }
}
