//! The oldest kernel that is promised to work: booted in a virtual machine, with labs that run
//! inside of it. It has what the kernel of a test machine may lack, interfaces with VLAN tags, and
//! lacks what that one may have, tcx. The machine is emulated, so that it is the same everywhere:
//! nothing in it may depend on how fast it is.

mod archive;
mod image;
mod inside;
mod machine;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::{Value, json};

pub(crate) use self::inside::run as inside_machine;
use crate::lab::Scenario;
use crate::{Case, Lab, Report, answering, demo, restart, tagged};
use xtask::peers;

/// What runs inside.
const INSIDE: [(&str, Scenario); 4] = [
    ("demo", demo::run),
    ("restart", restart::run),
    ("refusals", answering::refusals),
    ("tagged", tagged::run),
];

/// How long the machine may take for all of it: a busy host takes a third, an idle one a fifth.
const LIMIT: Duration = Duration::from_secs(600);

/// Runs the lab.
pub(super) fn run(lab: &Lab) -> Result<Report> {
    if !peers::HAS_OLDEST_KERNEL {
        bail!("this lab boots a kernel for x86-64: on this machine, test `--without kernels`");
    }
    let kernel = peers::oldest_kernel()?;
    let image = lab.folder.join("image.cpio");
    let size = image::make(lab, &kernel, &image)?;
    eprintln!("labs: booting {}", kernel.image.display());
    let began = Instant::now();
    let end = machine::run(lab, &kernel, &image, LIMIT)?;
    let mut report = Report::default();
    report.case(
        "the machine ended by itself",
        "yes",
        if end.by_itself { "yes" } else { "no" },
    );
    let release = end.told.first().and_then(|line| line.get("kernel"));
    let release = release.and_then(Value::as_str).unwrap_or("none");
    let is_oldest = release.starts_with(peers::OLDEST_KERNEL);
    let seen = if is_oldest {
        peers::OLDEST_KERNEL
    } else {
        release
    };
    report.case("the kernel inside", peers::OLDEST_KERNEL, seen);
    for (name, _) in INSIDE {
        let lines = end.told.iter();
        let mut of_this = lines.filter(|line| line.get("lab") == Some(&json!(name)));
        take(&mut report, name, of_this.next());
    }
    report.figures.insert("kernel".into(), json!(release));
    let seconds = began.elapsed().as_secs();
    report
        .figures
        .insert("machine_seconds".into(), json!(seconds));
    report.figures.insert("image_bytes".into(), json!(size));
    report.summary = format!("Linux {release}, {seconds} s in an emulated machine\n");
    if report.counts().1 > 0 {
        eprintln!("labs: the machine's console ends so:\n{}", end.console);
    }
    Ok(report)
}

/// Takes over what a lab inside has found.
fn take(report: &mut Report, lab: &str, line: Option<&Value>) {
    let cases = line.and_then(|line| line.pointer("/report/cases")?.as_array());
    let problem = match (line, cases) {
        (None, _) => Some("it did not come to its end".to_owned()),
        (Some(_), Some(cases)) if !cases.is_empty() => None,
        (Some(line), _) => Some(text(line, "error")),
    };
    let seen = problem.unwrap_or_else(|| "run".to_owned());
    report.case(&format!("{lab}: run"), "run", seen);
    for case in cases.into_iter().flatten() {
        report.cases.push(Case {
            name: format!("{lab}: {}", text(case, "name")),
            expected: text(case, "expected"),
            seen: text(case, "seen"),
            ok: case.get("ok") == Some(&Value::Bool(true)),
            details: serde_json::Map::new(),
        });
    }
}

fn text(value: &Value, key: &str) -> String {
    let text = value.get(key).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each case is as it should be, behind the one that the lab was run.
    fn taken(line: Option<&Value>) -> Vec<(String, bool)> {
        let mut report = Report::default();
        take(&mut report, "demo", line);
        let cases = report.cases.into_iter();
        cases.map(|case| (case.name, case.ok)).collect()
    }

    #[test]
    fn a_lab_that_says_nothing_has_failed() {
        let failed = vec![("demo: run".to_owned(), false)];
        assert_eq!(taken(None), failed);
        assert_eq!(taken(Some(&json!({"error": "no ip"}))), failed);
        assert_eq!(taken(Some(&json!({"report": {"cases": []}}))), failed);
    }

    #[test]
    fn cases_are_taken_as_they_are() {
        let line = json!({"report": {"cases": [
            {"name": "a", "expected": "1", "seen": "1", "ok": true},
            {"name": "b", "expected": "1", "seen": "2", "ok": false},
        ]}});
        let names = [("demo: run", true), ("demo: a", true), ("demo: b", false)];
        let expected = names.map(|(name, ok)| (name.to_owned(), ok)).to_vec();
        assert_eq!(taken(Some(&line)), expected);
    }
}
