//! `lint`: format and lints. Host crates and the eBPF crate are linted in separate cargo calls,
//! because they are compiled by different compilers for different targets.

use std::process::ExitCode;

use anyhow::{Context, Result};
use xtask::workspace::{self, OBJECT_VARIABLE};

use crate::commands::{build, setup};

/// What can be asked of the lints.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Install what is missing without asking
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    setup::ensure(&[setup::For::Build], arguments.yes)?;
    workspace::run(workspace::cargo()?.args(["fmt", "--all", "--check"]))
        .context("run `cargo fmt --all`")?;
    let object = build::object(build::Object::Release)?;
    // The demo alone, as a stranger builds it, is another crate to the compiler.
    for which in [
        &["--workspace", "--exclude", "blacklist-ebpf"][..],
        &["--package", "blacklist-labs", "--no-default-features"],
    ] {
        let mut clippy = workspace::cargo()?;
        clippy.arg("clippy").args(which).arg("--all-targets");
        clippy.args(["--", "-D", "warnings"]);
        workspace::run(clippy.env(OBJECT_VARIABLE, &object))?;
    }
    match build::ebpf_clippy()? {
        Some(mut clippy) => workspace::run(clippy.args(["--", "-D", "warnings"]))?,
        None => println!(
            "not linted: blacklist-ebpf, because the compiler that builds it came without clippy \
             (Debian: apt-get install rust-web-clippy)"
        ),
    }
    println!("format and lints are in order");
    Ok(ExitCode::SUCCESS)
}
