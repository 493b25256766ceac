//! What answering costs: refusals a second on one core, beside Kamailio's, and callers who are held
//! at once on one core without a packet late or lost. What is measured has a core for itself and for
//! the kernel's part of it; whoever calls has the other one.

mod callers;
mod cores;
mod figures;
mod flood;
mod listener;
mod processor_time;
mod rejects;
mod torment;

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, bail};

use super::Lab;
use super::cleanup::Undo;
use super::daemon;
use cores::Cores;
pub(crate) use figures::Figures;

/// The SBC, as its callers know it.
const SBC: &str = "198.18.0.2:5060";
/// Callers who are refused with a status.
const REFUSED: &str = "+14155550101";
/// Callers who are held.
const HELD: &str = "+14155550203";

/// The daemon's configuration here: with limits that nobody comes to.
fn configuration(lab: &Lab) -> String {
    let plain = daemon::configuration(lab);
    format!(
        "{plain}\n[answering]\nmaximum_per_second = 1000000\n\
         [answering.media]\nfirst_port = 30000\nlast_port = 31999\nmaximum_calls = 1000\n\
         [answering.torment]\nminutes = 2\nmaximum_calls = 1000\n\
         maximum_minutes_per_day = 1000000\nmaximum_minutes_per_caller = 1000000\n"
    )
}

/// Measures all. What was measured before something went wrong is in the figures all the same.
pub(crate) fn run(blacklistd: &Path, figures: &mut Figures) -> Result<()> {
    let begun = Instant::now();
    // Before there is any other thread: all take after this one.
    let cores = Cores::take()?;
    let lab = Lab::make(blacklistd)?;
    lab.cleanup.go_first(cores::NICE)?;
    figures.note(&cores.to_string());
    figures.note(&load());
    let stolen = cores::stolen(cores.measured)?;
    let measured = rejects::measure(&lab, cores, figures)
        .and_then(|()| torment::measure(&lab, cores, figures));
    figures.note(&load());
    let made = lab.cleanup.list();
    drop(lab);
    figures.section("the whole");
    let taken = begun.elapsed().as_secs_f64();
    figures.row("time that it took", "s", taken);
    let stolen = cores::stolen(cores.measured)?.saturating_sub(stolen);
    let share = 100.0 * stolen.as_secs_f64() / taken;
    figures.row(
        "taken from what is measured by the machine's host",
        "% of a core",
        share,
    );
    measured?;
    let left: Vec<String> = made
        .iter()
        .filter(|undo| undo.is_there())
        .map(Undo::to_string)
        .collect();
    if !left.is_empty() {
        bail!("this is left behind, take it away by: {}", left.join("; "));
    }
    Ok(())
}

/// What else this machine does.
fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let minute = load.split(' ').next().unwrap_or("unknown");
    format!("load of the machine, mean of a minute, this measurement included: {minute}")
}
