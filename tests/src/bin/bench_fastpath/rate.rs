//! Packets per second through a veth pair on one core.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, bail};
use aya::programs::xdp::XdpMode as AyaMode;
use aya::programs::{TestRun as _, TestRunAttrs, TestRunOptions};
use blacklist_common::outcome::Outcome;
use blacklist_tests::report::Report;
use blacklistd::kernel::{Kernel, XdpMode};

use crate::frames::{self, Frame};
use crate::rules::Sizes;
use crate::runs::{install, program, vary};

const PACKETS: u32 = 2_000_000;
const RUNS: usize = 3;

fn ip(arguments: &[&str]) -> anyhow::Result<()> {
    let status = Command::new("ip")
        .args(arguments)
        .status()
        .context("running ip")?;
    if !status.success() {
        bail!("`ip {}` failed", arguments.join(" "));
    }
    Ok(())
}

/// Sends packets out of one end; the time that sending and judging took together.
fn send(kernel: &mut Kernel, interface: u32, frame: &Frame) -> anyhow::Result<f64> {
    let mut context = [0_u8; 24];
    let length = u32::try_from(frame.bytes.len())?;
    context
        .chunks_exact_mut(4)
        .zip([0, length, 0, interface, 0, 0])
        .for_each(|(place, value)| place.copy_from_slice(&value.to_ne_bytes()));
    let mut options = TestRunOptions::new();
    options.data_in = Some(&frame.bytes);
    options.ctx_in = Some(&context);
    options.repeat = PACKETS;
    options.attrs = TestRunAttrs::new().xdp_live_frames(64);
    let began = Instant::now();
    program(kernel.programs(), "send")?.test_run(options)?;
    Ok(f64::from(PACKETS) / began.elapsed().as_secs_f64())
}

fn best(kernel: &mut Kernel, interface: u32, frame: &Frame) -> anyhow::Result<f64> {
    let mut figures = Vec::new();
    for _ in 0..RUNS {
        figures.push(send(kernel, interface, frame)?);
    }
    figures.sort_by(f64::total_cmp);
    Ok(figures.get(RUNS / 2).copied().unwrap_or(f64::NAN))
}

fn dropped(kernel: &Kernel) -> anyhow::Result<u64> {
    let outcomes = kernel.tally().outcomes()?;
    Ok(outcomes
        .iter()
        .find(|(outcome, _)| *outcome == Outcome::Dropped)
        .map_or(0, |(_, counter)| counter.packets))
}

/// Rates of a trivial drop and of ours.
pub(crate) fn measure(kernel: &mut Kernel, report: &mut Report) -> anyhow::Result<()> {
    ip(&[
        "link", "add", "sender", "type", "veth", "peer", "name", "trunk",
    ])?;
    for name in ["sender", "trunk"] {
        ip(&["link", "set", name, "up"])?;
    }
    let sender = nix::net::if_::if_nametoindex("sender")?;
    let trunk = nix::net::if_::if_nametoindex("trunk")?;
    let frame = frames::typical(frames::LISTED);
    vary(kernel.programs(), &frame, 0, 10_000)?;
    report.section("packets per second on a veth pair, one core, sending included");

    let trivial = program(kernel.programs(), "trivial")?;
    let link = trivial.attach_to_if_index(trunk, AyaMode::Driver)?;
    let trivial = best(kernel, sender, &frame)?;
    program(kernel.programs(), "trivial")?.detach(link)?;
    report.row("a program that drops everything", "packets/s", trivial);

    kernel.attach("trunk", XdpMode::Native)?;
    for (name, exact, prefixes, hit) in [
        ("10,000 exact rules, all dropped", 10_000, 0, true),
        (
            "1,000,000 exact rules and 100,000 prefixes, all dropped",
            1_000_000,
            100_000,
            true,
        ),
    ] {
        install(kernel, Sizes { exact, prefixes })?;
        vary(kernel.programs(), &frame, 0, exact)?;
        let before = dropped(kernel)?;
        let ours = best(kernel, sender, &frame)?;
        let seen = dropped(kernel)? - before;
        let sent = u64::from(PACKETS) * RUNS as u64;
        if hit && seen != sent {
            bail!("{sent} packets were sent, {seen} were dropped");
        }
        report.row(name, "packets/s", ours);
        report.row(
            &format!("{name}: of the trivial rate"),
            "ratio",
            ours / trivial,
        );
    }
    kernel.detach("trunk")?;
    Ok(())
}
