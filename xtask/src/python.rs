//! Programs out of PyPI that labs use: in a virtual environment in the target folder, every package of
//! it pinned. Nothing is installed into the system's own Python.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};

use crate::workspace;

/// What makes clients of a description, and what asks all that a description allows and does not.
const TOOLS: &str = "openapi-python-client 0.29.1 and schemathesis 4.32.5";

/// Both, and all that they and their clients need; none is compiled here. The former names `ruff` too,
/// which only makes what it writes pretty.
const PACKAGES: &[&str] = &[
    "openapi-python-client==0.29.1",
    "schemathesis==4.32.5",
    "annotated-doc==0.0.7",
    "annotated-types==0.8.0",
    "anyio==4.16.0",
    "attrs==26.1.0",
    "certifi==2026.10.19.post1",
    "charset-normalizer==3.5.3",
    "click==8.5.1",
    "graphql-core==3.3.2",
    "h11==0.16.0",
    "harfile==0.6.0",
    "httpcore==1.0.9",
    "httpx==0.28.1",
    "hypothesis-graphql==0.13.5",
    "hypothesis==6.170.17",
    "idna==3.20",
    "iniconfig==2.3.1",
    "jinja2==3.1.6",
    "jsonschema-rs==0.60.3",
    "markdown-it-py==4.3.0",
    "markupsafe==3.0.4",
    "mdurl==0.1.2",
    "packaging==26.4",
    "pluggy==1.7.0",
    "pydantic-core==2.50.5",
    "pydantic==2.14.4",
    "pygments==2.21.0",
    "pyrate-limiter==4.5.1",
    "pytest==9.2.0",
    "pyyaml==6.0.4",
    "requests==2.34.2",
    "rich==15.0.0",
    "ruamel.yaml==0.19.1",
    "shellingham==1.5.4",
    "sortedcontainers==2.4.0",
    "typer==0.27.3",
    "typing-extensions==4.16.0",
    "typing-inspection==0.4.5",
    "urllib3==2.8.0",
    "werkzeug==3.1.9",
];

/// The oldest Python that clients are generated for, and what makes virtual environments.
const FIT: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";

fn folder() -> Result<PathBuf> {
    Ok(workspace::target()?.join("peers/python"))
}

/// A Python that makes virtual environments: the first one of `PATH`, or the system's.
pub fn interpreter() -> Result<PathBuf, String> {
    let system = PathBuf::from("/usr/bin/python3");
    let places = workspace::find_program("python3")
        .into_iter()
        .chain([system]);
    places
        .into_iter()
        .find(|place| runs(Command::new(place).args(["-c", FIT])))
        .ok_or_else(|| "no python3 of 3.11 or later with its modules venv and ensurepip".to_owned())
}

fn runs(command: &mut Command) -> bool {
    let silent = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

/// What is written down when all packages are there.
fn packages() -> String {
    PACKAGES.join("\n")
}

/// The tools, if they are there with all that they need, and run.
pub fn tools() -> Result<String, String> {
    let folder = folder().map_err(|error| error.to_string())?;
    let installed = std::fs::read_to_string(folder.join("installed.txt")).unwrap_or_default();
    if installed != packages() {
        return Err(format!("not {TOOLS}, with what they need"));
    }
    let python = folder.join("bin/python");
    if !runs(Command::new(&python).args(["-c", "import httpx, hypothesis"])) {
        return Err(format!("{} does not run", python.display()));
    }
    Ok(format!("{TOOLS} in {}", folder.display()))
}

/// Fetches the tools and what they need.
pub fn install() -> Result<()> {
    let python = interpreter().map_err(anyhow::Error::msg)?;
    let folder = folder()?;
    workspace::run(
        Command::new(python)
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let mut pip = Command::new(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps"])
        .args(["--only-binary", ":all:", "--disable-pip-version-check"])
        .args(PACKAGES);
    workspace::run(&mut pip)
        .with_context(|| format!("PyPI has {TOOLS}, and what they need; can it be reached?"))?;
    std::fs::write(folder.join("installed.txt"), packages())?;
    Ok(())
}

/// What they are installed by, for people.
pub fn plan() -> String {
    format!(
        "python3 -m venv; pip install {TOOLS}, and {} packages that they need (out of PyPI, into the target folder)",
        PACKAGES.len() - 2
    )
}

/// The Python that has the tools, and what clients need.
pub fn command() -> Result<Command> {
    tools()
        .map_err(anyhow::Error::msg)
        .context("run `cargo xtask setup`")?;
    Ok(Command::new(folder()?.join("bin/python")))
}
