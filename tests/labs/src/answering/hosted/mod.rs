//! Blocked calls that hear something: announcements, music, a question for the PIN, somebody else.
//! The callers are phones and sipp, the proxy on the SBC's port is Kamailio, and behind it there is
//! a phone that answers.

mod announcements;
mod diverted;
mod habits;
mod held;
mod pins;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::SBC;
use crate::daemon::{self, Daemon};
use crate::hearing;
use crate::phone::{Answers, Phone, Stage};
use crate::proxy::{Proxy, Routing};
use crate::sound::Sound;
use crate::{Lab, Report};

/// A caller of the trunk's, who says a tone.
const ALICE: &str = "198.18.0.1:5060";
/// Another, who is held.
const DAVE: &str = "198.18.0.1:5062";
/// A caller whose address is of no trunk.
const STRANGER: &str = "198.18.2.1:5064";
/// The SBC as the stranger sees it.
const SBC_FOR_STRANGERS: &str = "198.18.2.2:5060";
/// Who answers behind the proxy; at an address of its own, as the SBC is not to be seen from there.
const BOB: &str = "198.18.0.4:5070";
/// To whom calls are diverted.
const CAROL: &str = "198.18.0.3:5090";
const BOB_NUMBER: &str = "+13105550001";
const CAROL_NUMBER: &str = "600";
const ALICE_TONE: f64 = 1000.0;
const BOB_TONE: f64 = 500.0;
const CAROL_TONE: f64 = 700.0;
/// The tone of the operator's own prompt.
const OWN_TONE: f64 = 1500.0;

const ANNOUNCED: &str = "+14155550201";
const OWN_PROMPT: &str = "+14155550202";
const HELD: &str = "+14155550203";
const TALKED_TO: &str = "+14155550204";
const ASKED: &str = "+14155550205";
const DIVERTED: &str = "+14155550206";
const MOVED: &str = "+14155550207";
/// Held, and off the wire without a word.
const VANISHED: &str = "+14155550209";
const LOST: &str = "+14155550208";

/// How long a phone may take for what it does at once.
const SOON: Duration = Duration::from_secs(4);
/// How long a prompt and what is around it may take.
const PROMPT: Duration = Duration::from_secs(15);

/// The lab while it runs.
struct Scene<'a> {
    lab: &'a Lab,
    daemon: Daemon<'a>,
    report: &'a mut Report,
    proxy: Proxy,
    alice: Phone,
    dave: Phone,
    bob: Phone,
    carol: Phone,
}

/// The daemon's configuration here.
fn configuration(lab: &Lab, calls: u32, torments: u32) -> String {
    let prompts = lab.folder.join("prompts");
    format!(
        "{}\n[answering.media]\nprompts = {prompts:?}\nmaximum_calls = {calls}\n\
         [answering.torment]\nmaximum_calls = {torments}\n\
         [answering.pin]\ntries = 2\ngrant_minutes = 5\n\
         [[answering.target]]\nname = \"operator\"\nanswer_within_seconds = 2\n\
         addresses = [\"sip:{CAROL_NUMBER}@198.18.0.3:5099\", \"sip:{CAROL_NUMBER}@{CAROL}\"]\n\
         [[answering.target]]\nname = \"away\"\nmethod = \"302\"\naddresses = [\"sip:{CAROL_NUMBER}@{CAROL}\"]\n\
         [[answering.target]]\nname = \"lost\"\nanswer_within_seconds = 1\naddresses = [\"sip:1@198.18.0.3:5099\"]\n",
        daemon::configuration(lab)
    )
}

/// Runs this part of the lab.
pub(super) fn run(lab: &Lab, report: &mut Report) -> Result<()> {
    let own = lab.folder.join("prompts/en");
    std::fs::create_dir_all(&own)?;
    Sound::tone(OWN_TONE, Duration::from_secs(2)).write(&own.join("closed.wav"))?;
    let daemon = Daemon::start(lab, &configuration(lab, 200, 8))?;
    daemon.remove_rules()?;
    for (number, action) in [
        (ANNOUNCED, "announce"),
        (OWN_PROMPT, "announce:closed"),
        (HELD, "torment:1m"),
        (VANISHED, "torment:1m"),
        (TALKED_TO, "torment-interactive:1m"),
        (ASKED, "pin"),
        (DIVERTED, "redirect:operator"),
        (MOVED, "redirect:away"),
        (LOST, "redirect:lost"),
        ("anonymous", "announce"),
    ] {
        daemon.ask(&["rule", "add", number, "--action", action])?;
    }
    let (carrier, sbc) = (&lab.network.carrier, &lab.network.sbc);
    let tone = |hertz| Sound::tone(hertz, Duration::from_secs(120));
    let mut scene = Scene {
        lab,
        daemon,
        report,
        proxy: Proxy::start(lab, sbc, SBC.parse()?, Routing::To(BOB.parse()?))?,
        alice: Phone::start(
            lab,
            carrier,
            ALICE.parse()?,
            "alice",
            Some(&tone(ALICE_TONE)),
        )?,
        dave: Phone::start(lab, carrier, DAVE.parse()?, "dave", None)?,
        bob: Phone::start(lab, sbc, BOB.parse()?, "bob", Some(&tone(BOB_TONE)))?,
        carol: Phone::start(lab, sbc, CAROL.parse()?, "carol", Some(&tone(CAROL_TONE)))?,
    };
    scene.bob.has_number(BOB_NUMBER, Answers::AtOnce)?;
    scene.carol.has_number(CAROL_NUMBER, Answers::AtOnce)?;
    // Longest first: everything else happens meanwhile.
    held::begin(&mut scene)?;
    let habits = habits::begin(&scene)?;
    announcements::run(&mut scene)?;
    diverted::run(&mut scene)?;
    pins::run(&mut scene)?;
    held::talk(&mut scene)?;
    held::end(&mut scene)?;
    habits::end(&mut scene, habits)?;
    told(&mut scene)?;
    held::limited(&mut scene)?;
    scene.proxy.end()
}

/// What happened at a phone, or what did not.
fn seen(phone: &Phone, stage: Stage, patience: Duration) -> String {
    let text = phone.wait_for(stage, patience);
    text.unwrap_or_else(|| format!("not {stage:?}"))
}

/// Whether a prompt was heard whole, and no other.
fn heard_only(prompt: &str, other: &str, recording: &Sound) -> Result<String> {
    let found = hearing::find(&Sound::prompt(prompt)?, recording);
    let absent = hearing::find(&Sound::prompt(other)?, recording).is_absent();
    Ok(if found.is_whole() && absent {
        "all of it, and no other".to_owned()
    } else {
        format!("{found:?}, another one absent: {absent}")
    })
}

/// Where the listed number calls.
fn uri() -> String {
    format!("sip:{BOB_NUMBER}@{SBC}")
}

impl Scene<'_> {
    /// Whether Alice and a phone hear each other's tone, and nothing of a prompt in between.
    fn both_hear(&mut self, name: &str, other: &str, hertz: f64) -> Result<()> {
        let (heard, said) = match other {
            "Carol" => (self.alice.heard()?, self.carol.heard()?),
            _ => (self.alice.heard()?, self.bob.heard()?),
        };
        let long = Duration::from_secs(1);
        let caller = hearing::tone(&heard, hertz) > long;
        self.report
            .case(&format!("{name}: the caller hears {other}"), "true", caller);
        let called = hearing::tone(&said, ALICE_TONE) > long;
        self.report
            .case(&format!("{name}: {other} hears the caller"), "true", called);
        Ok(())
    }
}

/// What the daemon says of it all.
fn told(scene: &mut Scene<'_>) -> Result<()> {
    let status = scene.daemon.ask(&["status"])?;
    let figure = |name: &str| {
        let value = status.pointer(&format!("/media/{name}"));
        value.and_then(Value::as_u64).unwrap_or_default()
    };
    for (name, least) in [
        ("announced", 5),
        ("tormented", 5),
        ("tormented_seconds", 60),
        ("asked_for_pin", 3),
        ("connected", 1),
        ("redirected", 2),
    ] {
        let enough = figure(name) >= least;
        scene.report.case(
            &format!("status: media.{name}, {least} or more"),
            "true",
            enough,
        );
    }
    let stats = scene.daemon.ask(&["stats"])?;
    let held = stats.get("held_seconds").and_then(Value::as_u64);
    scene.report.case(
        "stats: seconds for which callers were held, 60 or more",
        "true",
        held.is_some_and(|seconds| seconds >= 60),
    );
    logged(scene)?;
    let problems = super::problems(&status);
    scene.report.case("media: problems", "", problems);
    Ok(())
}

/// What the log says of it all.
fn logged(scene: &mut Scene<'_>) -> Result<()> {
    let calls = scene.daemon.ask(&["calls", "--limit", "1000"])?;
    let rows = calls.get("calls").and_then(Value::as_array);
    let rows = rows.context("no calls")?;
    let of = |caller: &str, key: &str| -> Vec<String> {
        let rows = rows
            .iter()
            .filter(|row| row.get("caller").and_then(Value::as_str) == Some(caller));
        rows.filter_map(|row| row.get(key))
            .filter(|value| !value.is_null())
            .map(|value| {
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            })
            .collect()
    };
    let longest = of(HELD, "duration");
    let longest = longest
        .iter()
        .filter_map(|text| text.parse::<u64>().ok())
        .max();
    let minute = longest.is_some_and(|seconds| (58..=62).contains(&seconds));
    scene.report.case(
        "the log says that a caller was held for a minute",
        "true",
        minute,
    );
    let vanished = of(VANISHED, "duration");
    let seconds = vanished.first().and_then(|text| text.parse::<u64>().ok());
    let noticed = seconds.is_some_and(|seconds| (20..=30).contains(&seconds));
    scene.report.case(
        "a caller who vanishes is noticed within 30 seconds",
        "true",
        noticed,
    );
    let mut pins = of(ASKED, "pin");
    pins.sort();
    scene
        .report
        .case("the log says how PINs were", "right wrong", pins.join(" "));
    let statuses = of(ANNOUNCED, "status").contains(&"603".to_owned());
    scene.report.case(
        "the log has the status behind an announcement",
        "true",
        statuses,
    );
    Ok(())
}

/// The URI of who calls, as the last call that came to a phone has it.
fn caller_of(phone: &Phone) -> Result<String> {
    let messages = phone.messages()?;
    let invite = messages
        .iter()
        .rfind(|message| message.first_line().starts_with("INVITE"));
    let from = invite.map_or("no call", |message| message.header("From"));
    let uri = from.split(['<', '>']).nth(1).unwrap_or(from);
    Ok(uri.to_owned())
}

/// An address of the lab.
fn address(text: &str) -> Result<SocketAddr> {
    Ok(text.parse()?)
}
