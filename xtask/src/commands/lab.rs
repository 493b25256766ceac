//! `lab NAME` and `demo`: sets up, builds, becomes root, runs a scenario, prints what it found.

use std::process::ExitCode;

use anyhow::Result;

use crate::commands::terms::Terms;
use crate::commands::{build, setup};
use crate::{lab, privilege};

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
    /// All is built already; given by ourselves when we call ourselves as root
    #[arg(long, hide = true)]
    prebuilt: bool,
}

/// A lab by its name.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which scenario
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(lab::names()))]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) options: Options,
}

/// Runs a lab.
pub(crate) fn run(name: &str, options: &Options) -> Result<ExitCode> {
    let blacklistd = if options.prebuilt {
        build::daemon_path()?
    } else {
        setup::ensure(&[options.terms.of_lab(name)], options.terms.yes)?;
        build::daemon()?
    };
    if !privilege::is_root() {
        privilege::become_root(again(name, options))?;
    }
    let report = if options.terms.skips(name) {
        lab::skip(name)
    } else {
        lab::run(name, &blacklistd, options.keep)?
    };
    if options.json {
        println!("{}", report.json());
    } else {
        println!("{}", report.table());
    }
    let (passed, failed) = report.counts();
    Ok(if failed == 0 && passed + report.skipped.len() > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The arguments with which a lab whose parts are built is run once more.
fn again<'a>(name: &'a str, options: &Options) -> Vec<&'a str> {
    let mut arguments = vec!["lab", name, "--prebuilt"];
    arguments.extend(options.json.then_some("--json"));
    arguments.extend(options.keep.then_some("--keep"));
    arguments.extend(options.terms.again());
    arguments
}
