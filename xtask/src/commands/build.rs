//! `build`: the eBPF object first, then the daemon that carries it.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use crate::commands::setup;
use crate::ebpf_toolchain::{self, Toolchain};
use crate::workspace::{self, OBJECT_VARIABLE};

const EBPF_PACKAGE: &str = "blacklist-ebpf";
const EBPF_BINARY: &str = "blacklist";

/// What can be asked of a build.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Build an object that logs each packet's way, for debugging only
    #[arg(long)]
    trace: bool,
    /// Install what is missing without asking
    #[arg(long)]
    yes: bool,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    setup::ensure(&[setup::For::Build], arguments.yes)?;
    let object = object(if arguments.trace {
        Object::Trace
    } else {
        Object::Release
    })?;
    let daemon = daemon_with(&object)?;
    println!("object: {}\ndaemon: {}", object.display(), daemon.display());
    Ok(ExitCode::SUCCESS)
}

/// Which eBPF object.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Object {
    /// The one that is put in force.
    Release,
    /// One that logs each packet's way.
    Trace,
    /// One with programs for measurements.
    Bench,
}

/// Builds an eBPF object and returns its path.
pub(crate) fn object(which: Object) -> Result<PathBuf> {
    let toolchain = ebpf_toolchain::find()?;
    eprintln!(
        "xtask: building the eBPF object with {}",
        toolchain.compiler.name
    );
    let folder = target_folder(which)?;
    let mut command = toolchain.build(EBPF_PACKAGE, &folder);
    command.current_dir(workspace::root()?);
    match which {
        Object::Release => {}
        Object::Trace => drop(command.args(["--features", "trace"])),
        Object::Bench => drop(command.args(["--features", "bench"])),
    }
    workspace::run(&mut command).context("the eBPF object was not built")?;
    let object = Toolchain::object(&folder, EBPF_BINARY);
    if !object.is_file() {
        bail!("cargo built no {}", object.display());
    }
    Ok(object)
}

/// Builds the object and the daemon around it; returns the daemon's path.
pub(crate) fn daemon() -> Result<PathBuf> {
    daemon_with(&object(Object::Release)?)
}

/// Where the daemon is once it is built.
pub(crate) fn daemon_path() -> Result<PathBuf> {
    Ok(workspace::target()?.join("release").join("blacklistd"))
}

/// The target folder of an object. Another compiler must not share the ordinary one, and a plain
/// cargo call must not find an object that is not for production.
fn target_folder(which: Object) -> Result<PathBuf> {
    let name = match which {
        Object::Release => "ebpf",
        Object::Trace => "ebpf-trace",
        Object::Bench => "ebpf-bench",
    };
    Ok(workspace::target()?.join(name))
}

/// The cargo call that lints the eBPF package for its own target; none where the compiler that
/// was found came without clippy.
pub(crate) fn ebpf_clippy() -> Result<Option<std::process::Command>> {
    let toolchain = ebpf_toolchain::find()?;
    let Some(mut command) = toolchain.clippy(EBPF_PACKAGE, &target_folder(Object::Release)?) else {
        return Ok(None);
    };
    command.current_dir(workspace::root()?);
    Ok(Some(command))
}

fn daemon_with(object: &std::path::Path) -> Result<PathBuf> {
    eprintln!("xtask: building blacklistd");
    let mut command = workspace::cargo()?;
    command
        .args(["build", "--release", "--package", "blacklistd"])
        .env(OBJECT_VARIABLE, object);
    workspace::run(&mut command).context("blacklistd was not built")?;
    daemon_path()
}
