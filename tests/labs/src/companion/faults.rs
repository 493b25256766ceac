//! Nobody to be asked: calls go on, and are refused again soon after.

use std::time::{Duration, Instant};

use anyhow::Result;
use nix::sys::signal::Signal;

use super::{LISTED, ONWARD, REFUSED, Scene, UNLISTED};
use crate::daemon::Daemon;

/// How soon calls have to be refused again.
const SOON: Duration = Duration::from_secs(2);
/// How long the kernel waits for a sign of life, and a little.
const GONE: Duration = Duration::from_millis(2200);

/// The daemon is killed, stopped, and comes back.
pub(crate) fn run(scene: &mut Scene<'_>, example: &str) -> Result<()> {
    killed(scene, example)?;
    hung(scene, example)
}

/// The daemon is killed and comes back.
fn killed(scene: &mut Scene<'_>, example: &str) -> Result<()> {
    scene.daemon.kill()?;
    for (name, scenario, transport, number) in [
        ("at once, TCP, listed", "proxied.xml", "t1", LISTED),
        ("TCP, listed", "proxied.xml", "t1", LISTED),
        ("fragments, listed", "proxied-late.xml", "u1", LISTED),
        ("TCP, not listed", "proxied.xml", "t1", UNLISTED),
    ] {
        let (seen, _) = scene.sipp(scenario, transport, number)?;
        let name = format!("{example}: daemon killed: {name}");
        scene.report.case(&name, ONWARD, seen);
    }
    std::thread::sleep(GONE);
    let (seen, _) = scene.sipp("proxied.xml", "u1", LISTED)?;
    scene.report.case(
        &format!("{example}: daemon killed: UDP, listed"),
        ONWARD,
        seen,
    );
    scene.daemon = Daemon::start(scene.lab, &scene.configuration(""))?;
    let back = until_refused(scene)?;
    scene.report.case(
        &format!("{example}: daemon back: refused within 2 s"),
        "true",
        back.is_some_and(|back| back <= SOON),
    );
    let milliseconds = back.map_or(0, |back| back.as_millis());
    scene.report.figures.insert(
        format!("refused_again_after_ms_{example}"),
        u64::try_from(milliseconds)?.into(),
    );
    let (seen, _) = scene.sipp("declined.xml", "t1", LISTED)?;
    scene.report.case(
        &format!("{example}: daemon back: TCP, listed"),
        REFUSED,
        seen,
    );
    Ok(())
}

/// How long it takes until a listed caller is refused by the proxy.
fn until_refused(scene: &mut Scene<'_>) -> Result<Option<Duration>> {
    let begun = Instant::now();
    while begun.elapsed() < 3 * SOON {
        let at = begun.elapsed();
        if scene.by_tcp(LISTED)? == "603 Decline" {
            return Ok(Some(at));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(None)
}

/// The daemon hears and says nothing.
fn hung(scene: &mut Scene<'_>, example: &str) -> Result<()> {
    scene.daemon.signal(Signal::SIGSTOP)?;
    let begun = Instant::now();
    let (seen, _) = scene.sipp("proxied.xml", "t1", LISTED)?;
    let took = begun.elapsed();
    scene.daemon.signal(Signal::SIGCONT)?;
    scene.report.case(
        &format!("{example}: daemon stopped: TCP, listed"),
        ONWARD,
        seen,
    );
    scene.report.case(
        &format!("{example}: daemon stopped: within 2 s"),
        "true",
        took < SOON,
    );
    until_refused(scene)?;
    Ok(())
}

/// A call that the kernel has told of is not in the log twice.
pub(crate) fn known(scene: &mut Scene<'_>, example: &str) -> Result<()> {
    let file = scene.lab.folder.join("blacklistd.toml");
    let off = scene.configuration("[answering]\nenabled = false\n");
    std::fs::write(&file, off)?;
    scene.daemon.signal(Signal::SIGHUP)?;
    std::thread::sleep(GONE);
    let before = scene.figure("/paths/1/known/calls")?;
    let (seen, call_id) = scene.sipp("declined.xml", "u1", LISTED)?;
    let name = format!("{example}: answers off: UDP, listed");
    scene.report.case(&name, REFUSED, seen);
    std::thread::sleep(Duration::from_millis(600));
    let row = super::in_log(&scene.log()?, &call_id);
    scene
        .report
        .case(&format!("{name}: in the log once"), "xdp unanswered", row);
    let known = scene.figure("/paths/1/known/calls")? - before;
    scene
        .report
        .case(&format!("{name}: known to both paths"), "1", known);
    std::fs::write(&file, scene.configuration(""))?;
    scene.daemon.signal(Signal::SIGHUP)?;
    std::thread::sleep(Duration::from_millis(700));
    Ok(())
}
