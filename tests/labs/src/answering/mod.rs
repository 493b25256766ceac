//! Blocked calls that are answered: the call is sent to the daemon in the kernel, the peer sees
//! nothing but the SBC's own address and port, and what listens there never sees the call.

pub(super) mod caller;
mod capture;
mod faults;
mod hosted;
mod statuses;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::daemon::{self, Daemon};
use super::{Lab, Report, answerer, cleanup};

use caller::{Caller, Heard};

const SBC: &str = "198.18.0.2:5060";
/// The SBC on the trunk whose calls are dropped while the daemon is not there.
const CLOSED: &str = "198.18.1.2:5060";
const SBC_V6: &str = "[fd00:b1ac::2]:5060";
const LISTED: &str = "+14155550101";
/// A caller that is told whom to ask.
const TOLD_WHY: &str = "+14155550102";
const UNLISTED: &str = "+13105550001";
/// How long an answer may take that is there at once.
const SOON: Duration = Duration::from_millis(1500);
/// How long the caller waits for one that must not come.
const NEVER: Duration = Duration::from_millis(400);

/// The lab while it runs.
struct Scene<'a> {
    lab: &'a Lab,
    daemon: Daemon<'a>,
    report: Report,
    calls: u32,
    /// Call-IDs that the daemon must have kept from what listens on the SBC's port.
    kept: Vec<String>,
}

/// The daemon's configuration here.
fn configuration(lab: &Lab, answering: &str) -> String {
    let plain = daemon::configuration(lab);
    let closed = plain.replace("trusted = true\n", "trusted = true\nwhen_down = \"drop\"\n");
    format!("{closed}\n[answering]\n{answering}\n")
}

const CONTACT: &str = "card = \"https://example.com/card\"\n[answering.contact]\n\
    url = \"https://example.com/redress\"\nid = \"lab-1\"\nlocation = \"LN\"\n";

/// What the daemon says is wrong.
fn problems(status: &Value) -> String {
    let problems = status.get("problems").and_then(Value::as_array);
    let texts = problems.into_iter().flatten().filter_map(Value::as_str);
    texts.collect::<Vec<_>>().join("; ")
}

/// Runs the lab.
pub(super) fn run(lab: &Lab) -> Result<Report> {
    let capture = capture::Capture::start(lab)?;
    let (mut report, answerer) = refuse(lab, faults::run)?;
    // Its port is Kamailio's from now on.
    cleanup::end(&answerer)?;
    hosted::run(lab, &mut report)?;
    no_strangers(capture, &mut report)?;
    Ok(report)
}

/// The part of it that needs nobody who could hear something, and no fast machine.
pub(super) fn refusals(lab: &Lab) -> Result<Report> {
    let capture = capture::Capture::start(lab)?;
    let (mut report, _) = refuse(lab, faults::of_the_daemon)?;
    no_strangers(capture, &mut report)?;
    Ok(report)
}

fn no_strangers(capture: capture::Capture, report: &mut Report) -> Result<()> {
    let strangers = capture.end()?;
    report.case(
        "packets to the carrier from another port than the SBC's, and than those of media",
        "none",
        strangers,
    );
    Ok(())
}

/// Calls that are refused; who answers the others is still there.
fn refuse(
    lab: &Lab,
    faults: fn(&mut Scene<'_>) -> Result<()>,
) -> Result<(Report, cleanup::Process)> {
    let addresses: Vec<SocketAddr> = [SBC, CLOSED, SBC_V6]
        .iter()
        .map(|address| address.parse())
        .collect::<Result<_, _>>()?;
    let answerer = answerer::start(lab, &addresses)?;
    let daemon = Daemon::start(lab, &configuration(lab, CONTACT))?;
    daemon.ask(&["rule", "add", LISTED, "--action", "reject"])?;
    let report = Report::default();
    let mut scene = Scene {
        lab,
        daemon,
        report,
        calls: 0,
        kept: Vec::new(),
    };
    scene.first()?;
    scene.ways()?;
    scene.wires()?;
    scene.dialog()?;
    statuses::run(&mut scene)?;
    scene.told()?;
    faults(&mut scene)?;
    scene.kept_from_the_proxy()?;
    let Scene { daemon, report, .. } = scene;
    daemon.kill()?;
    Ok((report, answerer))
}

impl Scene<'_> {
    /// A caller of the carrier's who is about to call.
    fn caller(&mut self, from: &str, number: &str, to: &str) -> Result<Caller> {
        self.calls += 1;
        Ok(Caller {
            source: from.parse()?,
            destination: to.parse()?,
            number: number.to_owned(),
            call_id: format!("answering-{}-{}", self.calls, std::process::id()),
            via: String::new(),
            more: String::new(),
            body: 0,
        })
    }

    /// Sends a message of a caller; what comes back to its address, or to another of the
    /// carrier's where it is expected.
    fn send(&self, caller: &Caller, method: &str, patience: Duration) -> Result<Option<Heard>> {
        self.lab
            .network
            .carrier
            .run(|| caller.send(method, caller.source, patience))
    }

    /// Notes that a call was refused by the SBC, from the port that was called.
    fn refused(&mut self, name: &str, caller: &Caller, status: &str) -> Result<Option<Heard>> {
        let heard = self.send(caller, "INVITE", SOON)?;
        self.kept.push(caller.call_id.clone());
        let seen = heard.as_ref().map_or("nothing".to_owned(), |heard| {
            format!("{} from {}", heard.status(), heard.from)
        });
        let expected = format!("{status} from {}", caller.destination);
        self.report.case(name, &expected, seen);
        Ok(heard)
    }

    /// The first call that is answered: the thread that answers begins a moment behind the daemon.
    fn first(&mut self) -> Result<()> {
        let began = Instant::now();
        let mut seen = "nothing".to_owned();
        while seen != "603 Decline" && began.elapsed() < Duration::from_secs(20) {
            let caller = self.caller("198.18.0.1:5069", LISTED, SBC)?;
            let heard = self.send(&caller, "INVITE", SOON)?;
            seen = heard.map_or("nothing".to_owned(), |heard| heard.status());
            if seen == "603 Decline" {
                self.kept.push(caller.call_id);
            }
        }
        self.report.case("the first answer", "603 Decline", seen);
        Ok(())
    }

    /// Where answers go: RFC 3581 and RFC 3261, 18.2.2.
    fn ways(&mut self) -> Result<()> {
        let mut caller = self.caller("198.18.0.1:5070", LISTED, SBC)?;
        caller.via = "SIP/2.0/UDP 198.18.0.1:5070;branch=z9hG4bK-a;rport".to_owned();
        let heard = self.refused("rport: refused", &caller, "603 Decline")?;
        let via = heard.map(|heard| heard.header("Via")).unwrap_or_default();
        self.report.case(
            "rport: Via is filled",
            "SIP/2.0/UDP 198.18.0.1:5070;branch=z9hG4bK-a;received=198.18.0.1;rport=5070",
            via,
        );
        for (name, via, at) in [
            (
                "no rport: the answer goes to the port of Via",
                "SIP/2.0/UDP 198.18.0.1:5071;branch=z9hG4bK-b",
                "198.18.0.1:5071",
            ),
            (
                "maddr: the answer goes there",
                "SIP/2.0/UDP 198.18.0.1:5072;maddr=198.18.1.1;branch=z9hG4bK-c",
                "198.18.1.1:5072",
            ),
        ] {
            let mut caller = self.caller("198.18.0.1:5070", LISTED, SBC)?;
            caller.via = via.to_owned();
            let at: SocketAddr = at.parse()?;
            let carrier = &self.lab.network.carrier;
            let heard = carrier.run(|| caller.send("INVITE", at, SOON))?;
            self.kept.push(caller.call_id.clone());
            let seen = heard.map_or("nothing".to_owned(), |heard| heard.status());
            self.report.case(name, "603 Decline", seen);
        }
        Ok(())
    }

    /// Both families, fragments both ways, with and without checksums made by the interface.
    fn wires(&mut self) -> Result<()> {
        let action = "reject:network-blocked";
        self.daemon
            .ask(&["rule", "add", TOLD_WHY, "--action", action])?;
        for offload in ["on", "off"] {
            self.lab.network.offload(offload)?;
            for (name, from, to) in [
                ("IPv4", "198.18.0.1:5073", SBC),
                ("IPv6", "[fd00:b1ac::1]:5073", SBC_V6),
            ] {
                let name = format!("{name}, checksum offload {offload}");
                let caller = self.caller(from, LISTED, to)?;
                self.refused(&name, &caller, "603 Decline")?;
                let mut caller = self.caller(from, LISTED, to)?;
                caller.body = 4000;
                self.refused(
                    &format!("{name}: a call in fragments"),
                    &caller,
                    "603 Decline",
                )?;
                // As long as a packet over IPv6 may be; the answer says more.
                let mut caller = self.caller(from, TOLD_WHY, to)?;
                let via = "Via: SIP/2.0/UDP proxy.example.com;branch=z9hG4bK-";
                let room = 1448 - caller.length() - via.len() - 2;
                caller.more = format!("{via}{}\r\n", "x".repeat(room));
                let heard = self.refused(
                    &format!("{name}: an answer in fragments"),
                    &caller,
                    "603 Network Blocked",
                )?;
                let length = heard.as_ref().map_or(0, |heard| heard.text.len());
                self.report.case(
                    &format!("{name}: it was long enough"),
                    "true",
                    length > 1480,
                );
                let vias = heard.map_or(0, |heard| heard.text.matches("\r\nVia: ").count());
                self.report
                    .case(&format!("{name}: all Via are there"), "2", vias);
            }
        }
        self.lab.network.offload("on")
    }

    /// What belongs to a refused call.
    fn dialog(&mut self) -> Result<()> {
        let caller = self.caller("198.18.0.1:5074", LISTED, SBC)?;
        let first = self.refused("a call: refused", &caller, "603 Decline")?;
        let again = self.send(&caller, "INVITE", SOON)?;
        let same = first.is_some() && first == again;
        self.report.case(
            "its repetition gets the same answer, tag and all",
            "true",
            same,
        );
        for (method, expected) in [
            ("ACK", "nothing"),
            ("CANCEL", "nothing"),
            ("BYE", "481 Call/Transaction Does Not Exist"),
        ] {
            let patience = if expected == "nothing" { NEVER } else { SOON };
            let heard = self.send(&caller, method, patience)?;
            let seen = heard.map_or("nothing".to_owned(), |heard| heard.status());
            self.report
                .case(&format!("its {method} is answered with"), expected, seen);
        }
        let caller = self.caller("198.18.0.1:5075", UNLISTED, SBC)?;
        for method in ["INVITE", "ACK", "BYE"] {
            self.send(&caller, method, NEVER)?;
        }
        let reached = answerer::messages(self.lab)?;
        let seen = reached
            .iter()
            .filter(|(_, id)| *id == caller.call_id)
            .count();
        self.report
            .case("all of another call reaches who listens there", "3", seen);
        Ok(())
    }

    /// What the daemon says of it all.
    fn told(&mut self) -> Result<()> {
        std::thread::sleep(Duration::from_millis(500));
        let calls = self.daemon.ask(&["calls", "--limit", "1000"])?;
        let rows = calls
            .get("calls")
            .and_then(Value::as_array)
            .context("no calls")?;
        let of = |id: &str| {
            let found = rows
                .iter()
                .find(|row| row.get("call_id").and_then(Value::as_str) == Some(id));
            found.map_or("nothing".to_owned(), |row| {
                let text = |key: &str| match row.get(key) {
                    Some(Value::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                    None => String::new(),
                };
                format!("{} {} {}", text("action"), text("outcome"), text("status"))
            })
        };
        let first = self.kept.first().cloned().unwrap_or_default();
        let seen = of(&first);
        self.report.case(
            "the log has action, outcome and status",
            "reject steered 603",
            seen,
        );
        let status = self.daemon.ask(&["status"])?;
        let steered = status
            .pointer("/outcomes/steered/calls")
            .and_then(Value::as_u64);
        let expected = self.kept.len().to_string();
        self.report.case(
            "status: calls that were steered",
            &expected,
            steered.unwrap_or_default(),
        );
        let answered = status
            .pointer("/answers/sent")
            .and_then(Value::as_object)
            .map(|sent| sent.contains_key("603") && sent.contains_key("433"));
        self.report.case(
            "status: answers by status",
            "true",
            answered.unwrap_or_default(),
        );
        let seen = problems(&status);
        self.report.case("status: problems", "", seen);
        // Of the two hooks, one shows its programs at the queueing discipline.
        let hook = match self.lab.network.egress_filters()? {
            0 => "tcx",
            _ => "clsact",
        };
        let seen = status.pointer("/interfaces/0/reply_hook");
        let seen = seen.and_then(Value::as_str).unwrap_or("nothing");
        self.report
            .case("status: where answers get their port", hook, seen);
        Ok(())
    }

    /// Nothing of a refused call reached who listens on the SBC's port.
    fn kept_from_the_proxy(&mut self) -> Result<()> {
        let reached = answerer::messages(self.lab)?;
        let seen = reached
            .iter()
            .filter(|(_, id)| self.kept.contains(id))
            .map(|(method, id)| format!("{method} of {id}"))
            .collect::<Vec<_>>();
        self.report.case(
            "messages of refused calls at who listens there",
            "0",
            seen.len(),
        );
        Ok(())
    }
}
