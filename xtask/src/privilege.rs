//! Being root: whether we are, and how a program is run as root. Only labs, privileged tests and
//! package installation need it; everything is compiled as the user who called.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Error, Result, bail};

use crate::workspace::{self, OBJECT_VARIABLE};

/// Variables that a program started through sudo still needs.
const KEPT_VARIABLES: &[&str] = &[
    "PATH",
    "HOME",
    "CARGO",
    "CARGO_HOME",
    "CARGO_MANIFEST_DIR",
    "CARGO_TARGET_DIR",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "RUST_BACKTRACE",
    "TERM",
    "TMPDIR",
    OBJECT_VARIABLE,
];

/// Whether we are root.
pub fn is_root() -> bool {
    // The folder of a process belongs to its effective user.
    std::fs::metadata("/proc/self").is_ok_and(|folder| folder.uid() == 0)
}

/// Whether we are root or can become it through sudo.
pub fn is_reachable() -> bool {
    is_root() || workspace::find_program("sudo").is_some()
}

/// A command that runs as root: directly, or through sudo with the environment it needs.
pub fn command(program: impl AsRef<OsStr>, variables: &[(&str, &OsStr)]) -> Result<Command> {
    if is_root() {
        let mut command = Command::new(program);
        command.envs(variables.iter().copied());
        return Ok(command);
    }
    let Some(sudo) = workspace::find_program("sudo") else {
        bail!(
            "{} needs root, and there is no sudo: run this as root",
            Path::new(program.as_ref()).display()
        );
    };
    let mut command = Command::new(sudo);
    command.arg("env");
    let kept = KEPT_VARIABLES
        .iter()
        .filter_map(|name| Some((*name, std::env::var_os(name)?)));
    for (name, mut value) in kept {
        if name == "PATH" {
            // What only root calls is not in everybody's PATH.
            value.push(":/usr/sbin:/sbin");
        }
        command.arg(assignment(name, &value));
    }
    for (name, value) in variables {
        command.arg(assignment(name, value));
    }
    command.arg(program);
    Ok(command)
}

/// Replaces this process by a command that runs as root, so that signals reach it.
pub fn replace_by(command: &mut Command) -> Error {
    if !is_root() {
        eprintln!("xtask: the lab needs root, asking sudo");
    }
    let error = command.exec();
    Error::new(error).context(format!("cannot run {}", command.get_program().display()))
}

fn assignment(name: &str, value: &OsStr) -> OsString {
    let mut text = OsString::from(name);
    text.push("=");
    text.push(value);
    text
}
