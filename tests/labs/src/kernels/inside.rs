//! The first process of the machine: makes it a system, runs the labs, tells what they found, and
//! ends the machine.

use std::convert::Infallible;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::kmod::{ModuleInitFlags, finit_module};
use nix::mount::{MsFlags, mount};
use nix::sys::reboot::{RebootMode, reboot};
use serde_json::{Value, json};

use super::INSIDE;
use super::image::{DAEMON, MODULES, ROOT, TARGET};
use super::machine::REPORTS_INSIDE;
use crate::lab;
use xtask::workspace;

/// Runs them. The machine ends with it, whatever happens.
pub(crate) fn run() -> Result<Infallible> {
    if let Err(error) = work() {
        eprintln!("labs: {error:#}");
    }
    // Emulators end where a machine would begin anew.
    reboot(RebootMode::RB_AUTOBOOT).context("this ends a machine, and is for its first process")
}

fn work() -> Result<()> {
    for (kind, place) in [("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev")] {
        mount(
            Some(kind),
            place,
            Some(kind),
            MsFlags::empty(),
            None::<&str>,
        )
        .with_context(|| format!("cannot mount {place}"))?;
    }
    let mut reports = OpenOptions::new()
        .write(true)
        .open(REPORTS_INSIDE)
        .with_context(|| format!("cannot open {REPORTS_INSIDE}"))?;
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
    tell(&mut reports, &json!({"kernel": release.trim()}))?;
    load_modules()?;
    workspace::set_folders(PathBuf::from(ROOT), PathBuf::from(TARGET));
    for (name, scenario) in INSIDE {
        eprintln!("labs: lab {name}");
        let line = match lab::play(scenario, Path::new(DAEMON), false) {
            Ok(report) => json!({"lab": name, "report": report.json()}),
            Err(error) => json!({"lab": name, "error": format!("{error:#}")}),
        };
        tell(&mut reports, &line)?;
    }
    Ok(())
}

fn load_modules() -> Result<()> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(MODULES)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.sort();
    for path in files {
        let file = File::open(&path)?;
        finit_module(&file, c"", ModuleInitFlags::empty())
            .with_context(|| format!("cannot load the module {}", name(&path)))?;
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

/// One line for each thing that is told.
fn tell(reports: &mut File, line: &Value) -> Result<()> {
    reports.write_all(format!("{line}\n").as_bytes())?;
    // The machine ends without waiting for what is on the wire.
    nix::sys::termios::tcdrain(&*reports).context("cannot tell")
}
