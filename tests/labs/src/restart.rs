//! What holds while the daemon is away: it is killed, calls go on being blocked and counted, it
//! comes back with its rules and counters; a rule is switched off and on while it is in force;
//! and only `detach` ends it all.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::Value;

use super::daemon::{self, Daemon};
use super::sip::{self, Invite};
use super::{Lab, Report, answerer};

const LISTED: &str = "+14155550101";
const UNLISTED: &str = "+13105550001";
const SBC: &str = "198.18.0.2:5060";
const CARRIER: &str = "198.18.0.1:0";
/// Two packets leave in this time, also where a timer is late.
const PATIENCE: Duration = Duration::from_millis(1400);

/// What is tried, one step after the other.
struct Steps<'a> {
    lab: &'a Lab,
    report: Report,
    calls: u32,
}

/// Runs the lab.
pub(crate) fn run(lab: &Lab) -> Result<Report> {
    answerer::start(lab, &[SBC.parse()?])?;
    let configuration = daemon::configuration(lab);
    let daemon = Daemon::start(lab, &configuration)?;
    let rule = daemon.ask(&["rule", "add", LISTED])?;
    let id = rule
        .get("id")
        .and_then(Value::as_u64)
        .context("a rule without an id")?
        .to_string();
    let report = Report::default();
    let mut steps = Steps {
        lab,
        report,
        calls: 0,
    };
    steps.both("with a daemon")?;

    daemon.kill()?;
    steps.both("daemon killed")?;

    let daemon = Daemon::start(lab, &configuration)?;
    steps.both("daemon back")?;
    let rule = daemon.ask(&["rule", "show", &id])?;
    let counted = format!(
        "{} calls, {} packets",
        number(&rule, "calls"),
        number(&rule, "packets")
    );
    steps
        .report
        .case("counted all the while", "3 calls, 6 packets", counted);

    daemon.ask(&["rule", "disable", &id])?;
    steps.call("rule switched off: listed", LISTED, "through")?;
    daemon.ask(&["rule", "enable", &id])?;
    steps.call("rule switched on: listed", LISTED, "blocked")?;
    daemon.ask(&["rule", "remove", &id])?;
    steps.call("rule removed: listed", LISTED, "through")?;
    daemon.ask(&["rule", "add", LISTED])?;
    steps.call("rule added again: listed", LISTED, "blocked")?;

    daemon.ask(&["detach"])?;
    steps.call("detached: listed", LISTED, "through")?;
    Ok(steps.report)
}

impl Steps<'_> {
    fn both(&mut self, when: &str) -> Result<()> {
        self.call(&format!("{when}: listed"), LISTED, "blocked")?;
        self.call(&format!("{when}: unlisted"), UNLISTED, "through")
    }

    /// Places a call and notes what became of it.
    fn call(&mut self, name: &str, caller: &str, expected: &str) -> Result<()> {
        self.calls += 1;
        let call_id = format!("restart-{}-{}", self.calls, std::process::id());
        let invite = Invite {
            destination: SBC.parse()?,
            request_uri: format!("sip:+13125550100@{SBC}"),
            headers: format!(
                "From: <sip:{caller}@{CARRIER}>;tag=1\r\nTo: <sip:+13125550100@{SBC}>\r\n\
                 Call-ID: {call_id}\r\nCSeq: 1 INVITE\r\n"
            ),
        };
        let source: SocketAddr = CARRIER.parse()?;
        let placed = self
            .lab
            .network
            .carrier
            .run(|| sip::place(source, &invite, PATIENCE))?;
        let reached = answerer::received(self.lab)?.contains(&call_id);
        let seen = match (reached, placed.answered) {
            (true, true) => "through",
            (false, false) => "blocked",
            (true, false) => "reached, but not answered",
            (false, true) => "answered, but by nobody of ours",
        };
        self.report.case(name, expected, seen.to_owned());
        Ok(())
    }
}

fn number(value: &Value, key: &str) -> u64 {
    value.get(key).and_then(Value::as_u64).unwrap_or_default()
}
