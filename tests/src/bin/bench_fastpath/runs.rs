//! Nanoseconds for each packet, by test runs.

use std::time::Duration;

use aya::Ebpf;
use blacklist_common::bench::Variation;
use blacklist_kernel::Kernel;
use blacklist_tests::measuring::{self, median};
use blacklist_tests::report::Report;

use crate::frames::{self, Frame, LISTED, UNLISTED};
use crate::rules::{Sizes, tables};

const REPEATS: u32 = 50_000;
const RUNS: usize = 21;

/// Tells the measuring programs which callers to use, at random.
pub(crate) fn vary(ebpf: &mut Ebpf, frame: &Frame, first: u32, count: u32) -> anyhow::Result<()> {
    let variation = Variation {
        state: 42,
        offset: frame.digits as u32,
        first,
        count,
        ..Variation::default()
    };
    measuring::vary(ebpf, variation)
}

fn once(ebpf: &mut Ebpf, name: &str, frame: &Frame) -> anyhow::Result<f64> {
    measuring::run(ebpf, name, &frame.bytes, REPEATS)
}

/// Median of runs of a program on a frame, without the change of the number where it has one.
fn cost(ebpf: &mut Ebpf, vary: &str, frame: &Frame) -> anyhow::Result<f64> {
    let mut figures = Vec::new();
    for _ in 0..RUNS {
        figures.push(if frame.digits == 0 {
            once(ebpf, "blacklist", frame)?
        } else {
            once(ebpf, vary, frame)? - once(ebpf, "vary_only", frame)?
        });
    }
    Ok(median(figures))
}

/// All figures of single packets.
pub(crate) fn measure(kernel: &mut Kernel, report: &mut Report) -> anyhow::Result<()> {
    report.section("nanoseconds per packet");
    let trivial = {
        let frame = frames::typical(LISTED);
        let figures = (0..RUNS).map(|_| once(kernel.programs()?, "trivial", &frame));
        median(figures.collect::<anyhow::Result<_>>()?)
    };
    report.row("a program that drops everything", "ns", trivial);
    install(
        kernel,
        Sizes {
            exact: 0,
            prefixes: 0,
        },
    )?;
    for (name, frame) in frames::parts() {
        vary(kernel.programs()?, &frame, 0, 99_999_999)?;
        let figure = cost(kernel.programs()?, OURS, &frame)?;
        report.row(name, "ns", figure);
    }
    let worst = judged(kernel, OURS, &SIZES, report)?;
    report.at_most(
        "ns for an INVITE of 985 bytes that no rule names, up to 1 M numbers and 100 k prefixes, worst",
        worst.unlisted,
        1000.0,
    );
    report.at_most(
        "ns for an INVITE of 985 bytes that a rule names, callers at random, up to 1 M numbers and 100 k prefixes, worst",
        worst.listed,
        1000.0,
    );
    let mut worst = 0.0_f64;
    for (name, frame) in frames::others() {
        let figure = cost(kernel.programs()?, OURS, &frame)?;
        worst = worst.max(figure);
        report.row(name, "ns", figure);
    }
    report.at_most("ns for a packet that is no INVITE, worst", worst, 15.0);
    for (name, frame) in frames::hostile() {
        vary(kernel.programs()?, &frame, 0, 1_000_000)?;
        let figure = cost(kernel.programs()?, OURS, &frame)?;
        report.row(&format!("hostile: {name}"), "ns", figure);
    }
    Ok(())
}

/// Exact rules and prefixes.
const SIZES: [(u32, u32); 6] = [
    (0, 0),
    (10_000, 0),
    (1_000_000, 0),
    (0, 100_000),
    (0, 1_000_000),
    (1_000_000, 100_000),
];
const STOCK_SIZES: [(u32, u32); 4] = [
    (10_000, 0),
    (1_000_000, 0),
    (0, 100_000),
    (1_000_000, 100_000),
];

/// Most prefixes for which there is a goal; what more of them cost is only shown.
const GOAL_PREFIXES: u32 = 100_000;

/// The program with our own table, and that with the kernel's.
const OURS: &str = "vary";
const STOCK: &str = "vary_stock";

/// The worst figures of judged packets.
struct Worst {
    listed: f64,
    unlisted: f64,
}

/// The same rules in the kernel's stock tables, for comparison.
pub(crate) fn measure_stock(kernel: &mut Kernel, report: &mut Report) -> anyhow::Result<()> {
    report.section("the same in the kernel's stock tables");
    judged(kernel, STOCK, &STOCK_SIZES, report).map(drop)
}

/// Puts rules in force.
pub(crate) fn install(kernel: &mut Kernel, sizes: Sizes) -> anyhow::Result<()> {
    let number = kernel.generation() + 1;
    Ok(kernel.install(&tables(sizes), number)?)
}

fn judged(
    kernel: &mut Kernel,
    program: &str,
    sizes: &[(u32, u32)],
    report: &mut Report,
) -> anyhow::Result<Worst> {
    let mut worst = Worst {
        listed: 0.0,
        unlisted: 0.0,
    };
    for &(exact, prefixes) in sizes {
        let tables = tables(Sizes { exact, prefixes });
        let number = kernel.generation() + 1;
        let began = std::time::Instant::now();
        kernel.install(&tables, number)?;
        report.row(
            &format!("load {exact} exact, {prefixes} prefixes"),
            "s",
            began.elapsed().max(Duration::from_millis(1)).as_secs_f64(),
        );
        // Callers that begin with 0 have no prefix rule.
        for (what, last, first, count) in [
            ("exact hit", LISTED, 0, exact),
            ("miss", UNLISTED, 0, 9_999_999),
            ("prefix hit", UNLISTED, 10_000_000, 89_999_999),
        ] {
            if (what == "exact hit" && exact == 0) || (what == "prefix hit" && prefixes == 0) {
                continue;
            }
            let frame = frames::typical(last);
            vary(kernel.programs()?, &frame, first, count)?;
            let figure = cost(kernel.programs()?, program, &frame)?;
            let place = if what == "miss" {
                &mut worst.unlisted
            } else {
                &mut worst.listed
            };
            if prefixes <= GOAL_PREFIXES {
                *place = place.max(figure);
            }
            report.row(
                &format!("INVITE of 985 bytes, {exact} exact, {prefixes} prefixes: {what}"),
                "ns",
                figure,
            );
        }
    }
    Ok(worst)
}
