//! What a decision costs: nanoseconds per packet by test runs with changing numbers, and packets
//! per second through a veth pair beside a program that drops everything.
//!
//! Every figure is a median of several runs in one process; they are to be compared with each
//! other, not with those of another machine.

mod frames;
mod rate;
mod rules;
mod runs;

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use blacklist_kernel::{Kernel, KernelSettings, PatternTables};
use blacklist_tests::private_bpf::PrivateBpf;
use blacklist_tests::report::Report;

/// Room for a million exact rules and the prefixes.
const MAXIMUM_RULES: u32 = 1_200_000;

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench_fastpath: {error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let mut json = false;
    let mut object = None;
    for argument in std::env::args_os().skip(1) {
        if argument == "--json" {
            json = true;
        } else {
            object = Some(PathBuf::from(argument));
        }
    }
    let Some(object) = object else {
        bail!("name the eBPF object with the measuring programs: run `cargo xtask bench fastpath`");
    };
    if !nix::unistd::geteuid().is_root() {
        bail!("measuring needs root: run `cargo xtask bench fastpath`");
    }
    // Interfaces of the measurement live in a namespace that ends with this process.
    nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).context("making a namespace")?;
    let bytes = std::fs::read(&object).with_context(|| format!("reading {}", object.display()))?;
    let pins = PrivateBpf::mount()?;
    let open = |tables| {
        let settings = KernelSettings {
            pin_directory: pins.path().join("bench"),
            maximum_rules: MAXIMUM_RULES,
            maximum_calls: 65_536,
            event_bytes: 1 << 22,
            tables,
        };
        Kernel::open_object(&settings, &bytes)
    };
    let mut report = Report::new("fastpath");
    let mut kernel = open(PatternTables::Hashed)?;
    runs::measure(&mut kernel, &mut report)?;
    rate::measure(&mut kernel, &mut report)?;
    drop(kernel);
    let mut kernel = open(PatternTables::Stock)?;
    runs::measure_stock(&mut kernel, &mut report)?;
    drop(kernel);
    report.print(json);
    Ok(())
}
