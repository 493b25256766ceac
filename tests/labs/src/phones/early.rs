//! Media before an answer: heard by a phone, and cut short by a caller who gives up.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{ALICE_NUMBER, SOON, Scene, about, carrier, seconds, seen};
use crate::phone::Stage;
use crate::sipp;

/// Where the callee is.
const CALLEE: &str = "198.18.0.2:5075";
/// How long its media lasts.
const EARLY: Duration = Duration::from_secs(3);

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    let sbc = &scene.lab.network.sbc;
    let callee = sipp::answer(
        scene.lab,
        sbc,
        "media-early-refusal.xml",
        CALLEE.parse()?,
        &[("milliseconds", &EARLY.as_millis().to_string())],
    )?;
    // sipp does not say that it listens; the phone repeats its INVITE.
    scene.alice.dial(&format!("sip:1@{CALLEE}"), ALICE_NUMBER)?;
    let early = scene.alice.wait_for(Stage::EarlyMedia, SOON).is_some();
    scene.report.case("early media comes", "true", early);
    let reason = scene.alice.wait_for(Stage::Closed, 2 * SOON);
    let reason = reason.unwrap_or_default();
    scene
        .report
        .case("and then a refusal", "603 Decline", reason);
    let heard = about(scene.alice.heard()?.length(), EARLY);
    scene
        .report
        .case("the phone has heard it", &seconds(EARLY), heard);
    let done = callee.succeeds(Instant::now() + SOON)?;
    scene.report.case(
        "sipp: media-early-refusal.xml comes to its end",
        "true",
        done,
    );

    for (name, by_phone) in [("a phone", true), ("media-cancel.xml", false)] {
        let scenario = "media-early-cancelled.xml";
        let callee = sipp::answer(scene.lab, sbc, scenario, CALLEE.parse()?, &[])?;
        let caller = if by_phone {
            scene.alice.dial(&format!("sip:1@{CALLEE}"), ALICE_NUMBER)?;
            seen(&scene.alice, Stage::EarlyMedia);
            std::thread::sleep(Duration::from_millis(500));
            scene.alice.hang_up()?;
            None
        } else {
            let caller = carrier::start(scene, "media-cancel.xml", 5079, CALLEE, "1000")?;
            Some(caller)
        };
        let done = callee.succeeds(Instant::now() + 2 * SOON)?;
        let name = format!("sipp: {scenario} with {name} comes to its end");
        scene.report.case(&name, "true", done);
        if let Some(caller) = caller {
            let done = caller.succeeds(Instant::now() + SOON)?;
            scene
                .report
                .case("sipp: media-cancel.xml comes to its end", "true", done);
        }
    }
    Ok(())
}
