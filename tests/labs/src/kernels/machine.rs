//! The virtual machine: qemu without network, disk or screen, bounded in memory and time.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use super::image::{FIRST, PATH};
use crate::{Lab, cleanup};
use xtask::peers::Kernel;
use xtask::workspace;

/// The serial line that reports come over, as it is called inside.
pub(super) const REPORTS_INSIDE: &str = "/dev/ttyS1";
const CONSOLE: &str = "console.log";
const REPORTS: &str = "reports.log";
/// Mebibytes.
const MEMORY: &str = "1024";
/// Lines of the console that are shown where something went wrong.
const LAST_LINES: usize = 40;

/// What is left of a machine that has ended.
pub(super) struct End {
    /// Not by us, because it took too long.
    pub(super) by_itself: bool,
    /// What it told, line by line.
    pub(super) told: Vec<Value>,
    /// The last lines of its console.
    pub(super) console: String,
}

/// Boots a kernel with an image and waits for its end.
pub(super) fn run(lab: &Lab, kernel: &Kernel, image: &Path, limit: Duration) -> Result<End> {
    let (console, reports) = (lab.folder.join(CONSOLE), lab.folder.join(REPORTS));
    let program = workspace::find_program("qemu-system-x86_64")
        .context("there is no qemu-system-x86_64: run `cargo xtask setup`")?;
    let mut command = Command::new(program);
    command
        // Emulated, wherever it runs; as many threads as processors.
        .args(["-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2"])
        .args([
            "-m",
            MEMORY,
            "-nodefaults",
            "-display",
            "none",
            "-nic",
            "none",
        ])
        .arg("-no-reboot")
        .args(["-serial", &format!("file:{}", console.display())])
        .args(["-serial", &format!("file:{}", reports.display())])
        .arg("-kernel")
        .arg(&kernel.image)
        .arg("-initrd")
        .arg(image)
        // A kernel that panics ends the machine at once, and so fails the lab.
        .args([
            "-append",
            &format!("console=ttyS0 quiet panic=-1 PATH={PATH} rdinit={FIRST} -- inside-machine"),
        ]);
    let process = lab.spawn(&mut command, "qemu.log")?;
    let code = cleanup::wait(&process, Instant::now() + limit)?;
    if code.is_none() {
        cleanup::end(&process)?;
    }
    let read = |path: &Path| {
        let bytes = std::fs::read(path).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let lines = read(&reports);
    let told = lines
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok());
    let console = format!("{}{}", read(&lab.folder.join("qemu.log")), read(&console));
    let skipped = console.lines().count().saturating_sub(LAST_LINES);
    let last: Vec<&str> = console.lines().skip(skipped).collect();
    Ok(End {
        by_itself: code == Some(0),
        told: told.collect(),
        console: last.join("\n"),
    })
}
