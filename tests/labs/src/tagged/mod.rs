//! Calls over tagged interfaces (IEEE 802.1Q), as of a carrier that hands over its trunk in a VLAN:
//! the program stands on the interface that sees the tags, and the same calls come untagged, with
//! one tag and with two. Needs a kernel that has such interfaces.

mod frames;
mod wires;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

use self::frames::Frames;
use self::wires::{SETTINGS, Setting, TAGGED, WIRES, Wire};
use super::answering::caller::Caller;
use super::daemon::{self, Daemon};
use super::network::SBC_INTERFACE;
use super::{Lab, Report, answerer};

const DROPPED: &str = "+14155550101";
const REFUSED: &str = "+14155550102";
const UNLISTED: &str = "+13105550001";
/// How long an answer may take that must come: no judgement of how fast a machine is.
const LONG: Duration = Duration::from_secs(10);
/// How long the caller waits for one that must not come; that none was given is asked of the
/// daemon, too.
const SHORT: Duration = Duration::from_millis(400);

/// What is tried, one after the other.
struct Trial<'a> {
    lab: &'a Lab,
    report: Report,
    frames: Frames,
    calls: u32,
}

/// What the daemon must have counted at the end of a round.
#[derive(Default)]
struct Counted {
    dropped: u64,
    steered: u64,
    dialog: u64,
}

/// Runs the lab.
pub(super) fn run(lab: &Lab) -> Result<Report> {
    wires::make(&lab.network)?;
    let addresses: Vec<SocketAddr> = WIRES.iter().map(Wire::to).collect::<Result<_>>()?;
    answerer::start(lab, &addresses)?;
    let mut trial = Trial {
        lab,
        report: Report::default(),
        frames: Frames::start(&lab.network)?,
        calls: 0,
    };
    let all: Vec<&Wire> = WIRES.iter().collect();
    let tagged: Vec<&Wire> = all
        .iter()
        .copied()
        .filter(|wire| wire.tags == [100])
        .collect();
    trial.round(SBC_INTERFACE, "native", &all)?;
    trial.round(SBC_INTERFACE, "generic", &all)?;
    trial.round(TAGGED, "generic", &tagged)?;
    trial.refusal(TAGGED)?;
    Ok(trial.report)
}

/// The daemon's configuration with the program on an interface.
fn configuration(lab: &Lab, interface: &str, xdp: &str) -> String {
    let networks: Vec<String> = WIRES.iter().map(Wire::network).collect();
    daemon::configuration(lab)
        .replace(
            &format!("name = \"{SBC_INTERFACE}\"\nxdp = \"native\""),
            &format!("name = \"{interface}\"\nxdp = \"{xdp}\""),
        )
        .replace(
            "peers = [\"198.18.0.0/24\", \"fd00:b1ac::/64\"]",
            &format!("peers = [{}]", networks.join(", ")),
        )
}

impl Trial<'_> {
    /// All wires in all settings, with the program on an interface.
    fn round(&mut self, interface: &str, xdp: &str, wires: &[&Wire]) -> Result<()> {
        let lab = self.lab;
        let daemon = Daemon::start(lab, &configuration(lab, interface, xdp))?;
        let rules = daemon.ask(&["rule", "list"])?;
        if rules
            .get("rules")
            .and_then(Value::as_array)
            .is_none_or(Vec::is_empty)
        {
            daemon.ask(&["rule", "add", DROPPED])?;
            daemon.ask(&["rule", "add", REFUSED, "--action", "reject"])?;
        }
        let round = format!("{xdp} on {interface}");
        let status = daemon.ask(&["status"])?;
        for (name, key, expected) in [
            ("XDP", "xdp_mode", xdp),
            ("answers by", "reply_hook", "clsact"),
        ] {
            let seen = status.pointer(&format!("/interfaces/0/{key}"));
            let seen = seen.and_then(Value::as_str).unwrap_or("nothing");
            self.report
                .case(&format!("{round}: {name}"), expected, seen);
        }
        let before = Counted::of(&status);
        for setting in &SETTINGS {
            for feature in setting.features {
                lab.network.features(feature)?;
            }
            for wire in wires {
                let name = format!("{round}, {}, {}", setting.name, wire.name);
                self.calls_over(wire, setting, &name)?;
            }
        }
        let status = daemon.ask(&["status"])?;
        let calls = (wires.len() * SETTINGS.len()).to_string();
        let after = Counted::of(&status);
        for (name, seen) in [
            ("dropped", after.dropped - before.dropped),
            ("answered by the daemon", after.steered - before.steered),
            ("ACK that it has got", after.dialog - before.dialog),
        ] {
            self.report.case(&format!("{round}: {name}"), &calls, seen);
        }
        daemon.ask(&["detach"])?;
        daemon.kill()
    }

    /// One call of each kind.
    fn calls_over(&mut self, wire: &Wire, setting: &Setting, name: &str) -> Result<()> {
        let caller = self.caller(wire, DROPPED)?;
        let seen = self.fate(&caller, "INVITE", SHORT)?;
        self.report
            .case(&format!("{name}: dropped"), "nothing", seen);

        let caller = self.caller(wire, UNLISTED)?;
        let seen = self.fate(&caller, "INVITE", LONG)?;
        let to = caller.destination;
        self.report.case(
            &format!("{name}: let through"),
            &format!("200 OK from {to}, reached who listens there"),
            seen,
        );

        self.frames.forget()?;
        let caller = self.caller(wire, REFUSED)?;
        let seen = self.fate(&caller, "INVITE", LONG)?;
        self.report.case(
            &format!("{name}: refused"),
            &format!("603 Decline from {to}"),
            seen,
        );
        if setting.in_frames {
            let expected = frames::expected(wire, setting);
            for (message, port) in [("INVITE", caller.source.port()), ("SIP/2.0 603", to.port())] {
                let frame = self.frames.find(&caller.call_id, message)?;
                let seen = frame.map_or("no such frame".to_owned(), |frame| {
                    format!("{}, port {}", frame.tell(setting), frame.source())
                });
                let what = format!("{name}: frame of {message}");
                let expected = format!("{expected}, port {port}");
                self.report.case(&what, &expected, seen);
            }
        }
        let seen = self.fate(&caller, "ACK", SHORT)?;
        self.report
            .case(&format!("{name}: its ACK"), "nothing", seen);
        Ok(())
    }

    fn caller(&mut self, wire: &Wire, number: &str) -> Result<Caller> {
        self.calls += 1;
        Ok(Caller {
            source: wire.from()?,
            destination: wire.to()?,
            number: number.to_owned(),
            call_id: format!("tagged-{}-{}-", self.calls, std::process::id()),
            via: String::new(),
            more: String::new(),
            body: 0,
        })
    }

    /// What comes back, and whether who listens there has got it.
    fn fate(&self, caller: &Caller, method: &str, patience: Duration) -> Result<String> {
        let carrier = &self.lab.network.carrier;
        let heard = carrier.run(|| caller.send(method, caller.source, patience))?;
        let sent = (method.to_owned(), caller.call_id.clone());
        let reached = answerer::messages(self.lab)?.contains(&sent);
        let heard = heard.map_or("nothing".to_owned(), |heard| {
            format!("{} from {}", heard.status(), heard.from)
        });
        let reached = if reached {
            ", reached who listens there"
        } else {
            ""
        };
        Ok(format!("{heard}{reached}"))
    }

    /// Native mode on an interface that has none is refused, with what to do.
    fn refusal(&mut self, interface: &str) -> Result<()> {
        let configuration = configuration(self.lab, interface, "native");
        let error = match Daemon::start(self.lab, &configuration) {
            Ok(_) => "started".to_owned(),
            Err(error) => format!("{error:#}"),
        };
        let told = error.contains("does not take a native XDP program")
            && error.contains("set xdp = \"generic\"");
        let seen = if told {
            "refused, with a remedy"
        } else {
            &error
        };
        self.report.case(
            &format!("native on {interface}"),
            "refused, with a remedy",
            seen,
        );
        Ok(())
    }
}

impl Counted {
    fn of(status: &Value) -> Self {
        let number = |pointer: &str| {
            let number = status.pointer(&format!("/outcomes/{pointer}"));
            number.and_then(Value::as_u64).unwrap_or_default()
        };
        Self {
            dropped: number("dropped/packets"),
            steered: number("steered/packets"),
            dialog: number("steered-dialog/packets"),
        }
    }
}
