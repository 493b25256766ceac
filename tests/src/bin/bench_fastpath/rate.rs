//! Packets per second through a veth pair on one core.

use std::path::Path;

use anyhow::{Context as _, bail};
use aya::programs::xdp::XdpMode as AyaMode;
use blacklist_common::outcome::Outcome;
use blacklist_kernel::{Kernel, XdpMode};
use blacklist_tests::measuring::{ip, median, program, send};
use blacklist_tests::report::Report;

use crate::frames::{self, Frame};
use crate::rules::Sizes;
use crate::runs::{install, vary};

const PACKETS: u32 = 2_000_000;
const RUNS: usize = 3;

/// Packets per second out of one end, judged at the other.
fn rate(kernel: &mut Kernel, interface: u32, frame: &Frame) -> anyhow::Result<f64> {
    let mut figures = Vec::new();
    for _ in 0..RUNS {
        let took = send(kernel.programs()?, interface, &frame.bytes, PACKETS)?;
        figures.push(f64::from(PACKETS) / took.as_secs_f64());
    }
    Ok(median(figures))
}

/// How many packets the program has seen that came to a judged port, and how many of them it has
/// dropped. What the interfaces themselves send to each other is none of these.
fn judged(kernel: &Kernel) -> anyhow::Result<(u64, u64)> {
    let (mut all, mut dropped) = (0, 0);
    for (outcome, counter) in kernel.tally().outcomes()? {
        if outcome > Outcome::OtherPort {
            all += counter.packets;
        }
        if outcome == Outcome::Dropped {
            dropped += counter.packets;
        }
    }
    Ok((all, dropped))
}

/// All outcomes so far.
fn outcomes(kernel: &Kernel) -> anyhow::Result<String> {
    let outcomes = kernel.tally().outcomes()?;
    let met = outcomes.iter().filter(|(_, counter)| counter.packets > 0);
    let words: Vec<String> = met
        .map(|(outcome, counter)| format!("{} {}", outcome.as_str(), counter.packets))
        .collect();
    Ok(words.join(", "))
}

/// Rates of a trivial drop and of ours.
pub(crate) fn measure(kernel: &mut Kernel, report: &mut Report) -> anyhow::Result<()> {
    // A packet of the interfaces' own (RFC 4861) that another core sends takes the receiving side there,
    // where it falls behind: what does not fit into the ring is lost, and what is measured is no core's.
    let silent = Path::new("/proc/sys/net/ipv6/conf/default/disable_ipv6");
    if silent.exists() {
        std::fs::write(silent, "1").context("silencing the interfaces")?;
    }
    ip(&[
        "link", "add", "sender", "type", "veth", "peer", "name", "trunk",
    ])?;
    for name in ["sender", "trunk"] {
        ip(&["link", "set", name, "up"])?;
    }
    let sender = nix::net::if_::if_nametoindex("sender")?;
    let trunk = nix::net::if_::if_nametoindex("trunk")?;
    let frame = frames::typical(frames::LISTED);
    vary(kernel.programs()?, &frame, 0, 10_000)?;
    report.section("packets per second on a veth pair, one core, sending included");

    let trivial = program(kernel.programs()?, "trivial")?;
    let link = trivial.attach_to_if_index(trunk, AyaMode::Driver)?;
    let trivial = rate(kernel, sender, &frame)?;
    program(kernel.programs()?, "trivial")?.detach(link)?;
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
        vary(kernel.programs()?, &frame, 0, exact)?;
        let before = judged(kernel)?;
        let ours = rate(kernel, sender, &frame)?;
        let behind = judged(kernel)?;
        let (all, dropped) = (behind.0 - before.0, behind.1 - before.1);
        let sent = u64::from(PACKETS) * RUNS as u64;
        if all < sent {
            bail!(
                "{} of {sent} packets were lost before the program: something else used the wire; run it again",
                sent - all
            );
        }
        if hit && dropped != all {
            let outcomes = outcomes(kernel)?;
            bail!("{all} packets were judged, {dropped} were dropped; all so far: {outcomes}");
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
