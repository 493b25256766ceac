//! Beside a proxy: Kamailio with the examples of `config/examples` as they stand asks the daemon about
//! every call. What the kernel cannot judge (TCP, headers in a late fragment) is refused all the same,
//! and calls go on when there is nobody to be asked.

mod alone;
mod direct;
mod doctor;
mod faults;
mod generated;
mod kamailio;
mod limits;
mod lists;
mod meanwhile;
mod pins;
mod questions;
mod wire;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::daemon::{self, Daemon};
use super::sipp::{self, SippCall};
use super::{Lab, Report, answerer};

use kamailio::{Example, Kamailio};

/// Where Kamailio listens, UDP and TCP.
const PROXY: &str = "198.18.0.2:5060";
/// Where calls go that go on: what the examples say.
const PHONE: &str = "127.0.0.1:5070";
/// Where the daemon is asked: what the examples say.
const REDIRECT: &str = "127.0.0.1:5065";
const SCREEN: &str = "127.0.0.1:8065";
/// Its rule says reject.
const LISTED: &str = "+14155550101";
/// Its rule says drop.
const DROPPED: &str = "+14155550102";
/// Its rule says 607.
const UNWANTED: &str = "+14155550103";
/// Its rule says 404, which is how the redirect server lets calls go on.
const NOT_FOUND: &str = "+14155550104";
/// Its rule says announce: it is diverted to the media host.
const TOLD: &str = "+14155550106";
/// Its rule says pin: it is diverted too, and may come back.
const ASKED: &str = "+14155550107";
/// Whom all of them call.
const CALLED: &str = "+13125550100";
/// It is only watched.
const WATCHED: &str = "+14155550105";
const UNLISTED: &str = "+13105550001";
/// How long a call of sipp's may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The lab while it runs.
struct Scene<'a> {
    lab: &'a Lab,
    daemon: Daemon<'a>,
    report: Report,
    calls: u32,
}

/// The daemon's configuration here.
fn configuration(lab: &Lab, more: &str) -> String {
    format!(
        "{}\n[answering.contact]\nurl = \"https://blocked.example/\"\n\
         [[answering.target]]\nname = \"operator\"\naddresses = [\"sip:operator@192.0.2.1\"]\n\
         [companion]\nenabled = true\nlisten = \"{REDIRECT}\"\nhttp = \"{SCREEN}\"\n\
         media_host = \"198.18.0.2\"\nallow = [\"127.0.0.0/8\", \"198.18.0.2\"]\n{more}",
        daemon::configuration(lab)
    )
}

/// Runs the lab.
pub(super) fn run(lab: &Lab) -> Result<Report> {
    answerer::start(lab, &[PHONE.parse()?])?;
    let daemon = Daemon::start(lab, &configuration(lab, ""))?;
    for (number, action) in [
        (LISTED, "reject"),
        (DROPPED, "drop"),
        (UNWANTED, "reject:607"),
        (NOT_FOUND, "reject:404"),
        (WATCHED, "monitor"),
        (TOLD, "announce"),
        (ASKED, "pin"),
    ] {
        daemon.ask(&["rule", "add", number, "--action", action])?;
    }
    let mut scene = Scene {
        lab,
        daemon,
        report: Report {
            name: "companion",
            ..Report::default()
        },
        calls: 0,
    };
    direct::run(&mut scene)?;
    questions::run(&mut scene)?;
    generated::run(&mut scene)?;
    lists::run(&mut scene)?;
    limits::run(&mut scene)?;
    meanwhile::run(&mut scene)?;
    for example in [Example::Redirect, Example::Http] {
        let kamailio = Kamailio::start(lab, example)?;
        scene.calls(example.name(), ROWS)?;
        scene.statuses(example.name())?;
        if example == Example::Redirect {
            doctor::run(&mut scene)?;
        }
        faults::run(&mut scene, example.name())?;
        kamailio.end()?;
    }
    pins::run(&mut scene)?;
    alone::run(&mut scene)?;
    Ok(scene.report)
}

/// One of sipp's calls, and what must come of it.
struct Row<'a> {
    name: &'a str,
    scenario: &'a str,
    transport: &'a str,
    number: &'a str,
    expected: &'a str,
    /// What the log says of it: path, outcome and status.
    logged: &'a str,
}

/// A call that goes on.
const ONWARD: &str = "200, at the phone";
/// A call that does not.
const REFUSED: &str = "603, not at the phone";

const ROWS: &[Row<'_>] = &[
    Row {
        name: "UDP, not listed",
        scenario: "proxied.xml",
        transport: "u1",
        number: UNLISTED,
        expected: ONWARD,
        logged: "nothing",
    },
    Row {
        name: "UDP, listed",
        scenario: "declined.xml",
        transport: "u1",
        number: LISTED,
        expected: REFUSED,
        logged: "xdp steered 603",
    },
    Row {
        name: "UDP, watched",
        scenario: "proxied.xml",
        transport: "u1",
        number: WATCHED,
        expected: ONWARD,
        logged: "xdp monitored",
    },
    Row {
        name: "TCP, not listed",
        scenario: "proxied.xml",
        transport: "t1",
        number: UNLISTED,
        expected: ONWARD,
        logged: "nothing",
    },
    Row {
        name: "TCP, listed",
        scenario: "declined.xml",
        transport: "t1",
        number: LISTED,
        expected: REFUSED,
        logged: "companion refused 603",
    },
    Row {
        name: "TCP, listed to be dropped",
        scenario: "declined.xml",
        transport: "t1",
        number: DROPPED,
        expected: REFUSED,
        logged: "companion refused 603",
    },
    Row {
        name: "TCP, listed to be told",
        scenario: "declined-told.xml",
        transport: "t1",
        number: TOLD,
        expected: REFUSED,
        logged: "companion diverted 603",
    },
    Row {
        name: "TCP, watched",
        scenario: "proxied.xml",
        transport: "t1",
        number: WATCHED,
        expected: ONWARD,
        logged: "companion monitored",
    },
    Row {
        name: "fragments, From in the second, not listed",
        scenario: "proxied-late.xml",
        transport: "u1",
        number: UNLISTED,
        expected: ONWARD,
        logged: "nothing",
    },
    Row {
        name: "fragments, From in the second, listed",
        scenario: "declined-late.xml",
        transport: "u1",
        number: LISTED,
        expected: REFUSED,
        logged: "companion refused 603",
    },
    Row {
        name: "fragments, From in the second, listed to be dropped",
        scenario: "declined-late.xml",
        transport: "u1",
        number: DROPPED,
        expected: REFUSED,
        logged: "companion refused 603",
    },
];

impl Scene<'_> {
    /// A Call-ID that nobody had.
    fn call_id(&mut self) -> String {
        self.calls += 1;
        format!("companion-{}-{}", std::process::id(), self.calls)
    }

    /// Places a call by sipp; what came of it, and its Call-ID.
    fn sipp(&mut self, scenario: &str, transport: &str, number: &str) -> Result<(String, String)> {
        let call_id = self.call_id();
        let port = 20_000 + u16::try_from(self.calls % 20_000)?;
        let called = format!("sip:{CALLED}@{PROXY}");
        let running = sipp::start(
            self.lab,
            &SippCall {
                scenario,
                transport,
                source: SocketAddr::new("198.18.0.1".parse()?, port),
                destination: PROXY.parse()?,
                call_id: &call_id,
                keywords: &[
                    ("caller_uri", &format!("sip:{number}@carrier.example")),
                    ("called_uri", &called),
                ],
            },
        )?;
        let placed = running.wait(Instant::now() + PATIENCE)?;
        let end = match (placed.answered, scenario.starts_with("declined")) {
            (true, true) => "603",
            (true, false) => "200",
            (false, _) => "not as the scenario says",
        };
        let reached = answerer::received(self.lab)?.contains(&call_id);
        let place = if reached {
            "at the phone"
        } else {
            "not at the phone"
        };
        Ok((format!("{end}, {place}"), call_id))
    }

    /// All of sipp's calls through a proxy, and what the log says of each.
    fn calls(&mut self, example: &str, rows: &'static [Row<'_>]) -> Result<()> {
        let mut placed = Vec::new();
        for row in rows {
            let (seen, call_id) = self.sipp(row.scenario, row.transport, row.number)?;
            let name = format!("{example}: {}", row.name);
            self.report.case(&name, row.expected, seen);
            placed.push((row, call_id));
        }
        std::thread::sleep(Duration::from_millis(600));
        let log = self.log()?;
        for (row, call_id) in placed {
            let name = format!("{example}: {}: in the log", row.name);
            self.report.case(&name, row.logged, in_log(&log, &call_id));
        }
        Ok(())
    }

    /// Statuses that sipp's scenarios do not tell apart.
    fn statuses(&mut self, example: &str) -> Result<()> {
        // 404 lets a call go on by the redirect server: such a rule is answered with another status.
        for (number, status) in [(UNWANTED, "607 Unwanted"), (NOT_FOUND, "603 Decline")] {
            let seen = self.by_tcp(number)?;
            self.report
                .case(&format!("{example}: {number} by TCP"), status, seen);
        }
        Ok(())
    }

    /// Places a call by TCP; the status of its final answer.
    fn by_tcp(&mut self, number: &str) -> Result<String> {
        let call_id = self.call_id();
        let proxy: SocketAddr = PROXY.parse()?;
        let carrier = &self.lab.network.carrier;
        let number = number.to_owned();
        carrier.run(move || wire::by_tcp(proxy, &number, &call_id))
    }

    /// The log, by Call-ID and in the words of the rows above.
    fn log(&self) -> Result<Vec<(String, String)>> {
        let calls = self.daemon.ask(&["calls", "--limit", "1000"])?;
        let rows = calls
            .get("calls")
            .and_then(Value::as_array)
            .context("no calls")?;
        let text = |row: &Value, key: &str| match row.get(key) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => String::new(),
            Some(other) => other.to_string(),
        };
        Ok(rows
            .iter()
            .map(|row| {
                let words = ["path", "outcome", "status"].map(|key| text(row, key));
                (text(row, "call_id"), words.join(" ").trim().to_owned())
            })
            .collect())
    }

    /// A figure of the daemon's status.
    fn figure(&self, pointer: &str) -> Result<u64> {
        let status = self.daemon.ask(&["status"])?;
        let figure = status.pointer(pointer).and_then(Value::as_u64);
        figure.with_context(|| format!("status has no {pointer}"))
    }
}

/// What the log says of a call.
fn in_log(log: &[(String, String)], call_id: &str) -> String {
    let rows: Vec<&str> = log
        .iter()
        .filter(|(id, _)| id == call_id)
        .map(|(_, words)| words.as_str())
        .collect();
    if rows.is_empty() {
        "nothing".to_owned()
    } else {
        rows.join(" and ")
    }
}
