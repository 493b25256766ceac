//! Packets per second through a veth pair on one core.

use anyhow::bail;
use aya::programs::xdp::XdpMode as AyaMode;
use blacklist_common::outcome::Outcome;
use blacklist_tests::measuring::{ip, median, program, send};
use blacklist_tests::report::Report;
use blacklistd::kernel::{Kernel, XdpMode};

use crate::frames::{self, Frame};
use crate::rules::Sizes;
use crate::runs::{install, vary};

const PACKETS: u32 = 2_000_000;
const RUNS: usize = 3;

/// Packets per second out of one end, judged at the other.
fn rate(kernel: &mut Kernel, interface: u32, frame: &Frame) -> anyhow::Result<f64> {
    let mut figures = Vec::new();
    for _ in 0..RUNS {
        let took = send(kernel.programs(), interface, &frame.bytes, PACKETS)?;
        figures.push(f64::from(PACKETS) / took.as_secs_f64());
    }
    Ok(median(figures))
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
    let trivial = rate(kernel, sender, &frame)?;
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
        let ours = rate(kernel, sender, &frame)?;
        let seen = dropped(kernel)? - before;
        let sent = u64::from(PACKETS) * RUNS as u64;
        if hit && seen != sent {
            let outcomes: Vec<String> = kernel
                .tally()
                .outcomes()?
                .iter()
                .filter(|(_, counter)| counter.packets > 0)
                .map(|(outcome, counter)| format!("{} {}", outcome.as_str(), counter.packets))
                .collect();
            let outcomes = outcomes.join(", ");
            bail!("{sent} packets were sent, {seen} were dropped; all so far: {outcomes}");
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
