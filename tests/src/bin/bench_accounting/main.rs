//! What accounting costs, and that it is exact: rows that the log takes, calls that the whole
//! daemon logs without a loss, the price of an event for the packet that tells it, sums over a
//! hundred million packets with a daemon that is killed in between, and questions to a log of ten
//! million calls.
//!
//! What is counted must be what was sent, to the last packet; the measurement fails otherwise.

mod cost;
mod exact;
mod fill;
mod frames;
mod house;
mod live;
mod queries;

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use blacklist_tests::report::Report;

/// Rows of the log that is filled and asked.
const ROWS: u32 = 10_000_000;
/// Packets that are counted for each of these rows.
const PACKETS_PER_ROW: u64 = 10;

/// What is measured.
const PARTS: [&str; 4] = ["log", "live", "cost", "exact"];

struct Arguments {
    json: bool,
    rows: u32,
    only: Option<String>,
    object: PathBuf,
    blacklistd: PathBuf,
}

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench_accounting: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn read(arguments: impl Iterator<Item = OsString>) -> anyhow::Result<Arguments> {
    let mut json = false;
    let mut rows = ROWS;
    let mut only = None;
    let mut paths = Vec::new();
    for argument in arguments {
        match argument.to_str() {
            Some("--json") => json = true,
            Some(text) if text.starts_with("--at-most=") => {
                let number = text.trim_start_matches("--at-most=");
                let number: u32 = number.parse().context("--at-most wants a number of rows")?;
                rows = number.min(ROWS);
            }
            Some(text) if text.starts_with("--only=") => {
                let name = text.trim_start_matches("--only=");
                if !PARTS.contains(&name) {
                    bail!("--only wants one of {}", PARTS.join(", "));
                }
                only = Some(name.to_owned());
            }
            _ => paths.push(PathBuf::from(argument)),
        }
    }
    let mut paths = paths.into_iter();
    let (Some(object), Some(blacklistd)) = (paths.next(), paths.next()) else {
        bail!(
            "name the eBPF object with the measuring programs and the daemon's program: run `cargo xtask bench accounting`"
        );
    };
    Ok(Arguments {
        json,
        rows,
        only,
        object,
        blacklistd,
    })
}

fn run() -> anyhow::Result<()> {
    let arguments = read(std::env::args_os().skip(1))?;
    if !nix::unistd::geteuid().is_root() {
        bail!("measuring needs root: run `cargo xtask bench accounting`");
    }
    // Interfaces of the measurement live in a namespace that ends with this process.
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).context("making a namespace")?;
    let mut report = Report::new("accounting");
    let measured = measure(&arguments, &mut report);
    // What was measured before something was wrong is told all the same.
    report.print(arguments.json);
    measured
}

fn measure(arguments: &Arguments, report: &mut Report) -> anyhow::Result<()> {
    let object = std::fs::read(&arguments.object)
        .with_context(|| format!("reading {}", arguments.object.display()))?;
    let is_asked = |part| arguments.only.as_deref().is_none_or(|only| only == part);
    if is_asked("log") {
        let filled = fill::measure(arguments.rows, report)?;
        queries::measure(&filled, report)?;
    }
    if is_asked("live") {
        live::measure(&arguments.blacklistd, &object, report)?;
    }
    if is_asked("cost") {
        cost::measure(&object, report)?;
    }
    if is_asked("exact") {
        let packets = u64::from(arguments.rows) * PACKETS_PER_ROW;
        exact::measure(&arguments.blacklistd, &object, packets, report)?;
    }
    Ok(())
}
