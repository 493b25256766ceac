//! Questions while very many rules are put in force, and taken out of it: each is decided, at once,
//! by the rules as they stand.

use std::fmt::Write as _;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;
use serde_json::json;

use super::{LISTED, PROXY, REDIRECT, Scene, UNLISTED, wire};
use crate::daemon::Daemon;

/// Numbers that are put in force while calls come.
const NUMBERS: u32 = 1_000_000;
/// The daemon's `deadline_ms`.
const DEADLINE: Duration = Duration::from_millis(200);
/// Between two questions: the daemon shall have time for the change.
const PAUSE: Duration = Duration::from_millis(1);
/// Every so manieth question wants to be told why, and may wait for that.
const EXPLAINED: u32 = 64;
/// How long reading the configuration again may take.
const RELOAD: Duration = Duration::from_secs(120);

/// What was heard.
#[derive(Default)]
struct Heard {
    asked: u32,
    /// Answers that are not what the rules say, the first of them in words.
    wrong: u32,
    example: String,
    longest: Duration,
}

impl Heard {
    fn note(&mut self, expected: &str, seen: &str, took: Duration) {
        self.asked += 1;
        self.longest = self.longest.max(took);
        if seen != expected {
            self.wrong += 1;
            if self.example.is_empty() {
                self.example = format!(": \"{seen}\" for \"{expected}\"");
            }
        }
    }
}

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.daemon.kill()?;
    let room = format!("[kernel]\nmaximum_rules = {}\n", NUMBERS + 10_000);
    let more = format!("maximum_per_second = 100000\n{room}");
    scene.daemon = Daemon::start(scene.lab, &scene.configuration(&more))?;
    let file = many(scene)?.display().to_string();
    scene.daemon.ask(&["list", "add", "many"])?;
    let before = number_of_generation(scene)?;
    let ask =
        |arguments: &'static [&str]| move |daemon: &Daemon<'_>| daemon.ask(arguments).map(drop);
    during(scene, "import", |daemon| {
        daemon.ask(&["import", &file, "--list", "many"]).map(drop)
    })?;
    during(scene, "list disable", ask(&["list", "disable", "many"]))?;
    during(scene, "list enable", ask(&["list", "enable", "many"]))?;
    during(scene, "reload", reload)?;
    during(scene, "rollback", |daemon| {
        daemon.ask(&["rollback", &before]).map(drop)
    })?;
    scene.daemon.ask(&["list", "remove", "many"])?;
    scene.daemon.kill()?;
    scene.daemon = Daemon::start(scene.lab, &scene.configuration(""))?;
    Ok(())
}

/// Asks, every way, for as long as a change takes.
fn during(
    scene: &mut Scene<'_>,
    name: &str,
    change: impl Fn(&Daemon<'_>) -> Result<()> + Sync,
) -> Result<()> {
    let counted = scene.figure("/companion/meanwhile")?;
    let daemon = &scene.daemon;
    let network = &scene.lab.network;
    let sockets = Sockets {
        asker: network.sbc.run(|| Ok(UdpSocket::bind("127.0.0.1:0")?))?,
        caller: network
            .carrier
            .run(|| Ok(UdpSocket::bind("198.18.0.1:0")?))?,
    };
    let mut heard = Heard::default();
    std::thread::scope(|scope| -> Result<()> {
        let change = scope.spawn(|| change(daemon));
        while !change.is_finished() {
            round(scene, &sockets, name, &mut heard)?;
        }
        match change.join() {
            Ok(result) => result,
            Err(_) => anyhow::bail!("a thread of the lab panicked"),
        }
    })?;
    let counted = scene.figure("/companion/meanwhile")? - counted;
    let report = &mut scene.report;
    let seen = format!("{}{}", heard.wrong, heard.example);
    report.case(&format!("{name} of many rules: wrong answers"), "0", seen);
    let soon = heard.longest < DEADLINE;
    let case = format!("{name} of many rules: each within deadline_ms");
    report.case(&case, "true", soon);
    let case = format!("{name} of many rules: some while the rules were changed");
    report.case(&case, "true", counted > 0);
    let longest = u64::try_from(heard.longest.as_millis())?;
    for (figure, value) in [
        ("asked", u64::from(heard.asked)),
        ("while_changed", counted),
        ("longest_ms", longest),
    ] {
        let key = format!("{}_{figure}", name.replace(' ', "_"));
        report.figures.insert(key, value.into());
    }
    Ok(())
}

/// Who asks, and who calls.
struct Sockets {
    asker: UdpSocket,
    caller: UdpSocket,
}

/// One question of each sort, and one call that the daemon answers.
fn round(scene: &Scene<'_>, sockets: &Sockets, name: &str, heard: &mut Heard) -> Result<()> {
    let Sockets { asker, caller } = sockets;
    for (socket, to, number, expected) in [
        (asker, REDIRECT, LISTED, "603 Decline"),
        (asker, REDIRECT, UNLISTED, "404 Not Found"),
        (caller, PROXY, LISTED, "603 Decline"),
    ] {
        let id = format!("{}-{}", name.replace(' ', "-"), heard.asked);
        let text = wire::request("INVITE", "UDP", socket.local_addr()?, number, &id, "");
        let began = Instant::now();
        let status = wire::status_by_udp(socket, to.parse::<SocketAddr>()?, &text)?;
        heard.note(expected, &status, began.elapsed());
    }
    let began = Instant::now();
    let decision = decision(scene, false)?;
    heard.note("block", &decision, began.elapsed());
    if heard.asked % EXPLAINED < 4 {
        heard.note("block", &self::decision(scene, true)?, Duration::ZERO);
    }
    std::thread::sleep(PAUSE);
    Ok(())
}

/// What is said of the listed caller by HTTP.
fn decision(scene: &Scene<'_>, explain: bool) -> Result<String> {
    let question =
        json!({"caller": LISTED, "called": "100", "source": "198.18.0.1", "explain": explain});
    let answer = scene.screen(&question)?;
    let decision = answer.get("decision").and_then(serde_json::Value::as_str);
    Ok(decision.context("no decision")?.to_owned())
}

/// Has the configuration read again; over when the daemon says so.
fn reload(daemon: &Daemon<'_>) -> Result<()> {
    let begun = Instant::now();
    let before = daemon.said("the configuration was read again");
    daemon.signal(Signal::SIGHUP)?;
    while daemon.said("the configuration was read again") == before {
        anyhow::ensure!(
            begun.elapsed() < RELOAD,
            "the configuration was not read again"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// The generation in force.
fn number_of_generation(scene: &Scene<'_>) -> Result<String> {
    Ok(scene.figure("/generation")?.to_string())
}

/// A file of many numbers.
fn many(scene: &Scene<'_>) -> Result<std::path::PathBuf> {
    let file = scene.lab.folder.join("many.csv");
    let mut text = String::new();
    for index in 0..NUMBERS {
        writeln!(text, "+1{:010}", 5_000_000_000_u64 + u64::from(index))?;
    }
    std::fs::write(&file, text)?;
    Ok(file)
}
