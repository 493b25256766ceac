//! Calls that are diverted to somebody else.

use std::time::Duration;

use anyhow::Result;

use super::{
    BOB_NUMBER, CAROL, CAROL_NUMBER, CAROL_TONE, DIVERTED, LOST, MOVED, PROMPT, SBC, Scene,
    caller_of, seen, uri,
};
use crate::phone::Stage;

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    by_leg(scene)?;
    moved(scene)?;
    lost(scene)
}

/// The first address is down; the second answers.
fn by_leg(scene: &mut Scene<'_>) -> Result<()> {
    scene.carol.forget()?;
    scene.alice.dial(&uri(), DIVERTED)?;
    let answered = scene.alice.wait_for(Stage::Established, PROMPT).is_some();
    scene
        .report
        .case("diverted: the second address answers", "true", answered);
    let caller = caller_of(&scene.carol)?;
    let expected = format!("sip:{DIVERTED}@198.18.0.1:5060");
    scene.report.case("diverted: from", &expected, caller);
    let messages = scene.carol.messages()?;
    let invite = messages
        .iter()
        .find(|message| message.first_line().starts_with("INVITE"));
    let header =
        |name: &str| invite.map_or(String::new(), |message| message.header(name).to_owned());
    scene.report.case(
        "diverted: Diversion",
        &format!("<sip:{BOB_NUMBER}@{SBC}>;reason=unconditional;counter=1"),
        header("Diversion"),
    );
    scene.report.case(
        "diverted: Reason",
        "SIP;cause=603;text=\"listed caller\"",
        header("Reason"),
    );
    let named = header("X-Blacklist-Rule").parse::<u32>().is_ok();
    scene
        .report
        .case("diverted: the rule is named", "true", named);
    std::thread::sleep(Duration::from_secs(3));
    scene.both_hear("diverted", "Carol", CAROL_TONE)?;
    scene.alice.hang_up()?;
    let end = seen(&scene.carol, Stage::Closed, PROMPT);
    scene.report.case(
        "diverted: the caller hangs up",
        "Connection reset by peer",
        end,
    );
    Ok(())
}

fn moved(scene: &mut Scene<'_>) -> Result<()> {
    scene.alice.dial(&uri(), MOVED)?;
    std::thread::sleep(Duration::from_secs(1));
    let messages = scene.alice.messages()?;
    let moved = messages
        .iter()
        .rfind(|message| message.first_line().starts_with("SIP/2.0 302"));
    let contact = moved.map_or("no 302".to_owned(), |message| {
        message.header("Contact").to_owned()
    });
    let expected = format!("<sip:{CAROL_NUMBER}@{CAROL}>;q=1.000");
    scene
        .report
        .case("told where to call: 302", &expected, contact);
    // A phone that follows has a call then; one that does not has none.
    let _ = scene.alice.hang_up();
    std::thread::sleep(Duration::from_millis(300));
    Ok(())
}

fn lost(scene: &mut Scene<'_>) -> Result<()> {
    scene.alice.dial(&uri(), LOST)?;
    let end = seen(&scene.alice, Stage::Closed, PROMPT);
    scene
        .report
        .case("diverted to nobody: the fallback", "603 Decline", end);
    Ok(())
}
