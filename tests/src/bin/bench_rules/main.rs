//! What rules cost: how long it takes to read them in, to load them, to change one, and what
//! memory they take, at ten thousand, a million and ten million. First engine and kernel in this
//! process; then the whole daemon, spoken to by its command line; then a large change while the daemon
//! is asked about calls (`--only-meanwhile` for this alone).

mod daemon;
mod engine;
mod meanwhile;
mod mixed;
mod numbers;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use blacklist_tests::report::Report;

/// How many rules there are.
const SIZES: [u32; 3] = [10_000, 1_000_000, 10_000_000];

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench_rules: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut json = false;
    let mut blacklistd = None;
    let mut largest = u32::MAX;
    let mut only_meanwhile = false;
    for argument in std::env::args_os().skip(1) {
        match argument.to_str() {
            Some("--json") => json = true,
            Some("--only-meanwhile") => only_meanwhile = true,
            Some(text) if text.starts_with("--at-most=") => {
                let number = text.trim_start_matches("--at-most=");
                largest = number
                    .parse()
                    .context("--at-most wants a number of rules")?;
            }
            _ => blacklistd = Some(PathBuf::from(argument)),
        }
    }
    let Some(blacklistd) = blacklistd else {
        bail!("name the daemon's program: run `cargo xtask bench rules`");
    };
    if !nix::unistd::geteuid().is_root() {
        bail!("measuring needs root: run `cargo xtask bench rules`");
    }
    // Interfaces of the measurement live in a namespace that ends with this process.
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).context("making a namespace")?;
    let mut report = Report::new("rules");
    let sizes = || SIZES.into_iter().filter(|size| *size <= largest);
    if !only_meanwhile {
        for size in sizes() {
            engine::measure(size, &mut report)?;
        }
        if largest == u32::MAX {
            mixed::measure(&mut report)?;
        }
        for size in sizes() {
            daemon::measure(&blacklistd, size, &mut report)?;
        }
    }
    for size in sizes().filter(|size| *size >= 1_000_000) {
        meanwhile::measure(&blacklistd, size, &mut report)?;
    }
    report.print(json);
    Ok(())
}

/// A size as people say it.
fn words(size: u32) -> &'static str {
    match size {
        10_000 => "10 k",
        1_000_000 => "1 M",
        10_000_000 => "10 M",
        _ => "other",
    }
}

/// The figure in the middle, and the one that one of a hundred exceeds.
fn middle_and_tail(mut figures: Vec<f64>) -> (f64, f64) {
    figures.sort_by(f64::total_cmp);
    let at = |place: usize| figures.get(place).copied().unwrap_or(f64::NAN);
    (at(figures.len() / 2), at(figures.len() * 99 / 100))
}
