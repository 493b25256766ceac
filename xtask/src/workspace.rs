//! Where the workspace and its target folder are, and how cargo is called for host crates.
//! Nothing about the eBPF target.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

/// The variable that tells `blacklistd/build.rs` and the tests where the eBPF object is.
pub const OBJECT_VARIABLE: &str = "BLACKLIST_EBPF_OBJECT";

/// Folders of the workspace, as cargo names them.
#[derive(Debug)]
struct Folders {
    root: PathBuf,
    target: PathBuf,
}

static FOLDERS: OnceLock<Folders> = OnceLock::new();

/// Sets root and target folder where there is no cargo that could be asked.
pub fn set_folders(root: PathBuf, target: PathBuf) {
    FOLDERS.get_or_init(|| Folders { root, target });
}

/// The workspace's root.
pub fn root() -> Result<&'static Path> {
    Ok(&folders()?.root)
}

/// The ordinary target folder, or what `CARGO_TARGET_DIR` or a cargo configuration says.
pub fn target() -> Result<&'static Path> {
    Ok(&folders()?.target)
}

/// The cargo that runs us, in the workspace's root.
pub fn cargo() -> Result<Command> {
    let mut command = bare_cargo();
    command.current_dir(root()?);
    Ok(command)
}

/// Runs a command to its end; its output goes to our stderr, because stdout is for results.
pub fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let status = command
        .stdin(Stdio::inherit())
        .stdout(std::io::stderr())
        .status()
        .with_context(|| format!("cannot run {program}"))?;
    if !status.success() {
        bail!("{program} failed ({status}): {}", command_line(command));
    }
    Ok(())
}

/// What a command prints on stdout, without the white space around it.
pub fn output_of(command: &mut Command) -> Result<String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!(
            "{} failed ({}): {}",
            command_line(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first of a program's places: the folders of `PATH`, then those where cargo and Debian put
/// programs that a short `PATH` does not name.
pub fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.extend(cargo_home().map(|home| home.join("bin")));
    folders.extend(["/usr/sbin", "/sbin", "/usr/bin"].map(PathBuf::from));
    folders
        .into_iter()
        .map(|folder| folder.join(name))
        .find(|file| is_executable(file))
}

/// Whether there is a file that may be executed.
pub fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn cargo_home() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
}

fn bare_cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn command_line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

fn folders() -> Result<&'static Folders> {
    if let Some(folders) = FOLDERS.get() {
        return Ok(folders);
    }
    let mut command = bare_cargo();
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    if let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR") {
        command.current_dir(package);
    }
    let text = output_of(&mut command).context("cannot find the workspace")?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).context("cannot read what cargo metadata prints")?;
    let folder = |key: &str| {
        metadata
            .get(key)
            .and_then(serde_json::Value::as_str)
            .map(PathBuf::from)
            .with_context(|| format!("cargo metadata does not name {key}"))
    };
    let found = Folders {
        root: folder("workspace_root")?,
        target: folder("target_directory")?,
    };
    Ok(FOLDERS.get_or_init(|| found))
}
