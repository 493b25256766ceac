//! sipp's callers, each with a habit that a media host has to live with, on a phone that answers.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{ALICE_NUMBER, BOB, BOB_NUMBER, Scene, seen};
use crate::phone::{Answers, Stage};
use crate::sipp::{self, Running, SippCall};

/// How long the longest takes: a transaction's 64*T1 behind the end of a call.
const LONGEST: Duration = Duration::from_secs(50);

/// Callers that end by themselves, and how long each waits at each step.
const CALLERS: &[(&str, &str)] = &[
    ("media-caller-hangs-up.xml", "1000"),
    ("media-speaks.xml", "2000"),
    ("media-hold.xml", "1000"),
    ("media-repeated.xml", "1000"),
    ("media-lost-ack.xml", ""),
];

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    let mut running = Vec::new();
    for (name, port) in [
        ("media-host-hangs-up.xml", 5080),
        ("media-lost-bye.xml", 5081),
    ] {
        scene.bob.forget()?;
        scene.bob.has_number(BOB_NUMBER, Answers::AtOnce)?;
        let caller = start(scene, name, port, BOB, "")?;
        seen(&scene.bob, Stage::Established);
        scene.bob.hang_up()?;
        running.push((name, caller));
    }
    scene.bob.forget()?;
    scene.bob.has_number(BOB_NUMBER, Answers::AtOnce)?;
    for ((name, milliseconds), port) in CALLERS.iter().zip(5082..) {
        running.push((name, start(scene, name, port, BOB, milliseconds)?));
    }
    let deadline = Instant::now() + LONGEST;
    for (name, caller) in running {
        let seen = caller.succeeds(deadline)?;
        scene
            .report
            .case(&format!("sipp: {name} comes to its end"), "true", seen);
    }
    habits(scene)?;
    scene.report.case(
        "sipp: the digits of media-speaks.xml are heard",
        "1234#",
        scene.bob.digits(),
    );
    Ok(())
}

/// That the callers do what they are there for.
fn habits(scene: &mut Scene<'_>) -> Result<()> {
    let messages = scene.bob.messages()?;
    let count = |caller: &str, first: &str| {
        let of = messages
            .iter()
            .filter(|message| message.header("Call-ID").starts_with(caller));
        of.filter(|message| message.first_line().starts_with(first))
            .count()
    };
    for (caller, first, name, expected) in [
        (
            "media-lost-ack",
            "SIP/2.0 200 A",
            "answers without an ACK",
            11,
        ),
        ("media-lost-ack", "ACK", "ACK", 0),
        ("media-lost-bye", "BYE", "BYE without an answer", 11),
        ("media-lost-bye", "SIP/2.0 200 OK", "answers to it", 0),
        ("media-repeated", "INVITE", "INVITE", 4),
        ("media-hold", "INVITE", "INVITE", 3),
    ] {
        let name = format!("sipp: {caller}: {name}");
        let seen = count(caller, first);
        scene.report.case(&name, &expected.to_string(), seen);
    }
    Ok(())
}

/// Starts a call from one of the carrier's ports.
pub(super) fn start(
    scene: &Scene<'_>,
    name: &str,
    port: u16,
    to: &str,
    milliseconds: &str,
) -> Result<Running> {
    let called = format!("sip:{BOB_NUMBER}@{to}");
    let caller = format!("sip:{ALICE_NUMBER}@198.18.0.1");
    let call = SippCall {
        scenario: name,
        source: format!("198.18.0.1:{port}").parse()?,
        destination: to.parse()?,
        transport: "u1",
        call_id: &format!("{name}-{port}"),
        keywords: &[
            ("caller_uri", &caller),
            ("called_uri", &called),
            ("milliseconds", milliseconds),
        ],
    };
    sipp::start(scene.lab, &call)
}
