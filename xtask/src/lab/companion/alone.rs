//! Without the program in the kernel: the proxy asks about every call, those by UDP too.

use anyhow::Result;

use super::kamailio::{Example, Kamailio};
use super::{DROPPED, LISTED, ONWARD, REFUSED, Row, Scene, TOLD, UNLISTED, WATCHED};

const ROWS: &[Row<'_>] = &[
    Row {
        name: "UDP, not listed",
        scenario: "proxied.xml",
        transport: "u1",
        number: UNLISTED,
        expected: ONWARD,
        logged: "nothing",
    },
    Row {
        name: "UDP, listed",
        scenario: "declined.xml",
        transport: "u1",
        number: LISTED,
        expected: REFUSED,
        logged: "companion refused 603",
    },
    Row {
        name: "UDP, listed to be dropped",
        scenario: "declined.xml",
        transport: "u1",
        number: DROPPED,
        expected: REFUSED,
        logged: "companion refused 603",
    },
    Row {
        name: "UDP, listed to be told",
        scenario: "declined-told.xml",
        transport: "u1",
        number: TOLD,
        expected: REFUSED,
        logged: "companion diverted 603",
    },
    Row {
        name: "UDP, watched",
        scenario: "proxied.xml",
        transport: "u1",
        number: WATCHED,
        expected: ONWARD,
        logged: "companion monitored",
    },
];

pub(super) fn run(scene: &mut Scene<'_>) -> Result<()> {
    scene.daemon.ask(&["detach"])?;
    for example in [Example::Redirect, Example::Http] {
        let kamailio = Kamailio::start(scene.lab, example)?;
        scene.calls(&format!("{}, detached", example.name()), ROWS)?;
        kamailio.end()?;
    }
    Ok(())
}
