//! Asterisk as the host to which blocked calls are diverted: it answers, says a tone or what it hears,
//! rings, refuses, hangs up. It writes down what it was told of each call.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::asterisk::Asterisk;
use crate::daemon::{self, Daemon};
use crate::phone::{Phone, Stage};
use crate::sound::Sound;
use crate::{Lab, Report, hearing};

const CALLER: &str = "198.18.0.1:5060";
const SBC: &str = "198.18.0.2:5060";
const CALLED: &str = "+13105550001";
/// Where nobody is.
const NOBODY: &str = "198.18.0.3:5099";
/// Where Asterisk is.
const HOST: &str = "198.18.0.3:5090";
/// What it says.
const HOST_TONE: f64 = 700.0;
/// What the caller says.
const CALLER_TONE: f64 = 1000.0;
/// How long anything may take that takes no time of its own.
const SOON: Duration = Duration::from_secs(4);
/// How long an address may take that is down, and what is around it.
const LATER: Duration = Duration::from_secs(12);

const DIVERTED: &str = "+14155550501";
const ECHOED: &str = "+14155550502";
const RUNG: &str = "+14155550503";
const BUSY: &str = "+14155550504";
const EARLY: &str = "+14155550505";
const MOVED: &str = "+14155550506";

/// A target by its name, the extensions of its addresses, and who is sent there.
const TARGETS: &[(&str, &str, &str)] = &[
    ("tone", "600", DIVERTED),
    ("echo", "601", ECHOED),
    ("ring", "602", RUNG),
    ("busy", "603", BUSY),
    ("early", "604", EARLY),
];

/// Asterisk's endpoints: the SBC, and the caller where it is told to call there itself.
const ENDPOINTS: &str = "[transport-udp]
type = transport
protocol = udp
bind = 198.18.0.3:5090

[blacklist]
type = endpoint
context = diverted
disallow = all
allow = ulaw,alaw

[blacklist]
type = identify
endpoint = blacklist
match = 198.18.0.1,198.18.0.2,198.18.0.3
";

/// What it does with each call.
const DIAL_PLAN: &str = "[diverted]
exten => 600,1,Gosub(told,s,1)
 same => n,Answer()
 same => n,Playtones(700)
 same => n,Wait(60)

exten => 601,1,Answer()
 same => n,Set(TIMEOUT(absolute)=4)
 same => n,Echo()

exten => 602,1,Ringing()
 same => n,Wait(2)
 same => n,Answer()
 same => n,Wait(60)

exten => 603,1,Hangup(17)

exten => 604,1,Progress()
 same => n,Playtones(700)
 same => n,Wait(60)

[told]
exten => s,1,Set(FILE(TOLD,,,al,u)=From: ${PJSIP_HEADER(read,From)})
 same => n,Set(FILE(TOLD,,,al,u)=Diversion: ${PJSIP_HEADER(read,Diversion)})
 same => n,Set(FILE(TOLD,,,al,u)=Reason: ${PJSIP_HEADER(read,Reason)})
 same => n,Set(FILE(TOLD,,,al,u)=X-Blacklist-Rule: ${PJSIP_HEADER(read,X-Blacklist-Rule)})
 same => n,Return()
";

/// This part of the lab while it runs.
struct Scene<'a> {
    report: &'a mut Report,
    daemon: Daemon<'a>,
    asterisk: Asterisk<'a>,
    caller: Phone,
}

/// The daemon's configuration: of each target, the first address is down.
fn configuration(lab: &Lab) -> String {
    let mut text = daemon::configuration(lab);
    for (name, extension, _) in TARGETS {
        text.push_str(&format!(
            "\n[[answering.target]]\nname = \"{name}\"\nanswer_within_seconds = 1\n\
             addresses = [\"sip:{extension}@{NOBODY}\", \"sip:{extension}@{HOST}\"]\n"
        ));
    }
    text + &format!(
        "\n[[answering.target]]\nname = \"away\"\nmethod = \"302\"\naddresses = [\"sip:600@{HOST}\"]\n"
    )
}

/// Runs this part.
pub(super) fn run(lab: &Lab, report: &mut Report) -> Result<()> {
    let daemon = Daemon::start(lab, &configuration(lab))?;
    daemon.remove_rules()?;
    for (name, _, number) in TARGETS {
        let action = format!("redirect:{name}");
        daemon.ask(&["rule", "add", number, "--action", &action])?;
    }
    daemon.ask(&["rule", "add", MOVED, "--action", "redirect:away"])?;
    let told = lab.folder.join("told");
    let dial_plan = DIAL_PLAN.replace("TOLD", &told.display().to_string());
    let tone = Sound::tone(CALLER_TONE, Duration::from_secs(60));
    let mut scene = Scene {
        report,
        daemon,
        asterisk: Asterisk::start(lab, ENDPOINTS, &dial_plan)?,
        caller: Phone::start(
            lab,
            &lab.network.carrier,
            CALLER.parse()?,
            "caller",
            Some(&tone),
        )?,
    };
    by_leg(&mut scene, &told)?;
    echoed(&mut scene)?;
    rung(&mut scene)?;
    given_up(&mut scene)?;
    busy(&mut scene)?;
    moved(&mut scene)?;
    ended(&mut scene)?;
    scene.asterisk.end()?;
    away(lab, scene.report, &scene.caller)
}

/// Calls from a listed number.
fn dial(caller: &Phone, number: &str) -> Result<()> {
    caller.dial(&format!("sip:{CALLED}@{SBC}"), number)
}

impl Scene<'_> {
    fn case(&mut self, name: &str, expected: &str, seen: impl ToString) {
        let name = format!("Asterisk as a target: {name}");
        self.report.case(&name, expected, seen);
    }

    /// Whether the caller's phone is told of a stage, and what.
    fn seen(&self, stage: Stage) -> String {
        let text = self.caller.wait_for(stage, LATER);
        text.unwrap_or_else(|| format!("not {stage:?}"))
    }

    /// How many channels Asterisk has, once it has as many as it should.
    fn channels(&mut self, name: &str, wanted: u32) -> Result<()> {
        let channels = self.asterisk.wait_for_channels(wanted, SOON)?;
        self.case(&format!("{name}: channels"), &wanted.to_string(), channels);
        Ok(())
    }

    /// Whether a tone was heard for more than a second.
    fn hears(&mut self, name: &str, hertz: f64) -> Result<()> {
        let heard = hearing::tone(&self.caller.heard()?, hertz);
        let long = heard > Duration::from_secs(1);
        self.case(name, "true", long);
        Ok(())
    }
}

/// Asterisk, the second address, answers; the caller hangs up.
fn by_leg(scene: &mut Scene<'_>, told: &Path) -> Result<()> {
    dial(&scene.caller, DIVERTED)?;
    let answered = scene.caller.wait_for(Stage::Established, LATER).is_some();
    scene.case("the second address answers", "true", answered);
    std::thread::sleep(Duration::from_secs(3));
    scene.hears("the caller hears it", HOST_TONE)?;
    scene.channels("answered", 1)?;
    let text = std::fs::read_to_string(told).context("asterisk wrote nothing down")?;
    let header = |name: &str| {
        let mut lines = text.lines().filter_map(|line| line.split_once(": "));
        let found = lines.find(|(header, _)| *header == name);
        found.map_or("", |(_, value)| value).to_owned()
    };
    let from = header("From");
    let from = from.split(['<', '>']).nth(1).unwrap_or_default();
    // Asterisk leaves the usual port out.
    let caller = CALLER.trim_end_matches(":5060");
    scene.case("From", &format!("sip:{DIVERTED}@{caller}"), from);
    scene.case(
        "Diversion",
        &format!("<sip:{CALLED}@{SBC}>;reason=unconditional;counter=1"),
        header("Diversion"),
    );
    scene.case(
        "Reason",
        "SIP;cause=603;text=\"listed caller\"",
        header("Reason"),
    );
    let rules = scene.daemon.ask(&["rule", "list", "--search", DIVERTED])?;
    let id = rules.pointer("/rules/0/id").and_then(Value::as_u64);
    scene.case(
        "X-Blacklist-Rule",
        &id.unwrap_or_default().to_string(),
        header("X-Blacklist-Rule"),
    );
    scene.caller.hang_up()?;
    scene.channels("the caller hangs up", 0)
}

/// What the caller says comes back; Asterisk hangs up.
fn echoed(scene: &mut Scene<'_>) -> Result<()> {
    dial(&scene.caller, ECHOED)?;
    let end = scene.seen(Stage::Closed);
    scene.case("it hangs up", "Connection reset by peer", end);
    scene.hears("the caller hears what it has said", CALLER_TONE)?;
    scene.channels("it hangs up", 0)
}

/// It rings first.
fn rung(scene: &mut Scene<'_>) -> Result<()> {
    dial(&scene.caller, RUNG)?;
    let rings = scene.caller.wait_for(Stage::Ringing, LATER).is_some();
    scene.case("it rings", "true", rings);
    let answered = scene.caller.wait_for(Stage::Established, SOON).is_some();
    scene.case("it answers then", "true", answered);
    scene.caller.hang_up()?;
    scene.channels("the caller hangs up behind the ringing", 0)
}

/// It has media before it answers, and the caller gives up.
fn given_up(scene: &mut Scene<'_>) -> Result<()> {
    dial(&scene.caller, EARLY)?;
    let early = scene.caller.wait_for(Stage::EarlyMedia, LATER).is_some();
    scene.case("media before the answer", "true", early);
    std::thread::sleep(Duration::from_secs(2));
    scene.hears("the caller hears media before the answer", HOST_TONE)?;
    scene.caller.hang_up()?;
    scene.channels("the caller gives up", 0)
}

/// It refuses.
fn busy(scene: &mut Scene<'_>) -> Result<()> {
    dial(&scene.caller, BUSY)?;
    let end = scene.seen(Stage::Closed);
    scene.case("it is busy", "486 Busy Here", end);
    Ok(())
}

/// The caller is told to call there itself, and does.
fn moved(scene: &mut Scene<'_>) -> Result<()> {
    dial(&scene.caller, MOVED)?;
    std::thread::sleep(Duration::from_secs(1));
    let messages = scene.caller.messages()?;
    let moved = messages
        .iter()
        .rfind(|message| message.first_line().starts_with("SIP/2.0 302"));
    let contact = moved.map_or("no 302".to_owned(), |message| {
        message.header("Contact").to_owned()
    });
    scene.case("302", &format!("<sip:600@{HOST}>;q=1.000"), &contact);
    let followed = scene.caller.wait_for(Stage::Established, SOON).is_some();
    scene.case("302: the caller follows, and is answered", "true", followed);
    std::thread::sleep(Duration::from_secs(2));
    scene.hears("302: the caller hears it", HOST_TONE)?;
    scene.caller.hang_up()?;
    scene.channels("302: the caller hangs up", 0)
}

/// The daemon ends in the middle of a call.
fn ended(scene: &mut Scene<'_>) -> Result<()> {
    dial(&scene.caller, DIVERTED)?;
    let answered = scene.caller.wait_for(Stage::Established, LATER).is_some();
    scene.case("answered again", "true", answered);
    scene.channels("answered again", 1)?;
    scene.daemon.signal(Signal::SIGTERM)?;
    let end = scene.seen(Stage::Closed);
    scene.case("blacklistd ends", "Connection reset by peer", end);
    scene.channels("blacklistd ends", 0)?;
    scene.daemon.kill()
}

/// Asterisk is away: the fallback.
fn away(lab: &Lab, report: &mut Report, caller: &Phone) -> Result<()> {
    let daemon = Daemon::start(lab, &configuration(lab))?;
    dial(caller, DIVERTED)?;
    let end = caller.wait_for(Stage::Closed, LATER);
    report.case(
        "Asterisk as a target: away",
        "603 Decline",
        end.unwrap_or_else(|| "not closed".to_owned()),
    );
    daemon.kill()
}
