//! Beside a proxy: Kamailio with the examples of `config/examples` as they stand asks the daemon about
//! every call. What the kernel cannot judge (TCP, headers in a late fragment) is refused all the same,
//! and calls go on when there is nobody to be asked.

mod alone;
mod direct;
mod doctor;
pub(crate) mod faults;
mod generated;
mod kamailio;
mod limits;
mod lists;
mod meanwhile;
mod pins;
mod questions;
mod wire;

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::cleanup::{self, Process};
use super::daemon::{self, Daemon};
use super::rows::{rows, under};
use super::sipp::{self, SippCall};
use super::{Lab, Report, answerer};

use kamailio::{Edition, Example, Kamailio};

/// Where Kamailio listens, UDP and TCP.
pub(crate) const PROXY: &str = "198.18.0.2:5060";
/// Where calls go that go on: what the examples say.
const PHONE: &str = "127.0.0.1:5070";
/// Where the daemon is asked: what the examples say.
const REDIRECT: &str = "127.0.0.1:5065";
const SCREEN: &str = "127.0.0.1:8065";
/// Its rule says reject.
pub(crate) const LISTED: &str = "+14155550101";
/// Its rule says drop.
pub(crate) const DROPPED: &str = "+14155550102";
/// Its rule says 607.
const UNWANTED: &str = "+14155550103";
/// Its rule says 404, which is how the redirect server lets calls go on.
const NOT_FOUND: &str = "+14155550104";
/// Its rule says announce: it is diverted to the media host.
pub(crate) const TOLD: &str = "+14155550106";
/// Its rule says pin: it is diverted too, and may come back.
const ASKED: &str = "+14155550110";
/// Whom all of them call.
const CALLED: &str = "+13125550100";
/// It is only watched.
pub(crate) const WATCHED: &str = "+14155550105";
pub(crate) const UNLISTED: &str = "+13105550001";
/// What a proxy that leaves media to others needs: a media host that the caller can reach.
const MEDIA_HOST: &str = "media_host = \"198.18.0.2\"\n";
/// How long a call of sipp's may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// The lab while it runs.
pub(crate) struct Scene<'a> {
    pub(crate) lab: &'a Lab,
    pub(crate) daemon: Daemon<'a>,
    pub(crate) report: Report,
    answerer: Process,
    /// What else stands under `[companion]`.
    companion: &'static str,
}

/// Calls in all: two scenes of one lab share the daemon's log.
static CALLS: AtomicU32 = AtomicU32::new(0);

/// The daemon's configuration here.
fn configuration(lab: &Lab, more: &str) -> String {
    format!(
        "{}\n[answering.contact]\nurl = \"https://blocked.example/\"\n\
         [[answering.target]]\nname = \"operator\"\naddresses = [\"sip:operator@192.0.2.1\"]\n\
         [companion]\nenabled = true\nlisten = \"{REDIRECT}\"\nhttp = \"{SCREEN}\"\n\
         allow = [\"127.0.0.0/8\", \"198.18.0.2\"]\n{more}",
        daemon::configuration(lab)
    )
}

/// Runs the lab.
pub(super) fn run(lab: &Lab) -> Result<Report> {
    let mut scene = Scene::start(lab, MEDIA_HOST)?;
    direct::run(&mut scene)?;
    questions::run(&mut scene)?;
    generated::run(&mut scene)?;
    lists::run(&mut scene)?;
    limits::run(&mut scene)?;
    meanwhile::run(&mut scene)?;
    scene.beside_kamailio(Edition::Stable)?;
    pins::run(&mut scene)?;
    alone::run(&mut scene)?;
    Ok(scene.report)
}

/// Runs what concerns Kamailio, with the one of Debian's testing suite.
pub(super) fn beside_kamailio_of_testing(lab: &Lab) -> Result<Report> {
    let mut scene = Scene::start(lab, MEDIA_HOST)?;
    scene.beside_kamailio(Edition::Testing)?;
    scene.end()
}

/// One of sipp's calls, and what must come of it.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    name: &'a str,
    scenario: &'a str,
    transport: &'a str,
    number: &'a str,
    expected: &'a str,
    /// What the log says of it: path, outcome and status; empty where it is not looked at.
    pub(crate) logged: &'a str,
}

/// The rows of a table: all proxies are called in these ways.
const TABLE: &str = include_str!("calls.txt");

impl Row<'static> {
    fn of(row: &[&'static str]) -> Result<Self> {
        let [name, scenario, transport, number, expected, logged] = *row else {
            bail!("a call has six columns: {}", row.join(" | "));
        };
        Ok(Self {
            name,
            scenario,
            transport,
            number,
            expected,
            logged,
        })
    }

    /// Those for a proxy.
    pub(crate) fn all(proxy: &str) -> Result<Vec<Self>> {
        rows(under(TABLE, proxy)?)
            .map(|row| Row::of(&row))
            .collect()
    }
}

/// A call that goes on.
pub(crate) const ONWARD: &str = "200, at the phone";
/// A call that does not.
pub(crate) const REFUSED: &str = "603, not at the phone";

impl<'a> Scene<'a> {
    /// Starts the daemon with its rules, and the phone behind.
    pub(crate) fn start(lab: &'a Lab, companion: &'static str) -> Result<Self> {
        let answerer = answerer::start(lab, &[PHONE.parse()?])?;
        let daemon = Daemon::start(lab, &configuration(lab, companion))?;
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
        Ok(Self {
            lab,
            daemon,
            report: Report::default(),
            answerer,
            companion,
        })
    }

    /// Ends both, so that others can take their places; what was found out.
    pub(crate) fn end(self) -> Result<Report> {
        self.daemon.remove_rules()?;
        self.daemon.kill()?;
        cleanup::end(&self.answerer)?;
        Ok(self.report)
    }

    /// The daemon's configuration, and more behind it.
    fn configuration(&self, more: &str) -> String {
        configuration(self.lab, &format!("{}{more}", self.companion))
    }

    /// What becomes of calls through Kamailio, with each example.
    fn beside_kamailio(&mut self, edition: Edition) -> Result<()> {
        for example in [Example::Redirect, Example::Http] {
            let kamailio = Kamailio::start(self.lab, edition, example)?;
            let name = format!("{}{}", edition.prefix(), example.name());
            self.calls(&name, &Row::all("kamailio")?)?;
            self.statuses(&name)?;
            if (edition, example) == (Edition::Stable, Example::Redirect) {
                doctor::run(self)?;
            }
            faults::run(self, &name)?;
            faults::known(self, &name)?;
            kamailio.end()?;
        }
        Ok(())
    }

    /// A Call-ID that nobody had.
    fn call_id(&mut self) -> String {
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        format!("companion-{}-{call}", std::process::id())
    }

    /// Places a call by sipp; what came of it, and its Call-ID.
    pub(crate) fn sipp(
        &mut self,
        scenario: &str,
        transport: &str,
        number: &str,
    ) -> Result<(String, String)> {
        let call_id = self.call_id();
        let port = 20_000 + u16::try_from(CALLS.load(Ordering::Relaxed) % 20_000)?;
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
    pub(crate) fn calls(&mut self, example: &str, rows: &[Row<'_>]) -> Result<()> {
        let mut placed = Vec::new();
        for row in rows {
            let (seen, call_id) = self.sipp(row.scenario, row.transport, row.number)?;
            let name = format!("{example}: {}", row.name);
            self.report.case(&name, row.expected, seen);
            placed.push((row, call_id));
        }
        placed.retain(|(row, _)| !row.logged.is_empty());
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
        for (name, from) in odd_callers() {
            let seen = self.by_tcp(&from)?;
            let name = format!("{example}: listed, {name}, by TCP");
            self.report.case(&name, "603 Decline", seen);
        }
        Ok(())
    }

    /// Places a call by TCP; the status of its final answer.
    pub(crate) fn by_tcp(&mut self, number: &str) -> Result<String> {
        self.by_tcp_with(number, "")
    }

    /// The same, with header lines more.
    pub(crate) fn by_tcp_with(&mut self, number: &str, more: &'static str) -> Result<String> {
        let call_id = self.call_id();
        let proxy: SocketAddr = PROXY.parse()?;
        let carrier = &self.lab.network.carrier;
        let number = number.to_owned();
        carrier.run(move || wire::by_tcp(proxy, &number, &call_id, more))
    }

    /// The log, by Call-ID and in the words of the rows above.
    pub(crate) fn log(&self) -> Result<Vec<(String, String)>> {
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

/// A listed caller in a From that a question may stumble over, and what that is called.
pub(crate) fn odd_callers() -> [(&'static str, String); 3] {
    let from = |name: &str| format!("\"{name}\" <sip:{LISTED}@carrier.example>");
    [
        ("a long name", from(&"x".repeat(1500))),
        ("a folded From", from("a").replace("\" ", "\"\r\n ")),
        ("a tab", from("a\tb")),
    ]
}

/// What the log says of a call.
pub(crate) fn in_log(log: &[(String, String)], call_id: &str) -> String {
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
