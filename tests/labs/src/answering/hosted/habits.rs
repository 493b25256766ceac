//! sipp's callers, each with a habit that a media host has to live with.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{ANNOUNCED, BOB_NUMBER, HELD, SBC, SBC_FOR_STRANGERS, Scene, address};
use crate::sipp::{self, Running, SippCall};

/// How long the longest takes: a transaction's 64*T1 behind the end of a call.
const LONGEST: Duration = Duration::from_secs(60);

/// A scenario, the listed caller, where it calls from and to, and its keyword.
const CALLERS: [(&str, &str, &str, &str, &str); 9] = [
    (
        "media-caller-hangs-up.xml",
        HELD,
        "198.18.0.1:5180",
        SBC,
        "1000",
    ),
    ("media-speaks.xml", HELD, "198.18.0.1:5181", SBC, "2000"),
    ("media-hold.xml", HELD, "198.18.0.1:5182", SBC, "1000"),
    ("media-repeated.xml", HELD, "198.18.0.1:5183", SBC, "1000"),
    ("media-lost-ack.xml", HELD, "198.18.0.1:5184", SBC, ""),
    (
        "media-cancel.xml",
        ANNOUNCED,
        "198.18.0.1:5185",
        SBC,
        "1000",
    ),
    ("media-required.xml", ANNOUNCED, "198.18.0.1:5188", SBC, ""),
    (
        "media-host-hangs-up.xml",
        ANNOUNCED,
        "198.18.2.1:5186",
        SBC_FOR_STRANGERS,
        "",
    ),
    (
        "media-lost-bye.xml",
        ANNOUNCED,
        "198.18.2.1:5187",
        SBC_FOR_STRANGERS,
        "",
    ),
];

/// All of them call.
pub(super) fn begin(scene: &Scene<'_>) -> Result<Vec<(&'static str, Running)>> {
    let mut running = Vec::new();
    for (scenario, number, from, to, milliseconds) in CALLERS {
        let source = address(from)?;
        let caller = format!("sip:{number}@{}", source.ip());
        let called = format!("sip:{BOB_NUMBER}@{to}");
        let call = SippCall {
            scenario,
            source,
            destination: address(to)?,
            transport: "u1",
            call_id: &format!("hosted-{}", source.port()),
            keywords: &[
                ("caller_uri", &caller),
                ("called_uri", &called),
                ("milliseconds", milliseconds),
            ],
        };
        running.push((scenario, sipp::start(scene.lab, &call)?));
    }
    Ok(running)
}

/// Each has come to its end as it should.
pub(super) fn end(scene: &mut Scene<'_>, running: Vec<(&'static str, Running)>) -> Result<()> {
    let deadline = Instant::now() + LONGEST;
    for (scenario, caller) in running {
        let done = caller.succeeds(deadline)?;
        scene
            .report
            .case(&format!("sipp: {scenario} comes to its end"), "true", done);
    }
    Ok(())
}
