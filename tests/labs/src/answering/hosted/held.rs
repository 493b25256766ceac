//! Callers who are held on the line.

use std::time::Duration;

use anyhow::Result;

use super::{
    ANNOUNCED, DIVERTED, HELD, PROMPT, SOON, Scene, TALKED_TO, VANISHED, configuration, seen, uri,
};
use crate::hearing;
use crate::phone::{Phone, Stage};
use crate::sound::Sound;

/// A caller who vanishes.
const EVE: &str = "198.18.0.1:5066";
/// How long the rule says.
const MINUTE: Duration = Duration::from_secs(60);

/// Dave is put on the line.
pub(super) fn begin(scene: &mut Scene<'_>) -> Result<()> {
    scene.dave.dial(&uri(), HELD)?;
    let answered = scene.dave.wait_for(Stage::Established, SOON).is_some();
    scene.report.case("held: answered", "true", answered);
    let carrier = &scene.lab.network.carrier;
    let eve = Phone::start(scene.lab, carrier, EVE.parse()?, "eve", None)?;
    eve.dial(&uri(), VANISHED)?;
    seen(&eve, Stage::Established, SOON);
    std::thread::sleep(Duration::from_secs(1));
    eve.vanish()
}

/// Dave has been on the line for a minute.
pub(super) fn end(scene: &mut Scene<'_>) -> Result<()> {
    let end = seen(&scene.dave, Stage::Closed, MINUTE + SOON);
    scene
        .report
        .case("held: the SBC hangs up", "Connection reset by peer", end);
    let lasted = scene.dave.lasted().unwrap_or_default();
    let exact = lasted.abs_diff(MINUTE) < Duration::from_secs(1);
    scene.report.case(
        "held for a minute",
        "true",
        if exact {
            "true".to_owned()
        } else {
            format!("{lasted:?}")
        },
    );
    let heard = scene.dave.heard()?;
    let music = hearing::find(&Sound::prompt("hold")?, &heard).is_whole();
    scene.report.case("held: music is heard", "true", music);
    let all = hearing::sound(&heard) > MINUTE.mul_f64(0.8);
    scene.report.case("held: most of the time", "true", all);
    Ok(())
}

/// Phrases that wait for an answer: while Alice's tone goes on, the first is all that is said.
pub(super) fn talk(scene: &mut Scene<'_>) -> Result<()> {
    scene.alice.dial(&uri(), TALKED_TO)?;
    let first = Sound::prompt("en/torment-1")?;
    let second = Sound::prompt("en/torment-2")?;
    seen(&scene.alice, Stage::Established, SOON);
    // The first phrase, and longer than the pause behind it.
    std::thread::sleep(first.length() + Duration::from_secs(4));
    let heard = scene.alice.heard()?;
    let seen_first = hearing::find(&first, &heard).is_whole();
    scene
        .report
        .case("phrases: the first is heard", "true", seen_first);
    let waits = hearing::find(&second, &heard).is_absent();
    scene
        .report
        .case("phrases: it waits while the caller speaks", "true", waits);
    scene.alice.mute()?;
    std::thread::sleep(second.length() + Duration::from_secs(4));
    scene.alice.mute()?;
    let next = hearing::find(&second, &scene.alice.heard()?).is_whole();
    scene.report.case(
        "phrases: the caller pauses, the next is heard",
        "true",
        next,
    );
    scene.alice.hang_up()?;
    std::thread::sleep(Duration::from_millis(300));
    Ok(())
}

/// Above the limit callers are refused with a status.
pub(super) fn limited(scene: &mut Scene<'_>) -> Result<()> {
    reload(scene, 200, 0)?;
    scene.alice.dial(&uri(), HELD)?;
    let end = seen(&scene.alice, Stage::Closed, PROMPT);
    scene
        .report
        .case("held: above the limit", "603 Decline", end);
    reload(scene, 1, 1)?;
    scene.dave.dial(&uri(), HELD)?;
    seen(&scene.dave, Stage::Established, SOON);
    for (name, number, expected) in [
        ("an announcement", ANNOUNCED, "603 Decline"),
        (
            "a call that could go on",
            DIVERTED,
            "503 Service Unavailable",
        ),
    ] {
        scene.alice.dial(&uri(), number)?;
        let end = seen(&scene.alice, Stage::Closed, SOON);
        let name = format!("one call on the line and no more: {name}");
        scene.report.case(&name, expected, end);
    }
    scene.dave.hang_up()?;
    reload(scene, 200, 8)?;
    scene.alice.dial(&uri(), HELD)?;
    seen(&scene.alice, Stage::Established, SOON);
    scene.daemon.signal(nix::sys::signal::Signal::SIGTERM)?;
    let end = seen(&scene.alice, Stage::Closed, SOON);
    scene.report.case(
        "held: the daemon ends, and hangs up",
        "Connection reset by peer",
        end,
    );
    Ok(())
}

/// Other limits take effect without a restart.
fn reload(scene: &Scene<'_>, calls: u32, torments: u32) -> Result<()> {
    let file = scene.lab.folder.join("blacklistd.toml");
    std::fs::write(file, configuration(scene.lab, calls, torments))?;
    scene.daemon.signal(nix::sys::signal::Signal::SIGHUP)?;
    std::thread::sleep(Duration::from_secs(1));
    Ok(())
}
