//! `build`: the eBPF object first, then the daemon that carries it; and the program of the labs.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};
use xtask::labs::LabName;
use xtask::privilege;
use xtask::workspace::{self, OBJECT_VARIABLE};

use crate::commands::setup;
use crate::ebpf_toolchain::{self, Toolchain};

const EBPF_PACKAGE: &str = "blacklist-ebpf";
const EBPF_BINARY: &str = "blacklist";
const DAEMON_PACKAGE: &str = "blacklistd";
const LABS_PACKAGE: &str = "blacklist-labs";

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

/// How a program is compiled.
#[derive(Clone, Copy)]
pub(crate) enum Profile {
    Dev,
    Demo,
    Release,
}

impl Profile {
    /// Its name, and the folder of its programs in the target folder.
    const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Dev => ("dev", "debug"),
            Self::Demo => ("demo", "demo"),
            Self::Release => ("release", "release"),
        }
    }

    /// The cargo call that builds packages in this way.
    fn build(self, packages: &[&str]) -> Result<Command> {
        let mut command = workspace::cargo()?;
        command.args(["build", "--profile", self.names().0]);
        command.args(packages.iter().flat_map(|package| ["--package", package]));
        Ok(command)
    }

    /// Where a program is once it is built.
    fn program(self, name: &str) -> Result<PathBuf> {
        Ok(workspace::target()?.join(self.names().1).join(name))
    }
}

/// What a lab is run with.
pub(crate) struct Programs {
    labs: PathBuf,
    daemon: PathBuf,
}

impl Programs {
    /// The command that runs a lab as root, or only names what is skipped.
    pub(crate) fn lab(&self, name: LabName, is_skipped: bool) -> Result<Command> {
        let mut command = self.command("run")?;
        command.arg(name.to_string());
        command.args(is_skipped.then_some("--skip"));
        Ok(command)
    }

    /// A command of the labs' program, as root.
    pub(crate) fn command(&self, command: &str) -> Result<Command> {
        let mut labs = privilege::command(&self.labs, &[])?;
        labs.arg(command).arg("--daemon").arg(&self.daemon);
        Ok(labs)
    }
}

/// Builds all labs, and the daemon as it is released.
pub(crate) fn labs(profile: Profile) -> Result<Programs> {
    let daemon = daemon()?;
    eprintln!("xtask: building the labs");
    workspace::run(&mut profile.build(&[LABS_PACKAGE])?).context("the labs were not built")?;
    Ok(Programs {
        labs: profile.program(LABS_PACKAGE)?,
        daemon,
    })
}

/// Builds what the demo needs and nothing else, as fast as that goes.
pub(crate) fn demo() -> Result<Programs> {
    let object = object(Object::Release)?;
    eprintln!("xtask: building blacklistd and the demo");
    let mut command = Profile::Demo.build(&[DAEMON_PACKAGE, LABS_PACKAGE])?;
    command
        .arg("--no-default-features")
        .env(OBJECT_VARIABLE, object);
    workspace::run(&mut command).context("the demo was not built")?;
    Ok(Programs {
        labs: Profile::Demo.program(LABS_PACKAGE)?,
        daemon: Profile::Demo.program(DAEMON_PACKAGE)?,
    })
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
pub(crate) fn ebpf_clippy() -> Result<Option<Command>> {
    let toolchain = ebpf_toolchain::find()?;
    let Some(mut command) = toolchain.clippy(EBPF_PACKAGE, &target_folder(Object::Release)?) else {
        return Ok(None);
    };
    command.current_dir(workspace::root()?);
    Ok(Some(command))
}

fn daemon_with(object: &Path) -> Result<PathBuf> {
    eprintln!("xtask: building blacklistd");
    let mut command = Profile::Release.build(&[DAEMON_PACKAGE])?;
    workspace::run(command.env(OBJECT_VARIABLE, object)).context("blacklistd was not built")?;
    Profile::Release.program(DAEMON_PACKAGE)
}
