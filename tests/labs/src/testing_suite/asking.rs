//! Asterisk on the SBC's port, which asks about every call: with the examples as they stand, and with
//! the endpoints that their heads name.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::asterisk::Asterisk;
use crate::companion::{PROXY, Row, Scene, TOLD, UNLISTED, faults, odd_callers};
use crate::phone::{Phone, Stage};
use crate::sound::Sound;
use crate::{Lab, Report, answerer, hearing};
use xtask::workspace;

/// What an Asterisk has of its own: the trunk, and the phone behind.
const ENDPOINTS: &str = "[transport-udp]
type = transport
protocol = udp
bind = 0.0.0.0:5060

[transport-tcp]
type = transport
protocol = tcp
bind = 0.0.0.0:5060

[trunk]
type = endpoint
context = from-trunk
disallow = all
allow = ulaw,alaw
direct_media = no

[trunk]
type = identify
endpoint = trunk
match = 198.18.0.1

[phone]
type = endpoint
transport = transport-udp
aors = phone
disallow = all
allow = ulaw,alaw
direct_media = no

[phone]
type = aor
contact = sip:127.0.0.1:5070
";

/// The dial plan behind an example: it says at the phone which call of the trunk's each is.
const INTERNAL: &str = "
[internal]
exten => _[+0-9].,1,Dial(PJSIP/${EXTEN}@phone,30,b(lab^call^1(${CHANNEL(pjsip,call-id)})))
 same => n,Hangup()

[lab]
exten => call,1,Set(PJSIP_HEADER(add,X-Lab-Call)=${ARG1})
 same => n,Return()
";

/// What both want of `[companion]`, and somebody to whom calls are diverted.
const COMPANION: &str = "media_host = \"127.0.0.1\"
trunk = \"carrier\"
[[answering.target]]
name = \"desk\"
addresses = [\"sip:600@127.0.0.1:5070\"]
";

/// Statuses that rules may ask for, and a number for each.
const STATUSES: &[(&str, &str)] = &[
    ("403", "+14155550303"),
    ("404", "+14155550304"),
    ("433", "+14155550333"),
    ("480", "+14155550380"),
    ("486", "+14155550386"),
    ("600", "+14155550400"),
    ("603", "+14155550403"),
    ("607", "+14155550407"),
];
/// Its rule names a target.
const DIVERTED: &str = "+14155550108";
/// A phone of the carrier's.
const CALLER: &str = "198.18.0.1:5066";

/// An example.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Example {
    /// By HTTP.
    Extensions,
    /// By the redirect server.
    Redirect,
}

pub(super) fn run(lab: &Lab, report: &mut Report) -> Result<()> {
    for example in [Example::Extensions, Example::Redirect] {
        let mut scene = Scene::start(lab, COMPANION)?;
        let asterisk = example.start(lab)?;
        calls(&mut scene, example)?;
        diverted(&mut scene, example)?;
        statuses(&mut scene, example)?;
        faults::run(&mut scene, &example.title())?;
        if example == Example::Extensions {
            faults::known(&mut scene, &example.title())?;
        }
        asterisk.end()?;
        let mut part = scene.end()?;
        report.cases.append(&mut part.cases);
        report.figures.append(&mut part.figures);
    }
    Ok(())
}

impl Example {
    const fn file(self) -> &'static str {
        match self {
            Self::Extensions => "extensions.conf",
            Self::Redirect => "redirect.conf",
        }
    }

    /// What the names of its cases begin with.
    fn title(self) -> String {
        format!("Asterisk, {}", self.file())
    }

    /// Starts Asterisk with it.
    fn start(self, lab: &Lab) -> Result<Asterisk<'_>> {
        let folder = workspace::root()?.join("config/examples/asterisk");
        let text = std::fs::read_to_string(folder.join(self.file()))
            .with_context(|| format!("cannot read the example {}", self.file()))?;
        let endpoints = format!("{ENDPOINTS}{}", endpoints_of(&text));
        let asterisk = Asterisk::start(lab, &endpoints, &format!("{text}{INTERNAL}"))?;
        // Its first probe has to find whom it asks.
        std::thread::sleep(Duration::from_millis(1500));
        Ok(asterisk)
    }
}

/// The endpoints that an example's head says `pjsip.conf` has to have.
fn endpoints_of(example: &str) -> String {
    let head = example.lines().take_while(|line| line.starts_with(';'));
    let behind = head
        .skip_while(|line| !line.starts_with("; pjsip.conf:"))
        .skip(1);
    let own = behind.take_while(|line| *line == ";" || line.starts_with(";   "));
    own.map(|line| line.trim_start_matches(';').trim_start().to_owned() + "\n")
        .collect()
}

/// All of sipp's calls, and what the log says of each.
fn calls(scene: &mut Scene<'_>, example: Example) -> Result<()> {
    let mut rows = Row::all("asterisk")?;
    if example == Example::Redirect {
        // It asks by calls of its own, which the log has by other Call-IDs.
        rows.iter_mut().for_each(|row| row.logged = "");
    }
    scene.calls(&example.title(), &rows)
}

/// Every status that a rule may ask for, and callers that withhold who they are.
fn statuses(scene: &mut Scene<'_>, example: Example) -> Result<()> {
    let title = example.title();
    for (status, number) in STATUSES {
        let action = format!("reject:{status}");
        scene
            .daemon
            .ask(&["rule", "add", number, "--action", &action])?;
        // 404 is how the redirect server lets calls go on.
        let expected = if *status == "404" { "603" } else { status };
        let seen = scene.by_tcp(number)?;
        let name = format!("{title}: listed for {status}, by TCP");
        scene.report.case(&name, expected, code(&seen));
    }
    for (name, from) in odd_callers() {
        let seen = scene.by_tcp(&from)?;
        let name = format!("{title}: listed, {name}, by TCP");
        scene.report.case(&name, "603", code(&seen));
    }
    scene
        .daemon
        .ask(&["rule", "add", "anonymous", "--action", "reject"])?;
    let seen = scene.by_tcp("anonymous")?;
    let name = format!("{title}: anonymous by name, by TCP");
    scene.report.case(&name, "433", code(&seen));
    if example == Example::Extensions {
        let seen = scene.by_tcp_with(UNLISTED, "Privacy: id\r\n")?;
        let name = format!("{title}: the number withheld, by TCP");
        scene.report.case(&name, "433", code(&seen));
    }
    Ok(())
}

/// The code of a status line.
fn code(status: &str) -> &str {
    status.split(' ').next().unwrap_or_default()
}

/// Calls that are diverted: to the media host, which says something, and to somebody else.
fn diverted(scene: &mut Scene<'_>, example: Example) -> Result<()> {
    let title = example.title();
    let caller = Phone::start(
        scene.lab,
        &scene.lab.network.carrier,
        CALLER.parse()?,
        example.file(),
        None,
    )?;
    caller.dial(&format!("sip:+13125550100@{PROXY};transport=tcp"), TOLD)?;
    let end = caller.wait_for(Stage::Closed, Duration::from_secs(20));
    let name = format!("{title}: listed to be told, a phone, by TCP");
    scene
        .report
        .case(&name, "603 Decline", end.unwrap_or_default());
    let found = hearing::find(&Sound::prompt("en/rejected")?, &caller.heard()?);
    let heard = if found.is_whole() {
        "all of it".to_owned()
    } else {
        format!("{found:?}")
    };
    scene
        .report
        .case(&format!("{name}: the announcement"), "all of it", heard);
    caller.vanish()?;
    scene
        .daemon
        .ask(&["rule", "add", DIVERTED, "--action", "redirect:desk"])?;
    let before = answerer::received(scene.lab)?.len();
    let (seen, _) = scene.sipp("proxied.xml", "t1", DIVERTED)?;
    let name = format!("{title}: diverted to a target, by TCP");
    scene.report.case(&name, "200, not at the phone", seen);
    let more = answerer::received(scene.lab)?.len() - before;
    scene
        .report
        .case(&format!("{name}: calls at the target"), "1", more);
    Ok(())
}
