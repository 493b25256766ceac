//! With programs of Debian's testing suite: the examples of `config/examples` in a newer Kamailio and
//! in Asterisk, and Asterisk as the host to which blocked calls are diverted. Which versions that are
//! moves with the suite, and is told. All cases are listed beside this file, so that they can be named
//! where they are skipped.

mod asking;
mod target;

use anyhow::Result;

use super::{Lab, Report, companion};
use xtask::testing_suite;

/// The names of all cases, a line each.
const CASES: &str = include_str!("cases.txt");

/// Runs the lab.
pub(super) fn run(lab: &Lab) -> Result<Report> {
    let versions = testing_suite::versions()?;
    let mut report = companion::beside_kamailio_of_testing(lab)?;
    report.summary = format!("{versions}\n");
    report.figures.insert("versions".into(), versions.into());
    asking::run(lab, &mut report)?;
    target::run(lab, &mut report)?;
    let tried: Vec<&str> = report.cases.iter().map(|case| case.name.as_str()).collect();
    let differs = differences(&tried);
    report.case(
        "the cases that were tried are those that are listed",
        "true",
        differs,
    );
    Ok(report)
}

/// What was not tried, because somebody has asked to go without.
pub(crate) fn skip() -> Report {
    Report {
        skipped: CASES.lines().map(str::to_owned).collect(),
        ..Report::default()
    }
}

/// `true`, or what is in one list alone.
fn differences(tried: &[&str]) -> String {
    let listed: Vec<&str> = CASES.lines().collect();
    let alone = |ours: &[&str], theirs: &[&str]| {
        let alone: Vec<&str> = ours
            .iter()
            .filter(|name| !theirs.contains(name))
            .copied()
            .collect();
        alone.join("; ")
    };
    if tried == listed {
        return "true".to_owned();
    }
    format!(
        "not listed: {}. not tried: {}. {} and {} in all",
        alone(tried, &listed),
        alone(&listed, tried),
        tried.len(),
        listed.len()
    )
}
