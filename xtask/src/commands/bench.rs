//! `bench NAME`: builds and runs a comparison. What is measured and how lives in the package
//! `tests`, one binary `bench_NAME` each; what needs a lab is measured by the program of the labs.

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result, bail};
use xtask::workspace::{self, OBJECT_VARIABLE};
use xtask::{peers, privilege};

use crate::commands::{build, setup};

/// The measurements.
const FASTPATH: &str = "fastpath";
const RULES: &str = "rules";
const ACCOUNTING: &str = "accounting";
const COMPANION: &str = "companion";
const ANSWERING: &str = "answering";
const NAMES: &[&str] = &[FASTPATH, RULES, ACCOUNTING, COMPANION, ANSWERING];

/// What can be asked.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Which comparison
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(NAMES.iter().copied()))]
    name: String,
    /// One JSON object as the last line of stdout
    #[arg(long)]
    json: bool,
    /// Install what is missing without asking
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.name == ANSWERING {
        return answering(arguments);
    }
    let purpose = if arguments.name == COMPANION {
        setup::For::MostLabs
    } else {
        setup::For::Lab
    };
    setup::ensure(&[purpose], arguments.yes)?;
    // What is measured: the program with its measuring ones beside it, the whole daemon, or both.
    let measured = match arguments.name.as_str() {
        RULES => vec![build::daemon()?],
        COMPANION => {
            let (kamailio, libraries) = peers::kamailio_places()?;
            vec![build::daemon()?, kamailio, libraries]
        }
        ACCOUNTING => vec![build::object(build::Object::Bench)?, build::daemon()?],
        _ => vec![build::object(build::Object::Bench)?],
    };
    run_measurement(
        &format!("bench_{}", arguments.name),
        &measured,
        arguments.json,
    )
}

/// Measures in a lab; its senders are built like what is measured.
fn answering(arguments: &Arguments) -> Result<ExitCode> {
    setup::ensure(&[setup::For::MostLabs], arguments.yes)?;
    let mut command = build::labs(build::Profile::Release)?.command("measure-answering")?;
    command.args(arguments.json.then_some("--json"));
    wait_for(&mut command, "bench answering")
}

/// Builds a binary of the package `tests` and runs it as root. `measured` is what it measures, as
/// its arguments.
pub(crate) fn run_measurement(binary: &str, measured: &[PathBuf], json: bool) -> Result<ExitCode> {
    let object = build::object(build::Object::Release)?;
    let mut cargo = workspace::cargo()?;
    cargo
        .args([
            "build",
            "--release",
            "--package",
            "blacklist-tests",
            "--bin",
            binary,
        ])
        .env(OBJECT_VARIABLE, &object);
    workspace::run(&mut cargo)?;
    let program = workspace::target()?.join("release").join(binary);
    let mut command = privilege::command(&program, &[(OBJECT_VARIABLE, object.as_os_str())])?;
    command.args(measured).args(json.then_some("--json"));
    wait_for(&mut command, binary)
}

/// Runs a measurement to its end.
fn wait_for(command: &mut Command, name: &str) -> Result<ExitCode> {
    let status = command
        .current_dir(workspace::root()?)
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("cannot run {}", command.get_program().display()))?;
    match status.code() {
        Some(code) => Ok(ExitCode::from(u8::try_from(code).unwrap_or(1))),
        None => bail!("{name} was ended by a signal ({status})"),
    }
}
