//! The whole daemon: a file read in by its command line, its start with those rules, its memory,
//! and a change as an operator waits for it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use blacklist_tests::house::{House, stop};
use blacklist_tests::measuring::held;
use blacklist_tests::report::Report;

use crate::{middle_and_tail, numbers, words};

/// Changes that are measured.
const CHANGES: u32 = 50;

/// Measures one size.
pub(crate) fn measure(program: &Path, size: u32, report: &mut Report) -> anyhow::Result<()> {
    let of = words(size);
    report.section(&format!("the daemon, {of} exact rules"));
    let house = House::build("bench-rules", program, size, "")?;
    let file = house.folder().join("numbers.csv");
    write_numbers(&file, 0..size)?;

    let mut daemon = house.start()?;
    let text = file.to_str().context("a folder that is no text")?;
    house.ask(&["list", "add", "bulk"])?;
    let began = Instant::now();
    house.ask(&["import", text, "--list", "bulk"])?;
    let seconds = began.elapsed().as_secs_f64();
    report.row(&format!("{of}: import"), "s", seconds);
    report.row(
        &format!("{of}: rows imported in a second"),
        "rows/s",
        f64::from(size) / seconds,
    );
    std::fs::remove_file(&file)?;

    changes(&house, of, report)?;
    stop(&mut daemon)?;
    let began = Instant::now();
    let mut daemon = house.start()?;
    report.row(&format!("{of}: start"), "s", began.elapsed().as_secs_f64());
    let bytes = held(&daemon.id().to_string())?;
    report.row(&format!("{of}: memory of the daemon"), "MB", bytes / 1e6);
    // Of few rules the daemon itself is more than they are.
    if size >= 1_000_000 {
        report.row(
            &format!("{of}: memory of the daemon per rule"),
            "bytes",
            bytes / f64::from(size),
        );
    }
    stop(&mut daemon)
}

fn changes(house: &House, of: &str, report: &mut Report) -> anyhow::Result<()> {
    let mut figures = Vec::new();
    for index in 0..CHANGES {
        let caller = format!("+3399{index:06}");
        let began = Instant::now();
        house.ask(&["rule", "add", &caller])?;
        figures.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    let (middle, _) = middle_and_tail(figures);
    report.row(
        &format!("{of}: `rule add`, on disk and in the kernel, median"),
        "ms",
        middle,
    );
    Ok(())
}

/// Writes a file of numbers.
pub(crate) fn write_numbers(path: &Path, places: std::ops::Range<u32>) -> anyhow::Result<()> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    file.write_all(b"number,comment\n")?;
    let mut line = String::new();
    for index in places {
        line.clear();
        writeln!(line, "{},reported", numbers::text(index))?;
        file.write_all(line.as_bytes())?;
    }
    file.flush()?;
    Ok(())
}
