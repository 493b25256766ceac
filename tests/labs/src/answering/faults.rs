//! The daemon away and back, the other hook, a port that is taken, and too many calls.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::{CLOSED, CONTACT, LISTED, NEVER, SBC, SOON, Scene, UNLISTED, configuration, problems};
use crate::answerer;
use crate::daemon::Daemon;

/// How long the kernel waits for a sign of life.
const GONE: Duration = Duration::from_millis(2100);

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    of_the_daemon(scene)?;
    taken_port(scene)?;
    overload(scene)?;
    switched_off(scene)
}

/// Those that take the time that they take, on any machine.
pub(super) fn of_the_daemon(scene: &mut Scene<'_>) -> Result<()> {
    hunting(scene)?;
    killed(scene)?;
    other_hook(scene)
}

/// One Call-ID for a call that is refused and one that goes through, in both orders, as of a carrier
/// that tries several numbers: what belongs to the second must reach who answers it.
fn hunting(scene: &mut Scene<'_>) -> Result<()> {
    for callers in [[LISTED, UNLISTED], [UNLISTED, LISTED]] {
        let mut caller = scene.caller("198.18.0.1:5097", LISTED, SBC)?;
        for number in callers {
            caller.number = number.to_owned();
            scene.send(&caller, "INVITE", NEVER)?;
        }
        for method in ["ACK", "BYE"] {
            scene.send(&caller, method, NEVER)?;
        }
        let reached = answerer::messages(scene.lab)?;
        let of = |(method, id): &(String, String)| (*id == caller.call_id).then(|| method.clone());
        let seen: Vec<String> = reached.iter().filter_map(of).collect();
        let name = format!("one Call-ID, {}: what reached", callers.join(" then "));
        scene.report.case(&name, "INVITE ACK BYE", seen.join(" "));
    }
    Ok(())
}

/// What becomes of a listed caller's call.
fn fate(scene: &mut Scene<'_>, from: &str, to: &str) -> Result<String> {
    let caller = scene.caller(from, LISTED, to)?;
    let heard = scene.send(&caller, "INVITE", NEVER)?;
    let reached = answerer::received(scene.lab)?.contains(&caller.call_id);
    Ok(match (heard, reached) {
        (_, true) => "through".to_owned(),
        (Some(heard), false) => heard.status(),
        (None, false) => "dropped".to_owned(),
    })
}

fn killed(scene: &mut Scene<'_>) -> Result<()> {
    let caller = scene.caller("198.18.0.1:5090", LISTED, SBC)?;
    let before = scene.refused("before the daemon is killed", &caller, "603 Decline")?;
    scene.daemon.kill()?;
    std::thread::sleep(GONE);
    let seen = fate(scene, "198.18.0.1:5091", SBC)?;
    scene
        .report
        .case("daemon killed, when_down = pass", "through", seen);
    let seen = fate(scene, "198.18.1.1:5091", CLOSED)?;
    scene
        .report
        .case("daemon killed, when_down = drop", "dropped", seen);
    scene.daemon = Daemon::start(scene.lab, &configuration(scene.lab, CONTACT))?;
    let began = Instant::now();
    let mut seen = fate(scene, "198.18.0.1:5092", SBC)?;
    while seen != "603 Decline" && began.elapsed() < Duration::from_secs(2) {
        seen = fate(scene, "198.18.0.1:5092", SBC)?;
    }
    scene
        .report
        .case("daemon back: within two seconds", "603 Decline", seen);
    let after = scene.send(&caller, "INVITE", SOON)?;
    let same = before.is_some() && before == after;
    scene.report.case(
        "daemon back: the same answer to the same call",
        "true",
        same,
    );
    scene.daemon.kill()?;
    scene.daemon = Daemon::start(scene.lab, &configuration(scene.lab, CONTACT))?;
    Ok(())
}

/// Waits until calls are answered; how long that takes is not judged.
fn until_answered(scene: &mut Scene<'_>) -> Result<String> {
    let began = Instant::now();
    loop {
        let seen = fate(scene, "198.18.0.1:5093", SBC)?;
        if seen == "603 Decline" || began.elapsed() > Duration::from_secs(20) {
            return Ok(seen);
        }
    }
}

/// The hook of older kernels: programs there outlive their daemon, and must not pile up.
fn other_hook(scene: &mut Scene<'_>) -> Result<()> {
    let other = configuration(scene.lab, &format!("reply_hook = \"clsact\"\n{CONTACT}"));
    for round in ["clsact", "clsact, killed and started again"] {
        scene.daemon.kill()?;
        scene.daemon = Daemon::start(scene.lab, &other)?;
        let seen = until_answered(scene)?;
        scene.report.case(round, "603 Decline", seen);
        let filters = scene.lab.network.egress_filters()?;
        scene
            .report
            .case(&format!("{round}: programs there"), "1", filters);
    }
    scene.daemon.kill()?;
    scene.daemon = Daemon::start(scene.lab, &configuration(scene.lab, CONTACT))?;
    until_answered(scene)?;
    Ok(())
}

/// A port that somebody else has: said, and calls pass; free again: answered.
fn taken_port(scene: &mut Scene<'_>) -> Result<()> {
    scene.daemon.kill()?;
    let taken = scene
        .lab
        .network
        .sbc
        .run(|| std::net::UdpSocket::bind("0.0.0.0:25060").context("cannot take the port"))?;
    scene.daemon = Daemon::start(scene.lab, &configuration(scene.lab, CONTACT))?;
    std::thread::sleep(GONE);
    let seen = fate(scene, "198.18.0.1:5094", SBC)?;
    scene
        .report
        .case("the port is taken: calls", "through", seen);
    let status = scene.daemon.ask(&["status"])?;
    let told = problems(&status).contains("UDP port 25060 cannot be listened on");
    scene
        .report
        .case("the port is taken: status says so", "true", told);
    drop(taken);
    std::thread::sleep(Duration::from_millis(2500));
    let seen = fate(scene, "198.18.0.1:5094", SBC)?;
    scene
        .report
        .case("the port is free again: calls", "603 Decline", seen);
    Ok(())
}

/// Above the bound calls get no answer, and are counted.
fn overload(scene: &mut Scene<'_>) -> Result<()> {
    scene.daemon.kill()?;
    let few = configuration(scene.lab, &format!("maximum_per_second = 5\n{CONTACT}"));
    scene.daemon = Daemon::start(scene.lab, &few)?;
    until_answered(scene)?;
    std::thread::sleep(Duration::from_millis(1100));
    let mut answered = 0;
    for _ in 0..20 {
        let caller = scene.caller("198.18.0.1:5095", LISTED, SBC)?;
        scene.kept.push(caller.call_id.clone());
        answered += u32::from(
            scene
                .send(&caller, "INVITE", Duration::from_millis(20))?
                .is_some(),
        );
    }
    scene
        .report
        .case("20 calls at once, 5 a second: answered", "5", answered);
    let status = scene.daemon.ask(&["status"])?;
    let counted = status.pointer("/answers/overload").and_then(Value::as_u64);
    scene
        .report
        .case("and counted", "15", counted.unwrap_or_default());
    Ok(())
}

/// Answers are switched off while it runs.
fn switched_off(scene: &mut Scene<'_>) -> Result<()> {
    let file = scene.lab.folder.join("blacklistd.toml");
    let off = configuration(scene.lab, &format!("enabled = false\n{CONTACT}"));
    std::fs::write(&file, off)?;
    scene.daemon.signal(nix::sys::signal::Signal::SIGHUP)?;
    std::thread::sleep(Duration::from_millis(700));
    let seen = fate(scene, "198.18.0.1:5096", SBC)?;
    scene.report.case("switched off: calls", "through", seen);
    std::fs::write(&file, configuration(scene.lab, CONTACT))?;
    scene.daemon.signal(nix::sys::signal::Signal::SIGHUP)?;
    std::thread::sleep(Duration::from_millis(700));
    let seen = until_answered(scene)?;
    scene
        .report
        .case("switched on again: calls", "603 Decline", seen);
    Ok(())
}
