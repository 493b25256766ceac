//! Callers who are asked for a PIN.

use std::time::Duration;

use anyhow::Result;

use super::{ASKED, BOB_TONE, PROMPT, SOON, Scene, caller_of, heard_only, seen, uri};
use crate::hearing;
use crate::phone::{Answers, Stage};
use crate::sound::Sound;

/// How long the question is listened to before a key is pressed.
const LISTENS: Duration = Duration::from_secs(6);

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    nothing_pressed(scene)?;
    missed(scene, "none was set", ["warned", "warned", "nothing"])?;
    let (pin, wrong_pin) = scene.daemon.make_pin()?;
    missed(scene, "one is set", ["nothing", "nothing", "warned"])?;
    wrong(scene, &wrong_pin)?;
    right(scene, &pin)?;
    granted(scene)
}

/// Whether an operator is told that callers are asked for a PIN that nobody has: by a look at all rules,
/// by the answer to another rule, and to the removal of the PIN.
fn missed(scene: &mut Scene<'_>, when: &str, expected: [&str; 3]) -> Result<()> {
    let asked: [(&str, &[&str]); 3] = [
        ("lint", &["lint"]),
        (
            "rule add",
            &[
                "rule",
                "add",
                "+14155550299",
                "--action",
                "pin",
                "--dry-run",
            ],
        ),
        ("pin remove", &["pin", "remove", "global", "--dry-run"]),
    ];
    for ((name, arguments), expected) in asked.into_iter().zip(expected) {
        let said = match scene.daemon.try_ask(arguments)? {
            Ok(said) => said.to_string(),
            Err(error) => error,
        };
        let is_warned = said.contains("there is no PIN: `blacklistd pin set global` sets one");
        let seen = if is_warned { "warned" } else { "nothing" };
        let name = format!("PIN: {when}: {name}");
        scene.report.case(&name, expected, seen);
    }
    Ok(())
}

fn nothing_pressed(scene: &mut Scene<'_>) -> Result<()> {
    scene.alice.dial(&uri(), ASKED)?;
    let early = scene.alice.wait_for(Stage::EarlyMedia, SOON).is_some();
    scene
        .report
        .case("PIN: asked before the answer", "true", early);
    let end = seen(&scene.alice, Stage::Closed, 2 * PROMPT);
    scene
        .report
        .case("PIN: nothing is pressed", "603 Decline", end);
    let heard = heard_only("en/pin", "en/pin-wrong", &scene.alice.heard()?)?;
    scene.report.case(
        "PIN: the question is heard",
        "all of it, and no other",
        heard,
    );
    Ok(())
}

fn wrong(scene: &mut Scene<'_>, wrong: &str) -> Result<()> {
    scene.alice.dial(&uri(), ASKED)?;
    seen(&scene.alice, Stage::EarlyMedia, SOON);
    std::thread::sleep(LISTENS);
    scene.alice.press(&format!("{wrong}#"))?;
    std::thread::sleep(LISTENS);
    let heard = scene.alice.heard()?;
    let told = hearing::find(&Sound::prompt("en/pin-wrong")?, &heard).is_whole();
    scene.report.case("PIN: a wrong one is told", "true", told);
    let reached = scene
        .bob
        .events()
        .iter()
        .any(|event| event.stage == Stage::Established);
    scene
        .report
        .case("PIN: a wrong one reaches who is called", "false", reached);
    scene.alice.hang_up()?;
    std::thread::sleep(Duration::from_millis(300));
    Ok(())
}

fn right(scene: &mut Scene<'_>, pin: &str) -> Result<()> {
    scene.bob.forget()?;
    scene.alice.dial(&uri(), ASKED)?;
    seen(&scene.alice, Stage::EarlyMedia, SOON);
    std::thread::sleep(LISTENS);
    scene.alice.press(&format!("{pin}#"))?;
    let answered = scene.alice.wait_for(Stage::Established, PROMPT).is_some();
    scene
        .report
        .case("PIN: the right one puts the call through", "true", answered);
    let caller = caller_of(&scene.bob)?;
    let expected = format!("sip:{ASKED}@198.18.0.1:5060");
    scene
        .report
        .case("PIN: who is called sees who calls", &expected, caller);
    std::thread::sleep(Duration::from_secs(3));
    scene.both_hear("PIN", "Bob", BOB_TONE)?;
    scene.bob.hang_up()?;
    let end = seen(&scene.alice, Stage::Closed, SOON);
    scene.report.case(
        "PIN: who was called hangs up",
        "Connection reset by peer",
        end,
    );
    let requests = scene.proxy.seen()?;
    let invites: Vec<&str> = requests
        .iter()
        .filter(|request| request.method == "INVITE")
        .map(|request| request.source.as_str())
        .collect();
    scene.report.case(
        "the proxy has seen one call so far, from the SBC itself",
        "198.18.0.2:25059",
        invites.join(" "),
    );
    let own: Vec<String> = scene
        .alice
        .messages()?
        .iter()
        .map(|message| message.header("Call-ID").to_owned())
        .collect();
    let leaked = requests
        .iter()
        .any(|request| own.contains(&request.call_id));
    scene.report.case(
        "the proxy has seen a message of a blocked call",
        "false",
        leaked,
    );
    Ok(())
}

/// The right PIN counts for a while.
fn granted(scene: &mut Scene<'_>) -> Result<()> {
    scene.bob.forget()?;
    scene.bob.has_number(super::BOB_NUMBER, Answers::AtOnce)?;
    scene.alice.dial(&uri(), ASKED)?;
    let answered = scene.alice.wait_for(Stage::Established, SOON).is_some();
    let asked = scene
        .alice
        .events()
        .iter()
        .any(|event| event.stage == Stage::EarlyMedia);
    scene.report.case(
        "PIN: the next call goes through without being asked",
        "true false",
        format!("{answered} {asked}"),
    );
    scene.alice.hang_up()?;
    std::thread::sleep(Duration::from_millis(300));
    Ok(())
}
