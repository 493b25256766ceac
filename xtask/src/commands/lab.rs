//! `lab NAME` and `demo`: sets up, builds, and starts the program of the labs as root.

use std::process::ExitCode;

use anyhow::Result;
use xtask::labs::LabName;
use xtask::privilege;

use crate::commands::terms::Terms;
use crate::commands::{build, setup};

/// What can be asked of every lab.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// One JSON object as the last line of stdout
    #[arg(long)]
    json: bool,
    /// Leave the lab running and say how to enter and remove it
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    terms: Terms,
}

/// A lab by its name.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which scenario
    pub(crate) name: LabName,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// Runs a lab.
pub(crate) fn run(name: LabName, options: &Options) -> Result<ExitCode> {
    setup::ensure(&[options.terms.of_lab(name)], options.terms.yes)?;
    let programs = if name == LabName::Demo {
        build::demo()?
    } else {
        build::labs(build::Profile::Dev)?
    };
    let mut command = programs.lab(name, options.terms.skips(name))?;
    command
        .args(options.json.then_some("--json"))
        .args(options.keep.then_some("--keep"));
    Err(privilege::replace_by(&mut command))
}
