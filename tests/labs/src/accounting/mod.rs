//! Every packet and every call accounted for: mixed traffic with repetitions and floods, while the
//! daemon is killed, rules change, the ring overflows, tables are made anew, the disk is full and
//! the log is damaged. What was sent is known; what the daemon says must be equal to it, or differ
//! by what it says was lost.

mod books;
mod faults;
mod figures;
mod people;
mod sinks;
mod traffic;

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::daemon::{self, Daemon};
use super::{Lab, Report, answerer};

use books::Books;
use traffic::Kind;

/// Where the SBC's metrics are, inside of it.
const METRICS: &str = "127.0.0.1:9469";

/// The lab while it runs.
struct Scene<'a> {
    lab: &'a Lab,
    daemon: Daemon<'a>,
    report: Report,
    books: Books,
}

/// The daemon's configuration here.
fn configuration(lab: &Lab) -> String {
    format!(
        "{}\n[metrics]\nlisten = {METRICS:?}\nrules = true\n{}",
        daemon::configuration(lab),
        sinks::configuration(lab)
    )
}

/// The rules: one of each kind that decides.
const RULES: [&[&str]; 5] = [
    &["rule", "add", "+14155550101", "--list", "nuisance"],
    &["rule", "add", "+4930*"],
    &["rule", "add", "+33*", "--action", "monitor"],
    &["rule", "add", "+49309990*", "--allow"],
    &["rule", "add", "+14155550109", "--list", "nuisance"],
];

/// Runs the lab.
pub(super) fn run(lab: &Lab) -> Result<Report> {
    let addresses: Vec<SocketAddr> = ["198.18.0.2:5060", "198.18.1.2:5060"]
        .iter()
        .map(|address| address.parse())
        .collect::<Result<_, _>>()?;
    answerer::start(lab, &addresses)?;
    let receivers = sinks::listen(lab)?;
    let daemon = Daemon::start(lab, &configuration(lab))?;
    daemon.ask(&["list", "add", "nuisance"])?;
    for rule in RULES {
        daemon.ask(rule)?;
    }
    let prometheus = figures::Prometheus::start(lab)?;
    let mut scene = Scene {
        lab,
        daemon,
        report: Report::default(),
        books: Books::default(),
    };
    scene.send(Kind::all(), 40, 7)?;
    scene.balance("mixed traffic, each INVITE seven times")?;
    scene.rows_have_their_packets()?;
    scene.statistics()?;
    faults::run(&mut scene)?;
    sinks::check(&mut scene, &receivers)?;
    people::run(&mut scene)?;
    prometheus.check(&mut scene)?;
    faults::of_the_disk(&mut scene)?;
    Ok(scene.report)
}

impl Scene<'_> {
    fn ask(&self, arguments: &[&str]) -> Result<Value> {
        self.daemon.ask(arguments)
    }

    /// Starts the daemon again, with this configuration.
    fn restart(&mut self, configuration: &str) -> Result<()> {
        self.daemon = Daemon::start(self.lab, configuration)?;
        Ok(())
    }

    /// Sends `count` new calls of each kind, `times` each, and writes them into the books.
    fn send(&mut self, kinds: &[Kind], count: u32, times: u32) -> Result<()> {
        for kind in kinds {
            let first = self.books.expect(*kind, count, times);
            traffic::send(self.lab, *kind, first..first + count, times)?;
        }
        Ok(())
    }
}

/// A number in an object, by a path such as `/blocked/calls`; zero if it is not there.
fn number(value: &Value, pointer: &str) -> u64 {
    value
        .pointer(pointer)
        .and_then(Value::as_u64)
        .unwrap_or_default()
}

/// A list in an object.
fn array<'v>(value: &'v Value, key: &str) -> Result<&'v Vec<Value>> {
    value
        .get(key)
        .and_then(Value::as_array)
        .with_context(|| format!("no {key}"))
}
