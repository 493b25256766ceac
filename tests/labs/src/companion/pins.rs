//! A caller by TCP who is asked for a PIN: the proxy sends the call to the media host, and with the
//! right PIN takes it back and sends it on itself.

use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::kamailio::{Edition, Example, Kamailio};
use super::{ASKED, CALLED, PROXY, Scene};
use crate::hearing;
use crate::phone::{Answers, Phone, Stage};
use crate::sound::Sound;

const ALICE: &str = "198.18.0.1:5060";
const ALICE_TONE: f64 = 1000.0;
/// Who answers behind the proxy.
const BOB: &str = "198.18.0.4:5070";
const BOB_TONE: f64 = 500.0;
/// How long a phone may take for what it does at once.
const SOON: Duration = Duration::from_secs(4);
/// How long a prompt and what is around it may take.
const PROMPT: Duration = Duration::from_secs(15);
/// How long the question is listened to before a key is pressed.
const LISTENS: Duration = Duration::from_secs(6);

/// Two phones, the proxy between them.
struct Phones {
    alice: Phone,
    bob: Phone,
    pin: String,
    wrong: String,
}

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    let network = &scene.lab.network;
    let tone = |hertz| Sound::tone(hertz, Duration::from_secs(120));
    let (lab, carrier, sbc) = (scene.lab, &network.carrier, &network.sbc);
    let (says, answers) = (tone(ALICE_TONE), tone(BOB_TONE));
    let (pin, wrong_pin) = scene.daemon.make_pin()?;
    let phones = Phones {
        alice: Phone::start(lab, carrier, ALICE.parse()?, "alice", Some(&says))?,
        bob: Phone::start(lab, sbc, BOB.parse()?, "bob", Some(&answers))?,
        pin,
        wrong: wrong_pin,
    };
    phones.bob.has_number(CALLED, Answers::AtOnce)?;
    for example in [Example::Redirect, Example::Http] {
        let kamailio = Kamailio::start_to(scene.lab, Edition::Stable, example, Some(BOB))?;
        right(scene, &phones, example.name())?;
        wrong(scene, &phones, example.name())?;
        kamailio.end()?;
    }
    in_log(scene)
}

/// Calls, and listens to the question.
fn dial(scene: &mut Scene<'_>, phones: &Phones, name: &str) -> Result<()> {
    phones.bob.forget()?;
    let uri = format!("sip:{CALLED}@{PROXY};transport=tcp");
    phones.alice.dial(&uri, ASKED)?;
    let early = phones.alice.wait_for(Stage::EarlyMedia, SOON).is_some();
    scene.report.case(
        &format!("{name}: a caller by TCP is asked for a PIN"),
        "true",
        early,
    );
    std::thread::sleep(LISTENS);
    Ok(())
}

fn right(scene: &mut Scene<'_>, phones: &Phones, example: &str) -> Result<()> {
    let Phones {
        alice, bob, pin, ..
    } = phones;
    let name = format!("{example}: the right PIN");
    dial(scene, phones, &name)?;
    let asked = hearing::find(&Sound::prompt("en/pin")?, &alice.heard()?).is_whole();
    scene
        .report
        .case(&format!("{name}: the question is heard"), "true", asked);
    alice.press(&format!("{pin}#"))?;
    let answered = alice.wait_for(Stage::Established, PROMPT).is_some();
    scene.report.case(
        &format!("{name}: the call is put through"),
        "true",
        answered,
    );
    std::thread::sleep(Duration::from_secs(3));
    let heard = hearing::tone(&alice.heard()?, BOB_TONE) > Duration::from_secs(1);
    let said = hearing::tone(&bob.heard()?, ALICE_TONE) > Duration::from_secs(1);
    scene.report.case(
        &format!("{name}: the caller hears who was called, who hears the caller"),
        "true true",
        format!("{heard} {said}"),
    );
    let messages = bob.messages()?;
    let invite = messages
        .iter()
        .rfind(|message| message.first_line().starts_with("INVITE"))
        .context("no call came to who was called")?;
    let target = invite.first_line().split(' ').nth(1).unwrap_or_default();
    scene.report.case(
        &format!("{name}: the proxy calls whom the call was for"),
        &format!("sip:{CALLED}@{PROXY};transport=tcp"),
        target,
    );
    let own = alice.messages()?;
    let id = invite.header("Call-ID");
    let same = own.iter().any(|message| message.header("Call-ID") == id);
    scene
        .report
        .case(&format!("{name}: it is the same call"), "true", same);
    let on_line = scene.figure("/media/calls_now")?;
    scene.report.case(
        &format!("{name}: calls that the media host still has"),
        "0",
        on_line,
    );
    bob.hang_up()?;
    let end = alice.wait_for(Stage::Closed, SOON);
    scene.report.case(
        &format!("{name}: who was called hangs up"),
        "Connection reset by peer",
        end.unwrap_or_default(),
    );
    Ok(())
}

fn wrong(scene: &mut Scene<'_>, phones: &Phones, example: &str) -> Result<()> {
    let Phones {
        alice, bob, wrong, ..
    } = phones;
    let name = format!("{example}: a wrong PIN");
    dial(scene, phones, &name)?;
    alice.press(&format!("{wrong}#"))?;
    std::thread::sleep(LISTENS);
    let told = hearing::find(&Sound::prompt("en/pin-wrong")?, &alice.heard()?).is_whole();
    let reached = bob.wait_for(Stage::Incoming, Duration::ZERO).is_some();
    scene.report.case(
        &format!("{name}: the caller is told so, who was called hears nothing of it"),
        "true false",
        format!("{told} {reached}"),
    );
    alice.hang_up()?;
    std::thread::sleep(Duration::from_millis(300));
    Ok(())
}

/// What the log says of all these calls.
fn in_log(scene: &mut Scene<'_>) -> Result<()> {
    std::thread::sleep(Duration::from_millis(600));
    let calls = scene.daemon.ask(&["calls", "--limit", "1000"])?;
    let rows = calls.get("calls").and_then(Value::as_array);
    let mut said: Vec<String> = rows
        .context("no calls")?
        .iter()
        .filter(|row| row.get("caller").and_then(Value::as_str) == Some(ASKED))
        .map(|row| {
            let words = ["path", "outcome", "status", "pin"].map(|key| {
                let value = row.get(key).cloned().unwrap_or_default();
                let text = value.as_str().map(str::to_owned);
                text.unwrap_or_else(|| value.to_string())
            });
            words.join(" ")
        })
        .collect();
    said.sort();
    let right = "companion diverted 302 right";
    let wrong = "companion diverted 183 wrong";
    scene.report.case(
        "PINs: in the log",
        &[wrong, wrong, right, right].join(", "),
        said.join(", "),
    );
    Ok(())
}
