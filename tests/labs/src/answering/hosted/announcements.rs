//! Callers who are told that their call is not accepted.

use anyhow::Result;

use super::{
    ANNOUNCED, OWN_PROMPT, OWN_TONE, PROMPT, SBC_FOR_STRANGERS, SOON, STRANGER, Scene, heard_only,
    seen, uri,
};
use crate::hearing;
use crate::phone::{Phone, Stage};

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    early(scene)?;
    anonymous(scene)?;
    own(scene)?;
    stranger(scene)?;
    given_up(scene)
}

/// Before the answer: it costs the caller nothing.
fn early(scene: &mut Scene<'_>) -> Result<()> {
    scene.alice.dial(&uri(), ANNOUNCED)?;
    let early = scene.alice.wait_for(Stage::EarlyMedia, SOON).is_some();
    scene
        .report
        .case("announcement: before the answer", "true", early);
    let end = seen(&scene.alice, Stage::Closed, PROMPT);
    scene.report.case("announcement: then", "603 Decline", end);
    let answered = scene.alice.lasted().is_some();
    scene
        .report
        .case("announcement: the call was answered", "false", answered);
    let heard = heard_only("en/rejected", "en/pin", &scene.alice.heard()?)?;
    scene
        .report
        .case("announcement: heard", "all of it, and no other", heard);
    Ok(())
}

fn anonymous(scene: &mut Scene<'_>) -> Result<()> {
    scene
        .alice
        .dial(&uri(), "sip:anonymous@anonymous.invalid")?;
    let end = seen(&scene.alice, Stage::Closed, PROMPT);
    scene
        .report
        .case("no number: then", "433 Anonymity Disallowed", end);
    let heard = heard_only("en/anonymous", "en/pin", &scene.alice.heard()?)?;
    scene
        .report
        .case("no number: heard", "all of it, and no other", heard);
    Ok(())
}

fn own(scene: &mut Scene<'_>) -> Result<()> {
    scene.alice.dial(&uri(), OWN_PROMPT)?;
    seen(&scene.alice, Stage::Closed, PROMPT);
    let heard = hearing::tone(&scene.alice.heard()?, OWN_TONE).as_secs_f64();
    scene.report.case(
        "the operator's own prompt is heard",
        "2 s",
        format!("{heard:.0} s"),
    );
    Ok(())
}

/// Whom nobody knows is answered first, and hears it then.
fn stranger(scene: &mut Scene<'_>) -> Result<()> {
    let carrier = &scene.lab.network.carrier;
    let phone = Phone::start(scene.lab, carrier, STRANGER.parse()?, "stranger", None)?;
    phone.dial(&format!("sip:100@{SBC_FOR_STRANGERS}"), ANNOUNCED)?;
    let answered = phone.wait_for(Stage::Established, SOON).is_some();
    scene
        .report
        .case("a stranger is answered first", "true", answered);
    let end = seen(&phone, Stage::Closed, PROMPT);
    scene
        .report
        .case("a stranger: then", "Connection reset by peer", end);
    let early = phone
        .events()
        .iter()
        .any(|event| event.stage == Stage::EarlyMedia);
    scene
        .report
        .case("a stranger: media before the answer", "false", early);
    let heard = heard_only("en/rejected", "en/pin", &phone.heard()?)?;
    scene
        .report
        .case("a stranger: heard", "all of it, and no other", heard);
    phone.vanish()
}

/// The caller gives up in the middle.
fn given_up(scene: &mut Scene<'_>) -> Result<()> {
    scene.alice.dial(&uri(), ANNOUNCED)?;
    seen(&scene.alice, Stage::EarlyMedia, SOON);
    scene.alice.hang_up()?;
    std::thread::sleep(std::time::Duration::from_millis(500));
    let answered = scene.alice.messages()?;
    let cancelled = answered
        .iter()
        .any(|message| message.first_line().starts_with("SIP/2.0 487"));
    scene
        .report
        .case("an announcement that is given up: 487", "true", cancelled);
    Ok(())
}
